# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Backups in another location: all of one that was asked for, or nothing."""

from collections.abc import Callable
from collections.abc import Mapping
import contextlib
from typing import Any

from storpool_common import api
from storpool_common.api import moves
from storpool_simulator.cluster import Cluster
from storpool_simulator.crossing import Crossing
from storpool_simulator.model.crossings import Wish
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.refusal import Refusal

_Taken = list[api.snapshots.GroupSnapshotResult]


class Backups:
    """Snapshots that are taken here and copied at the other end."""

    def __init__(self, cluster: Cluster, crossing: Crossing) -> None:
        self._cluster = cluster
        self._crossing = crossing

    @property
    def calls(self) -> Mapping[str, Callable[..., Any]]:
        """A function for each call that is answered here, by its name."""
        return {
            "volume_backup": self.volume_backup,
            "volumes_group_backup": self.volumes_group_backup,
        }

    def volume_backup(
        self, request: moves.VolumeBackupDesc
    ) -> moves.ApiOkVolumeBackup:
        """Take a snapshot and have it copied at the other end."""
        (taken,) = self._back_up(
            request.location, [request.volume], request.tags
        )
        return moves.ApiOkVolumeBackup(
            ok=True,
            generation=self._crossing.ok().generation,
            auto_name=_named(taken.snapshot),
            remote_id=taken.snapshot_global_id,
        )

    def volumes_group_backup(
        self, request: moves.VolumesGroupBackupDesc
    ) -> moves.ApiOkVolumesGroupBackup:
        """The same for several volumes at one instant."""
        taken = self._back_up(request.location, request.volumes, request.tags)
        return moves.ApiOkVolumesGroupBackup(
            ok=True,
            generation=self._crossing.ok().generation,
            backups={
                each.volume: moves.VolumesGroupBackupSingle(
                    remote_id=each.snapshot_global_id,
                    snapshot_global_id=each.snapshot_global_id,
                )
                for each in taken
            },
        )

    def _back_up(
        self, location: str, volumes: list[str], tags: dict[str, str] | None
    ) -> _Taken:
        bridge = self._crossing.bridge_to(location)
        taken = self._take(volumes, tags)
        copied: list[str] = []
        try:
            for each in taken:
                self._crossing.export(each.snapshot_global_id, bridge.location)
            for each in taken:
                self._copy(bridge, each.snapshot_global_id)
                copied.append(each.snapshot_global_id)
        except Refusal:
            self._take_back(bridge, taken, copied)
            raise
        return taken

    def _take(self, volumes: list[str], tags: dict[str, str] | None) -> _Taken:
        spec = api.snapshots.GroupSnapshotsSpec(
            volumes=[
                api.snapshots.GroupSnapshotSpec(volume=each)
                for each in volumes
            ],
            tags=tags,
        )
        answer = self._cluster.steer(
            lambda model: model.calls["snapshot_create_group"](request=spec)
        )
        taken: _Taken = answer.snapshots
        return taken

    def _copy(self, bridge: Bridge, global_id: str) -> None:
        self._crossing.ask(
            bridge,
            "copy",
            {"global_id": global_id, "wish": Wish(backup=True)},
            object,
        )

    def _take_back(
        self, bridge: Bridge, taken: _Taken, copied: list[str]
    ) -> None:
        """Leave nothing of a backup that failed, as far as it can be had."""
        for global_id in copied:
            with contextlib.suppress(Refusal):
                self._forget_there(bridge, global_id)
        ids = [each.snapshot_global_id for each in taken]
        self._cluster.steer(lambda model: model.crossings.take_back(ids))

    def _forget_there(self, bridge: Bridge, global_id: str) -> None:
        path = f"{api.URL_PREFIX}SnapshotDeleteById/{global_id}"
        self._crossing.ask(
            bridge, "command", {"method": "POST", "path": path}, object
        )


def _named(name: str | None) -> str | None:
    return None if name is None or name.startswith("~") else name
