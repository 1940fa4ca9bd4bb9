# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The disks of volumes and snapshots, and what it means that some are down."""

from typing import Any

from storpool_simulator.model.chains import counts
from storpool_simulator.model.chains import disk_sets
from storpool_simulator.model.chains import DiskSet
from storpool_simulator.model.chains import per_disk
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import objects_count
from storpool_simulator.refusal import insufficient

#: Parts that an answer names, one by one: those of a volume of 32 TiB.
MOST_PARTS = 1 << 20
#: Policy, bytes, abandoned disks: all that the state of an object hangs on.
_Placed = tuple[Policy, int, tuple[int, ...]]


def require_few(parts: int, what: str) -> None:
    """Refuse to name parts, one by one, that no answer has room for."""
    if parts > MOST_PARTS:
        raise insufficient(
            f"{what} has {parts} parts of 32 MiB, and the simulator names no"
            f" more than {MOST_PARTS} in an answer"
        )


class Places:
    """Disk sets by policy."""

    def __init__(self, state: State, machines: Machines) -> None:
        self._state = state
        self.machines = machines

    def sets(self, policy: Policy) -> list[DiskSet]:
        """The disk sets that copies lie on."""
        group = self._state.all(Group).get(policy.place_all or "")
        disks = group.disks if group is not None else ()
        return disk_sets(
            [
                (disk.id, disk.server)
                for disk in map(self.machines.disk, disks)
                if not disk.drained
            ],
            policy.replication or 1,
        )

    def parts_on(self, target: StoredObject, disk: int) -> list[int]:
        """Which parts of an object have a copy on a disk."""
        sets = self.sets(target.policy)
        return [
            part
            for part in range(objects_count(target) if sets else 0)
            if disk in sets[part % len(sets)]
        ]

    def count_on(self, target: StoredObject, disk: int) -> int:
        """How many parts of an object have a copy on a disk."""
        sets = self.sets(target.policy)
        return per_disk(sets, objects_count(target)).get(disk, 0)

    def soft_ejecting(self) -> set[int]:
        """The disks that are being emptied."""
        return {
            disk.id
            for disk in self._state.all(Disk).values()
            if disk.soft_eject == "on"
        }

    def states(self) -> "States":
        """To ask about many objects, as the disks are now."""
        return States(self)


class States:
    """The states of objects; what is placed alike is looked at once."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._ejecting = places.soft_ejecting()
        self._known: dict[Policy, list[tuple[DiskSet, list[int]]]] = {}
        self._alike: dict[_Placed, dict[str, Any]] = {}

    def _sets(self, policy: Policy) -> list[tuple[DiskSet, list[int]]]:
        if policy not in self._known:
            self._known[policy] = [
                (disks, self._places.machines.down(disks))
                for disks in self._places.sets(policy)
            ]
        return self._known[policy]

    def of(self, target: StoredObject) -> dict[str, Any]:
        """What the two calls about states have in common."""
        placed = (target.policy, target.size, target.abandoned)
        if placed not in self._alike:
            self._alike[placed] = self._look(target)
        snapshot = isinstance(target, Snapshot)
        return self._alike[placed] | {"snapshot": snapshot}

    def _look(self, target: StoredObject) -> dict[str, Any]:
        sets = self._sets(target.policy)
        shares = counts([disks for disks, _ in sets], objects_count(target))
        gone: set[int] = set()
        ejecting: set[int] = set()
        parts_down, lost = 0, False
        for (disks, missing), count in zip(sets, shares, strict=True):
            if not count:
                continue
            gone.update(missing)
            ejecting.update(self._ejecting.intersection(disks))
            if len(missing) == len(disks):
                parts_down += count
                lost = lost or set(missing) <= set(target.abandoned)
        down = gone - set(target.abandoned)
        return {
            "status": _status(parts_down, lost),
            "balancer_blocked": bool(gone),
            "decreased_redundancy": bool(gone),
            "migrating": bool(ejecting),
            "down_bytes": min(parts_down * OBJECT_SIZE, target.size),
            "down_drives": sorted(down),
            "missing_drives": sorted(gone),
            "missing_target_drives": sorted(gone),
            "soft_ejecting_drives": sorted(ejecting),
            "syncing_data_bytes": 0,
            "syncing_meta_objects": 0,
            "up_soon_chains_count": 0,
        }


def _status(parts_down: int, lost: bool) -> str:
    if lost:
        return "data lost"
    return "down" if parts_down else "up"
