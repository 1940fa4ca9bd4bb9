# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where the parts of volumes and snapshots are, and if they can be had."""

from typing import Any

from storpool_common.api.snapshots import Snapshot as SnapshotDescription
from storpool_common.api.snapshots import SnapshotInfo
from storpool_common.api.statuses import VolumeOrSnapshot
from storpool_common.api.statuses import VolumesAndSnapshotsList
from storpool_common.api.statuses import VolumeStatus
from storpool_common.api.statuses import VolumeStatusQuick
from storpool_common.api.volumes import Volume as VolumeDescription
from storpool_common.api.volumes import VolumeChainStat
from storpool_common.api.volumes import VolumeInfo
from storpool_simulator.model.attachments import describe
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.chains import counts
from storpool_simulator.model.chains import per_disk
from storpool_simulator.model.places import Places
from storpool_simulator.model.places import require_few
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import members
from storpool_simulator.model.summaries import objects_count


class Statuses:
    """Calls about places and states."""

    def __init__(
        self,
        state: State,
        *,
        places: Places,
        capacity: Capacity,
        snapshots: Snapshots,
    ) -> None:
        self._state = state
        self._places = places
        self._capacity = capacity
        self._snapshots = snapshots

    def volume_info(self, volume_name: str) -> VolumeInfo:
        """One volume, its objects counted by disk."""
        volume = self._state.volume(volume_name)
        return VolumeInfo(**self._members(volume), **self._info(volume))

    def snapshot_info(self, snapshot_name: str) -> SnapshotInfo:
        """One snapshot, its objects counted by disk."""
        snapshot = self._state.shown_snapshot(snapshot_name)
        return SnapshotInfo(**self._members(snapshot), **self._info(snapshot))

    def volume_describe(self, volume_name: str) -> VolumeDescription:
        """One volume, and where each of its objects lies."""
        volume = self._state.volume(volume_name)
        return VolumeDescription(
            **self._members(volume), **self._layout(volume)
        )

    def snapshot_describe(self, snapshot_name: str) -> SnapshotDescription:
        """One snapshot, and where each of its objects lies."""
        snapshot = self._state.shown_snapshot(snapshot_name)
        return SnapshotDescription(
            **self._members(snapshot), **self._layout(snapshot)
        )

    def _members(self, target: StoredObject) -> dict[str, Any]:
        if isinstance(target, Snapshot):
            return self._snapshots.members(target)
        return members(self._state, target)

    def _info(self, target: StoredObject) -> dict[str, Any]:
        count = objects_count(target)
        sets = self._places.sets(target.policy)
        stats = [
            VolumeChainStat(count=each, disks=disks)
            for disks, each in zip(sets, counts(sets, count), strict=True)
            if each
        ]
        on_disks = per_disk(sets, count)
        return {
            "disks_count": len(on_disks),
            "objects_per_chain": stats,
            "objects_per_disk": on_disks,
            "objects_per_disk_set": stats,
        }

    def _layout(self, target: StoredObject) -> dict[str, Any]:
        sets = self._places.sets(target.policy)
        count = objects_count(target) if sets else 0
        require_few(count, describe(target))
        return {
            "objects": [sets[each % len(sets)] for each in range(count)],
            "target_disk_sets": sets,
        }

    def volumes_quick_status(self) -> dict[str, VolumeStatusQuick]:
        """Whether each volume and snapshot is available."""
        states = self._places.states()
        return {
            each.shown_name: VolumeStatusQuick(
                **self._members(each), **states.of(each)
            )
            for each in self._state.objects.values()
        }

    def volumes_status(self) -> dict[str, VolumeStatus]:
        """The same with sizes."""
        states = self._places.states()
        return {
            each.shown_name: VolumeStatus(
                **self._members(each),
                **states.of(each),
                stored_size=self._capacity.stored(each),
                on_disk_size=self._capacity.on_disk(each),
            )
            for each in self._state.objects.values()
        }

    def volumes_and_snapshots_list(self) -> VolumesAndSnapshotsList:
        """Everything in one list."""
        return VolumesAndSnapshotsList(
            volumes=[
                VolumeOrSnapshot(
                    **self._members(each),
                    snapshot=isinstance(each, Snapshot),
                    stored_size=self._capacity.stored(each),
                )
                for each in self._state.objects.values()
            ]
        )
