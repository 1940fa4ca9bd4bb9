# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is done to disks: taken out, given up, emptied, checked."""

from collections.abc import Callable
from typing import Any

import msgspec

from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import invalid


def current(disk: Disk, now: float) -> Disk:
    """A disk whose check is over if its time is."""
    if not disk.scrub_ends or disk.scrub_ends > now:
        return disk
    return msgspec.structs.replace(
        disk, scrub_ends=0.0, scrubbed=disk.scrub_ends
    )


class DiskWork:
    """Calls that change disks."""

    def __init__(
        self,
        state: State,
        *,
        machines: Machines,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._machines = machines
        self._rules = rules
        self._clock = clock

    def _up(self, number: int) -> Disk:
        disk = self._machines.disk(number)
        self._machines.require_up(disk)
        return disk

    def _down(self, number: int) -> Disk:
        disk = self._machines.disk(number)
        self._machines.require_down(disk)
        return disk

    def _put(self, disk: Disk, **members: Any) -> ApiOk:
        self._state.put(msgspec.structs.replace(disk, **members))
        return done(self._state)

    def disk_eject(self, disk_id: int) -> ApiOk:
        """Take a disk out at once."""
        self._machines.take_out(self._up(disk_id))
        return done(self._state)

    def disk_forget(self, disk_id: int) -> ApiOk:
        """Give a missing disk up; its groups go on without it."""
        disk = self._down(disk_id)
        for group in list(self._state.all(Group).values()):
            if disk_id in group.disks:
                kept = tuple(each for each in group.disks if each != disk_id)
                self._state.put(msgspec.structs.replace(group, disks=kept))
        return self._put(disk, forgotten=True)

    def disk_ignore(self, disk_id: int) -> ApiOk:
        """Do not wait for a missing disk."""
        return self._put(self._down(disk_id), ignored=True)

    def disk_soft_eject(self, disk_id: int) -> ApiOk:
        """Empty a disk, then take it out; goes on with one that paused."""
        disk = self._up(disk_id)
        if disk.soft_eject == "on":
            return done(self._state)
        seconds = disk.drain_left or self._rules.now.soft_eject_seconds
        return self._put(
            disk,
            soft_eject="on",
            drained_at=self._clock() + seconds,
            drain_left=0.0,
        )

    def disk_soft_eject_pause(self, disk_id: int) -> ApiOk:
        """Stop emptying a disk for now."""
        disk = self._up(disk_id)
        if disk.soft_eject != "on":
            raise invalid(f"disk {disk_id} is not being emptied")
        return self._put(
            disk,
            soft_eject="paused",
            drained_at=0.0,
            drain_left=disk.drained_at - self._clock(),
        )

    def disk_soft_eject_cancel(self, disk_id: int) -> ApiOk:
        """Use a disk again that was being emptied."""
        disk = self._up(disk_id)
        if disk.soft_eject == "off":
            raise invalid(f"disk {disk_id} is not being emptied")
        return self._put(
            disk, soft_eject="off", drained_at=0.0, drain_left=0.0
        )

    def due(self) -> list[Disk]:
        """The disks that are empty now and have to be taken out."""
        found = self._state.indexes.disk_dates.due(self._clock())
        return [self._state.get(Disk, key) for key in found]

    def end_due(self) -> None:
        """Take them out."""
        for disk in self.due():
            self._machines.take_out(
                msgspec.structs.replace(disk, drained=True)
            )

    def disk_scrub_start(self, disk_id: int) -> ApiOk:
        """Begin to check a disk, or begin again."""
        disk = current(self._up(disk_id), self._clock())
        ends = self._clock() + self._rules.now.scrub_seconds
        return self._put(disk, scrub_ends=ends, scrub_left=0.0)

    def disk_scrub_pause(self, disk_id: int) -> ApiOk:
        """Stop checking for now."""
        disk = current(self._up(disk_id), self._clock())
        if not disk.scrub_ends:
            raise invalid(f"disk {disk_id} is not being checked")
        left = disk.scrub_ends - self._clock()
        return self._put(disk, scrub_ends=0.0, scrub_left=left)

    def disk_scrub_continue(self, disk_id: int) -> ApiOk:
        """Go on checking."""
        disk = self._up(disk_id)
        if not disk.scrub_left:
            raise invalid(f"the check of disk {disk_id} was not paused")
        ends = self._clock() + disk.scrub_left
        return self._put(disk, scrub_ends=ends, scrub_left=0.0)

    def disk_retrim(self, disk_id: int) -> ApiOk:
        """Simulated disks know which of their space is free."""
        self._up(disk_id)
        return done(self._state)
