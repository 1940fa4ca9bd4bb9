# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What this cluster lets others see."""

from storpool_common.api import exports as api
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.remote import Remotes
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.state import State
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Exports:
    """Calls about exports."""

    def __init__(self, state: State, remotes: Remotes) -> None:
        self._state = state
        self._remotes = remotes

    def exports_list(self) -> api.ExportsList:
        """Snapshots that are exported."""
        return self._list(snapshots=True)

    def volume_exports_list(self) -> api.ExportsList:
        """Volumes that are exported."""
        return self._list(snapshots=False)

    def _list(self, *, snapshots: bool) -> api.ExportsList:
        return api.ExportsList(
            exports=[
                self._shown(each)
                for each in self._state.all(Export).values()
                if self._is_snapshot(each) == snapshots
            ]
        )

    def _is_snapshot(self, export: Export) -> bool:
        return isinstance(self._state.objects[export.global_id], Snapshot)

    def _shown(self, export: Export) -> api.Export:
        target = self._state.objects[export.global_id]
        location = export.target.partition(".")[0]
        return api.Export(
            global_id=target.global_id,
            location=self._remotes.location_name(location),
            snapshot=target.shown_name,
            backing_up=False,
            visible_volume_id=target.number,
            volume_id=target.number,
        )

    def snapshot_export(self, request: api.SnapshotExportDesc) -> ApiOk:
        """Let a location see a snapshot."""
        snapshot = self._state.snapshot(request.snapshot)
        location = self._remotes.location(request.location)
        self._export(snapshot.global_id, location.id, request.location)
        return done(self._state)

    def volume_export(
        self, volume_name: str, request: api.VolumeExportDesc
    ) -> ApiOk:
        """Let a cluster see a volume."""
        volume = self._state.volume(volume_name)
        cluster = self._remotes.cluster(request.cluster, request.cluster_id)
        self._export(volume.global_id, cluster.key, cluster.name)
        return done(self._state)

    def _export(self, global_id: str, target: str, name: str) -> None:
        export = Export(global_id=global_id, target=target)
        if export.key in self._state.all(Export):
            raise exists(f"export to '{name}' of", f"~{global_id}")
        self._state.put(export)

    def snapshot_unexport(self, request: api.SnapshotUnexportDesc) -> ApiOk:
        """Let locations not see a snapshot any more."""
        snapshot = self._state.snapshot(request.snapshot)
        if bool(request.all) == (request.location is not None):
            raise invalid("give either location or all")
        wanted = None
        if request.location is not None:
            wanted = self._remotes.location(request.location).id
        ended = [
            each
            for each in self._state.all(Export).values()
            if each.global_id == snapshot.global_id
            and wanted in (None, each.target)
        ]
        if not ended:
            raise missing("export of snapshot", request.snapshot)
        for export in ended:
            self._state.remove(export)
        return done(self._state)
