# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How much room there is, and what each object takes of it.

The pool keeps every byte once and shows it as :data:`COPIES` copies, spread
evenly over the disks. So a template of three copies on all disks has the
capacity of the pool, and what the disks say in sum is three times that.
"""

import dataclasses
from typing import Protocol

from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.refusal import insufficient

#: Copies that the pool's bytes are shown as.
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

    def __init__(self, state: State, usage: Usage) -> None:
        self._state = state
        self._usage = usage

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
        return self._usage.space().scaled(COPIES, disks)

    def of_group(self, name: str | None) -> Space:
        """The raw room of a placement group."""
        group = self._state.all(Group).get(name or "")
        disks = len(group.disks) if group is not None else 0
        return self.of_disk().scaled(disks, 1)

    def client_data(self, name: str | None) -> Space:
        """The room of a placement group, as bytes of client data."""
        return self.of_group(name).scaled(1, COPIES)

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
