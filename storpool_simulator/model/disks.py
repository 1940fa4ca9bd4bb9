# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Disks as the cluster shows them."""

from collections.abc import Callable
from typing import Any

import msgspec

from storpool_common.api.disks import DiskDescUpdate
from storpool_common.api.disks import DiskSummary
from storpool_common.api.types import ApiOk
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.changes import done
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import ALLOCATION_GROUP
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.state import State


class Disks:
    """Calls about disks."""

    def __init__(
        self,
        state: State,
        *,
        capacity: Capacity,
        machines: Machines,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._capacity = capacity
        self._machines = machines
        self._clock = clock

    def disks_list(self) -> dict[int, DiskSummary]:
        """Every disk by its id."""
        space = self._capacity.of_disk()
        return {
            disk.id: self._summary(disk, space)
            for disk in self._state.all(Disk).values()
        }

    def disk_set_desc(self, disk_id: int, request: DiskDescUpdate) -> ApiOk:
        """Describe a disk."""
        disk = self._state.get(Disk, str(disk_id))
        self._state.put(
            msgspec.structs.replace(disk, description=request.description)
        )
        return done(self._state)

    def _summary(self, disk: Disk, space: Space) -> DiskSummary:
        """One disk; one that is down says little."""
        base: dict[str, Any] = {
            "id": disk.id,
            "server_id": disk.server,
            "generation_left": self._machines.left(disk),
            "description": disk.description,
            "model": "simulated",
            "serial": f"SIM{disk.id:04}",
            "soft_eject": disk.soft_eject,
            "ssd": True,
        }
        if self._machines.left(disk) >= 0:
            return DiskSummary(**base)
        return DiskSummary(**base, **self._details(disk, space))

    def _details(self, disk: Disk, space: Space) -> dict[str, Any]:
        groups = space.total // ALLOCATION_GROUP
        free = min(groups, space.free // ALLOCATION_GROUP)
        objects = space.total // OBJECT_SIZE
        objects_free = min(objects, space.free // OBJECT_SIZE)
        return {
            "device": f"/dev/simulated/{disk.id}",
            "empty": free == groups,
            "is_wbc": False,
            "journaled": False,
            "no_flush": False,
            "no_fua": False,
            "no_trim": False,
            "sectors_count": space.total // 512,
            "entries_allocated": objects - objects_free,
            "entries_count": objects,
            "entries_free": objects_free,
            "objects_allocated": objects - objects_free,
            "objects_count": objects,
            "objects_free": objects_free,
            "objects_on_disk_size": space.total - space.free,
            "ag_allocated": groups - free,
            "ag_count": groups,
            "ag_free": free,
            "ag_freeing": 0,
            "ag_full": groups - free,
            "ag_partial": 0,
        }
