# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Clients, servers and disks that go down and come back."""

from collections.abc import Iterable

import msgspec

from storpool_simulator.model.changes import count
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Server
from storpool_simulator.model.state import Release
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Machines:
    """Who is up. No call of the API changes it, only ``/sim/`` does."""

    def __init__(self, state: State) -> None:
        self._state = state

    def set_client(self, number: int, up: bool) -> None:
        """Let a client's host crash, or start.

        A crash takes its devices away from whoever has them open; its
        attachments stay recorded, and the devices are there again when the
        host is.
        """
        client = self._state.get(Client, str(number))
        if client.up == up:
            return
        if not up:
            self._take_devices(number)
        self._state.put(
            msgspec.structs.replace(
                client, up=up, generation=self._state.cluster.generation
            )
        )

    def _take_devices(self, client: int) -> None:
        held = self._state.indexes.held(client)
        for global_id, attachment in held.items():
            target = self._state.objects[global_id]
            self._state.require(Release(target, attachment, force=True))

    def set_disk(self, number: int, up: bool) -> None:
        """Pull a disk out, or put it back in."""
        disk = self._state.get(Disk, str(number))
        if (disk.left < 0) == up:
            return
        if not up:
            self.take_out(disk)
        else:
            self._state.put(
                msgspec.structs.replace(
                    disk,
                    left=-1,
                    drained=False,
                    ignored=False,
                    forgotten=False,
                )
            )
        count(self._state)

    def take_out(self, disk: Disk) -> None:
        """A disk leaves with the generation of the change under way."""
        self._state.put(
            msgspec.structs.replace(
                disk,
                left=self._leaving(),
                soft_eject="off",
                drained_at=0.0,
                drain_left=0.0,
                scrub_ends=0.0,
                scrub_left=0.0,
            )
        )

    def disk(self, number: int) -> Disk:
        """The disk of that number, one that was forgotten excepted."""
        disk = self._state.get(Disk, str(number))
        if disk.forgotten:
            raise missing("disk", str(number))
        return disk

    def disks(self) -> list[Disk]:
        """Every disk, those that were forgotten excepted."""
        disks = self._state.all(Disk).values()
        return [disk for disk in disks if not disk.forgotten]

    def set_server(self, number: int, up: bool) -> None:
        """Stop a server with all its disks, or start it."""
        self.require_server(number)
        if self.server_is_up(number) == up:
            return
        left = -1 if up else self._leaving()
        self._state.put(Server(id=number, left=left))
        count(self._state)

    def require_up(self, disk: Disk) -> None:
        """Refuse what only a disk that is there can do."""
        if self.left(disk) >= 0:
            raise invalid(f"disk {disk.id} is down")

    def require_down(self, disk: Disk) -> None:
        """Refuse what only a disk that is missing allows."""
        if self.left(disk) < 0:
            raise invalid(f"disk {disk.id} is up")

    def require_server(self, number: int) -> None:
        """Refuse a server that there is not."""
        if number not in self.servers():
            raise missing("server", str(number))

    def _leaving(self) -> int:
        return self._state.cluster.generation + 1

    def servers(self) -> list[int]:
        """The servers, by the disks they have."""
        disks = self._state.all(Disk).values()
        return sorted({disk.server for disk in disks})

    def server_is_up(self, number: int) -> bool:
        """Whether a server runs; one that nobody stopped does."""
        server = self._state.all(Server).get(str(number))
        return server is None or server.left < 0

    def left(self, disk: Disk) -> int:
        """The generation at which a disk, or its server, left; or -1."""
        server = self._state.all(Server).get(str(disk.server))
        if server is None or disk.left >= 0:
            return disk.left
        return server.left

    def is_up(self, number: int) -> bool:
        """Whether a disk is there and answers."""
        disk = self._state.all(Disk).get(str(number))
        return disk is not None and self.left(disk) < 0

    def may_hold(self, number: int) -> bool:
        """Whether new data may be placed on a disk."""
        disk = self._state.get(Disk, str(number))
        return self.left(disk) < 0 and disk.soft_eject == "off"

    def down(self, disks: Iterable[int]) -> list[int]:
        """Those of the disks that are down."""
        return sorted({disk for disk in disks if not self.is_up(disk)})
