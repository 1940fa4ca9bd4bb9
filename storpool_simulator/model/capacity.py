# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How much room there is, and what each object takes of it.

The pool keeps every byte once. The cluster shows it as often as the volume
that has it says, spread evenly over disks that have room for :data:`COPIES`
copies of the whole pool. So what the disks say is taken is the sum over
volumes and snapshots of their bytes times their copies, and a template on all
disks has the capacity of the pool.
"""

import dataclasses
from typing import Protocol

from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.refusal import insufficient

#: Copies of the whole pool that the disks have room for.
COPIES = 3


@dataclasses.dataclass(frozen=True)
class Space:
    """Bytes in all and bytes not taken."""

    total: int
    free: int

    def scaled(self, numerator: int, denominator: int) -> "Space":
        """The same relation for another amount."""
        return Space(
            self.total * numerator // denominator,
            self.free * numerator // denominator,
        )


class Usage(Protocol):
    """Who knows how many bytes are really stored: a data plane."""

    def space(self) -> Space:
        """The room of the pool, in bytes of client data."""
        ...

    def stored(self, target: StoredObject, parent: StoredObject | None) -> int:
        """Bytes that an object keeps beyond what its parent keeps."""
        ...


class Capacity:
    """The room as disks, placement groups and objects see it."""

    def __init__(self, state: State, usage: Usage, machines: Machines) -> None:
        self._state = state
        self._usage = usage
        self._machines = machines

    def require_room(self, doing: str) -> None:
        """Refuse when the pool is full: not one object more fits."""
        free = self._usage.space().free
        if free < OBJECT_SIZE:
            raise insufficient(
                f"cannot {doing}: the pool is full ({free} bytes are free)"
            )

    def of_disk(self) -> Space:
        """The raw room of one disk."""
        disks = len(self._state.all(Disk))
        return self._raw().scaled(1, disks) if disks else Space(0, 0)

    def _raw(self) -> Space:
        """The room of all disks, copies counted."""
        space = self._usage.space()
        total, taken = space.total * COPIES, space.total - space.free
        return Space(
            total, max(0, total - taken * COPIES + self._spared_copies())
        )

    def _spared_copies(self) -> int:
        """Bytes that are not taken because not everything has all copies."""
        spared = 0
        for policy, members in self._state.indexes.policies():
            fewer = COPIES - (policy.replication or COPIES)
            if not fewer:
                continue
            objects = [self._state.objects[each] for each in members]
            spared += fewer * sum(self.stored(each) for each in objects)
        return spared

    def of_group(self, name: str | None) -> Space:
        """The raw room of a placement group: of its disks that are up."""
        return self.of_disk().scaled(self._up(name), 1)

    def _up(self, name: str | None) -> int:
        group = self._state.all(Group).get(name or "")
        disks = group.disks if group is not None else ()
        return len(disks) - len(self._machines.down(disks))

    def client_data(self, name: str | None) -> Space:
        """The room of a placement group, as bytes of client data.

        However few copies there are of a byte, the pool keeps it once.
        """
        disks = len(self._state.all(Disk))
        if not disks:
            return Space(0, 0)
        return self._usage.space().scaled(self._up(name), disks)

    def stored(self, target: StoredObject) -> int:
        """Bytes of an object's own data."""
        parent = self._state.objects.get(target.parent)
        return self._usage.stored(target, parent)

    def stored_with_parents(self, target: StoredObject) -> int:
        """Bytes of an object's data, that of its parents included."""
        total = 0
        current: StoredObject | None = target
        while current is not None:
            total += self.stored(current)
            current = self._state.objects.get(current.parent)
        return total

    def on_disk(self, target: StoredObject) -> int:
        """Bytes of an object's own data, copies counted."""
        return self.stored(target) * (target.policy.replication or COPIES)
