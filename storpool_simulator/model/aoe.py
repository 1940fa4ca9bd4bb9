# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""ATA over Ethernet, as old servers have it: recorded, served by nobody."""

from storpool_common.api.aoe import AoeExport as AoeExportAnswer
from storpool_common.api.aoe import AoeTargetActiveRequests
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.records import AoeExport
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import missing


class Aoe:
    """Calls about exports; there are no targets that would serve them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def aoe_status(self) -> list[AoeExportAnswer]:
        """Every export, by no target."""
        exported = (
            self._state.objects[each.global_id]
            for each in self._state.all(AoeExport).values()
            if each.global_id in self._state.objects
        )
        return [
            AoeExportAnswer(
                name=target.shown_name,
                snapshot=isinstance(target, Snapshot),
                aoe_id=f"0.{target.number}",
                target=None,
                status="down",
            )
            for target in exported
        ]

    def aoe_export_volume(self, volume_name: str) -> ApiOk:
        """Export a volume."""
        return self._export(self._state.volume(volume_name))

    def aoe_export_snapshot(self, snapshot_name: str) -> ApiOk:
        """Export a snapshot."""
        return self._export(self._state.snapshot(snapshot_name))

    def _export(self, target: StoredObject) -> ApiOk:
        if target.global_id in self._state.all(AoeExport):
            raise exists("AoE export of", target.shown_name)
        self._state.put(AoeExport(global_id=target.global_id))
        return done(self._state)

    def aoe_unexport_volume(self, volume_name: str) -> ApiOk:
        """Stop exporting a volume."""
        return self._unexport(self._state.volume(volume_name))

    def aoe_unexport_snapshot(self, snapshot_name: str) -> ApiOk:
        """Stop exporting a snapshot."""
        return self._unexport(self._state.snapshot(snapshot_name))

    def _unexport(self, target: StoredObject) -> ApiOk:
        export = self._state.all(AoeExport).get(target.global_id)
        if export is None:
            raise missing("AoE export of", target.shown_name)
        self._state.remove(export)
        return done(self._state)

    def aoe_target_active_requests(
        self, aoe_target_id: int
    ) -> AoeTargetActiveRequests:
        """There is no target that could be asked."""
        raise missing("AoE target", str(aoe_target_id))
