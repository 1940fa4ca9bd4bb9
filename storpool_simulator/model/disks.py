# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Disks as the cluster shows them."""

from collections.abc import Callable
from typing import Any

import msgspec

from storpool_common.api.disks import Disk as DiskDescription
from storpool_common.api.disks import DiskDescUpdate
from storpool_common.api.disks import DiskInfo
from storpool_common.api.disks import DiskObject
from storpool_common.api.disks import DiskSummary
from storpool_common.api.disks import DiskVolumeInfo
from storpool_common.api.types import ApiOk
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.changes import done
from storpool_simulator.model.diskwork import current
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.places import Places
from storpool_simulator.model.places import require_few
from storpool_simulator.model.records import ALLOCATION_GROUP
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import objects_count
from storpool_simulator.refusal import missing

#: The state of an object that is as it should be.
_OK = 1


class Disks:
    """Calls about disks."""

    def __init__(
        self,
        state: State,
        *,
        capacity: Capacity,
        machines: Machines,
        places: Places,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._capacity = capacity
        self._machines = machines
        self._places = places
        self._clock = clock

    def disks_list(self) -> dict[int, DiskSummary]:
        """Every disk by its id."""
        space = self._capacity.of_disk()
        return {
            disk.id: self._summary(disk, space)
            for disk in self._machines.disks()
        }

    def server_disks_list(self, server_id: int) -> dict[int, DiskSummary]:
        """The disks of a server by their ids."""
        self._machines.require_server(server_id)
        space = self._capacity.of_disk()
        return {
            disk.id: self._summary(disk, space)
            for disk in self._machines.disks()
            if disk.server == server_id
        }

    def disk_describe(self, disk_id: int) -> DiskDescription:
        """One disk and every object on it."""
        disk = self._machines.disk(disk_id)
        self._machines.require_up(disk)
        members = self._members(disk, self._capacity.of_disk())
        return DiskDescription(**members, objects=self._objects(disk_id))

    def server_disk_describe(
        self, server_id: int, disk_id: int
    ) -> DiskDescription:
        """The same for a disk of a server."""
        if self._machines.disk(disk_id).server != server_id:
            raise missing(f"disk of server {server_id}", str(disk_id))
        return self.disk_describe(disk_id)

    def _objects(self, disk: int) -> dict[int, DiskObject]:
        found: dict[int, DiskObject] = {}
        everything = self._state.objects.values()
        count = sum(self._places.count_on(each, disk) for each in everything)
        require_few(count, f"disk {disk}")
        for target in everything:
            parts = self._places.parts_on(target, disk)
            stored = self._share(target)
            for part in parts:
                found[len(found)] = DiskObject(
                    generation=self._state.cluster.generation,
                    on_disk_size=stored,
                    stored_size=stored,
                    parent_volume=self._state.shown_name(target.parent),
                    state=_OK,
                    version=1,
                    volume=target.shown_name,
                    object_id=part,
                    volume_id=target.number,
                )
        return found

    def _share(self, target: StoredObject) -> int:
        """Bytes of each part of an object, if they are all alike."""
        return self._capacity.stored(target) // objects_count(target)

    def disk_info(self, disk_id: int) -> DiskInfo:
        """One disk and the volumes on it."""
        disk = self._machines.disk(disk_id)
        self._machines.require_up(disk)
        volumes: dict[str, DiskVolumeInfo] = {}
        for target in self._state.objects.values():
            parts = self._places.count_on(target, disk_id)
            stored = parts * self._share(target)
            if parts:
                volumes[target.shown_name] = DiskVolumeInfo(
                    name=target.shown_name,
                    object_states={_OK: parts},
                    objects_count=parts,
                    on_disk_size=stored,
                    stored_size=stored,
                )
        counts = sum(each.objects_count for each in volumes.values())
        return DiskInfo(
            **self._members(disk, self._capacity.of_disk()),
            object_states={_OK: counts},
            volume_infos=volumes,
        )

    def disk_set_desc(self, disk_id: int, request: DiskDescUpdate) -> ApiOk:
        """Describe a disk."""
        disk = self._machines.disk(disk_id)
        self._state.put(
            msgspec.structs.replace(disk, description=request.description)
        )
        return done(self._state)

    def _summary(self, disk: Disk, space: Space) -> DiskSummary:
        return DiskSummary(**self._members(disk, space))

    def _members(self, disk: Disk, space: Space) -> dict[str, Any]:
        """What is said of a disk; one that is down says little."""
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
            return base
        return base | self._details(disk, space) | self._scrub(disk)

    def _scrub(self, disk: Disk) -> dict[str, Any]:
        now = self._clock()
        scrub = current(disk, now)
        under_way = scrub.scrub_ends > 0
        return {
            "last_scrub_completed": int(scrub.scrubbed),
            "scrubbed_bytes": 0,
            "scrubbing_bw": 0,
            "scrubbing_finish_after": int(scrub.scrub_ends - now)
            if under_way
            else 0,
            "scrubbing_paused": scrub.scrub_left > 0,
            "scrubbing_paused_for": 0,
            "scrubbing_started_before": 0,
        }

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
