# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Parents of volumes and snapshots: listed, changed."""

import msgspec

from storpool_common.api.snapshots import SnapshotSummary
from storpool_common.api.types import ApiOk
from storpool_common.api.volumes import AbandonDiskDesc
from storpool_common.api.volumes import VolumeRebaseDesc
from storpool_simulator.model.attachments import describe
from storpool_simulator.model.changes import done
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import Absorb
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Ancestry:
    """Calls about parents, and about disks that are given up."""

    def __init__(
        self,
        state: State,
        *,
        snapshots: Snapshots,
        lifetime: Lifetime,
        machines: Machines,
    ) -> None:
        self._state = state
        self._snapshots = snapshots
        self._lifetime = lifetime
        self._machines = machines

    def volume_list_snapshots(self, volume_name: str) -> list[SnapshotSummary]:
        """The parents of a volume, from the nearest on."""
        volume = self._state.volume(volume_name)
        return [
            SnapshotSummary(**self._snapshots.members(each))
            for each in self._ancestors(volume)
        ]

    def _ancestors(self, target: StoredObject) -> list[Snapshot]:
        found: list[Snapshot] = []
        current = self._state.objects.get(target.parent)
        while isinstance(current, Snapshot):
            found.append(current)
            current = self._state.objects.get(current.parent)
        return found

    def volume_rebase(
        self, volume_name: str, request: VolumeRebaseDesc
    ) -> ApiOk:
        """Give a volume a parent further up, or none."""
        return self._rebase(self._state.volume(volume_name), request)

    def snapshot_rebase(
        self, snapshot_name: str, request: VolumeRebaseDesc
    ) -> ApiOk:
        """Give a snapshot a parent further up, or none."""
        return self._rebase(self._state.snapshot(snapshot_name), request)

    def _rebase(
        self, target: StoredObject, request: VolumeRebaseDesc
    ) -> ApiOk:
        ancestors = self._ancestors(target)
        parent, passed = "", len(ancestors)
        if request.parent_name is not None:
            wanted = self._state.snapshot(request.parent_name)
            if wanted not in ancestors:
                raise invalid(
                    f"{describe(wanted)} is not an ancestor of"
                    f" {describe(target)}"
                )
            parent, passed = wanted.global_id, ancestors.index(wanted)
        if not passed:
            return done(self._state)
        rebased = msgspec.structs.replace(target, parent=parent)
        self._state.put(rebased)
        self._state.require(Absorb(rebased, tuple(ancestors[:passed])))
        self._lifetime.drop_unneeded(target.parent)
        return done(self._state)

    def volume_abandon_disk(
        self, volume_name: str, request: AbandonDiskDesc
    ) -> ApiOk:
        """Go on without what a disk has; a snapshot's name goes as well."""
        target = self._state.find(volume_name)
        if target is None:
            raise missing("volume", volume_name)
        return self._abandon(target, request.disk_id)

    def snapshot_abandon_disk(
        self, snapshot_name: str, request: AbandonDiskDesc
    ) -> ApiOk:
        """The same for a snapshot."""
        return self._abandon(
            self._state.snapshot(snapshot_name), request.disk_id
        )

    def _abandon(self, target: StoredObject, disk: int) -> ApiOk:
        if self._machines.is_up(disk):
            raise invalid(
                f"disk {disk} is up: what {describe(target)} has on it cannot"
                " be abandoned"
            )
        self._machines.disk(disk)
        abandoned = tuple(sorted({*target.abandoned, disk}))
        self._state.put(msgspec.structs.replace(target, abandoned=abandoned))
        return done(self._state)

    def snapshot_delete_by_id(self, global_volume_id: str) -> ApiOk:
        """Delete a snapshot by its bare global id."""
        return self._snapshots.snapshot_delete(f"~{global_volume_id}")
