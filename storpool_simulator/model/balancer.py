# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The balancer, which never finds anything to move, and the relocator.

Data here lies evenly from the start, so a run of the balancer always ends
with nothing to do. What the relocator moves is what lies on disks that are
being emptied.
"""

from collections.abc import Iterable
from typing import Any

from storpool_common.api.balancer import DiskTarget
from storpool_common.api.balancer import TargetDesc
from storpool_common.api.balancer import VolumeBalancerAllocationGroup
from storpool_common.api.balancer import VolumeBalancerCommand
from storpool_common.api.balancer import VolumeBalancerSlot
from storpool_common.api.balancer import VolumeBalancerStatus
from storpool_common.api.balancer import VolumeBalancerVolumeDiskSets
from storpool_common.api.balancer import VolumeBalancerVolumeStatus
from storpool_common.api.balancer import VolumeRelocatorStatus
from storpool_common.api.types import ApiOk
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.chains import per_disk
from storpool_simulator.model.changes import done
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.places import Places
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import objects_count
from storpool_simulator.refusal import invalid


class Balancer:
    """Calls about where data is to be."""

    def __init__(
        self,
        state: State,
        *,
        machines: Machines,
        places: Places,
        capacity: Capacity,
    ) -> None:
        self._state = state
        self._machines = machines
        self._places = places
        self._capacity = capacity

    def volume_relocator_status(self) -> VolumeRelocatorStatus:
        """How many objects have data on disks that are being emptied."""
        states = self._places.states()
        moving = sum(
            states.of(each)["migrating"]
            for each in self._state.objects.values()
        )
        return VolumeRelocatorStatus(
            status="on", volumes_to_relocate=moving, recovering_from_remote=0
        )

    def volume_relocator_disks(self) -> dict[int, DiskTarget]:
        """Every disk."""
        return self._targets(self._state.objects.values())

    def volume_relocator_volume_disks(
        self, volume_name: str
    ) -> dict[int, DiskTarget]:
        """Every disk, as far as a volume is concerned."""
        return self._targets([self._state.volume(volume_name)])

    def volume_relocator_snapshot_disks(
        self, snapshot_name: str
    ) -> dict[int, DiskTarget]:
        """Every disk, as far as a snapshot is concerned."""
        return self._targets([self._state.shown_snapshot(snapshot_name)])

    def volume_balancer_disks(self) -> dict[int, DiskTarget]:
        """What the relocator would do: the balancer adds nothing."""
        return self.volume_relocator_disks()

    def volume_balancer_volume_disks(
        self, volume_name: str
    ) -> dict[int, DiskTarget]:
        """The same of a volume."""
        return self.volume_relocator_volume_disks(volume_name)

    def volume_balancer_snapshot_disks(
        self, snapshot_name: str
    ) -> dict[int, DiskTarget]:
        """The same of a snapshot."""
        return self.volume_relocator_snapshot_disks(snapshot_name)

    def _targets(
        self, objects: Iterable[StoredObject]
    ) -> dict[int, DiskTarget]:
        counts: dict[int, int] = {}
        stored: dict[int, int] = {}
        for each in objects:
            parts = objects_count(each)
            share = self._capacity.stored(each) // parts
            sets = self._places.sets(each.policy)
            for disk, count in per_disk(sets, parts).items():
                counts[disk] = counts.get(disk, 0) + count
                stored[disk] = stored.get(disk, 0) + count * share
        return {
            disk.id: self._target(
                disk, counts.get(disk.id, 0), stored.get(disk.id, 0)
            )
            for disk in self._machines.disks()
        }

    def _target(self, disk: Disk, count: int, stored: int) -> DiskTarget:
        left = self._machines.left(disk)
        if left >= 0:
            return DiskTarget(
                id=disk.id, server_id=disk.server, generation_left=left
            )
        leaving = disk.soft_eject == "on"
        return DiskTarget(
            id=disk.id,
            server_id=disk.server,
            generation_left=-1,
            objects_count=count,
            objects_allocated=_moved(count, leaving),
            on_disk_size=_moved(stored, leaving),
            stored_size=_moved(stored, leaving),
        )

    def volume_balancer_get_status(self) -> VolumeBalancerStatus:
        """It never has anything to do."""
        return VolumeBalancerStatus(auto=False, status="nothing to do")

    def volume_balancer_set_status(
        self, request: VolumeBalancerCommand
    ) -> ApiOk:
        """Start or stop it; there is never anything to commit."""
        if request.cmd == "commit":
            raise invalid("the balancer has nothing to commit")
        return done(self._state)

    def volume_balancer_volumes_status(
        self,
    ) -> list[VolumeBalancerVolumeStatus]:
        """No object would be moved."""
        states = self._places.states()
        return [
            VolumeBalancerVolumeStatus(
                **_described(each), blocked=states.of(each)["balancer_blocked"]
            )
            for each in self._state.objects.values()
        ]

    def volume_balancer_volume_disk_sets(
        self, volume_name: str
    ) -> VolumeBalancerVolumeDiskSets:
        """The disk sets of a volume, which stay."""
        return self._sets(self._state.volume(volume_name))

    def volume_balancer_snapshot_disk_sets(
        self, snapshot_name: str
    ) -> VolumeBalancerVolumeDiskSets:
        """The disk sets of a snapshot, which stay."""
        return self._sets(self._state.shown_snapshot(snapshot_name))

    def _sets(self, target: StoredObject) -> VolumeBalancerVolumeDiskSets:
        sets = self._places.sets(target.policy)
        states = self._places.states()
        return VolumeBalancerVolumeDiskSets(
            **_described(target),
            blocked=states.of(target)["balancer_blocked"],
            current_disk_sets=sets,
            balancer_disk_sets=sets,
        )

    def volume_balancer_groups(self) -> list[VolumeBalancerAllocationGroup]:
        """Trees of parents and children; only for API 16.01."""
        return [
            self._group(each)
            for each in self._state.objects.values()
            if not each.parent
        ]

    def _group(self, root: StoredObject) -> VolumeBalancerAllocationGroup:
        everything = [root]
        for each in everything:
            everything.extend(self._state.children(each.global_id))
        stored = sum(self._capacity.stored(each) for each in everything)
        count = sum(objects_count(each) for each in everything)
        return VolumeBalancerAllocationGroup(
            place_all=root.policy.place_all or "",
            place_tail=root.policy.place_tail or "",
            replication=root.policy.replication or 1,
            feasible=True,
            blocked=self._places.states().of(root)["balancer_blocked"],
            size=sum(each.size for each in everything),
            stored_size=stored,
            objects_count=count,
            root=root.shown_name,
            volumes=[each.shown_name for each in everything],
            target_disk_sets=self._places.sets(root.policy),
            slots=[
                VolumeBalancerSlot(stored_size=stored, objects_count=count)
            ],
        )


def _moved(amount: int, leaving: bool) -> TargetDesc:
    target = 0 if leaving else amount
    return TargetDesc(
        current=amount, target=target, delta=target - amount, to_recover=0
    )


def _described(target: StoredObject) -> dict[str, Any]:
    policy = target.policy
    return {
        "name": target.shown_name,
        "objects_count": objects_count(target),
        "place_all": policy.place_all,
        "place_head": policy.place_head,
        "place_tail": policy.place_tail,
        "reallocated": False,
        "replication": policy.replication,
        "size": target.size,
        "snapshot": isinstance(target, Snapshot),
    }
