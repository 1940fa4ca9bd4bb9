# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts of one cloud, all of them on this machine.

The first is the machine itself, which runs everything else as well. Others
have a name, an address and directories of their own.
"""

import dataclasses
import pathlib
import platform

from tests.stack import layout

COUNTS = (1, 2)
"""How many compute hosts a cloud may have."""


@dataclasses.dataclass(frozen=True)
class Host:
    """One compute host.

    :ivar number: its StorPool client id
    :ivar name: what Nova, libvirt and storpool.conf call it
    :ivar address: where its libvirtd and QEMU listen for the others
    :ivar directory: where its data lies
    :ivar devices: where the simulator puts its links
    """

    number: int
    name: str
    address: str
    directory: pathlib.Path
    devices: pathlib.Path

    @property
    def is_machine(self) -> bool:
        """Whether this is the machine itself, with all other services."""
        return self.number == 1

    @property
    def libvirt(self) -> pathlib.Path:
        """What is libvirtd's."""
        return self.directory / "libvirt"

    @property
    def instances(self) -> pathlib.Path:
        """Nova's files of the guests."""
        return self.directory / "nova/instances"

    @property
    def records(self) -> pathlib.Path:
        """Where the records of attachments lie."""
        return self.directory / "storpool-state"

    @property
    def libvirt_uri(self) -> str:
        """Where its libvirtd listens, for clients on this host."""
        return f"qemu:///system?socket={self.libvirt}/sock/libvirt-sock"

    def label(self, name: str) -> str:
        """What one of its services is called in tables and logs."""
        return name if self.is_machine else f"{name}-{self.number}"


def _host(place: layout.Layout, number: int) -> Host:
    # libvirt 9 takes 127.0.0.1 for no address of a host.
    address = f"127.0.1.{number}"
    if number == 1:
        return Host(
            number, platform.node(), address, place.run, pathlib.Path("/dev")
        )
    # A short name: sockets are below it.
    directory = place.run / str(number)
    return Host(
        number, f"{platform.node()}-{number}", address, directory,
        directory / "dev",
    )  # fmt: skip


def choose(place: layout.Layout, count: int) -> list[Host]:
    """The hosts of a cloud that has *count*."""
    return [_host(place, number + 1) for number in range(count)]


def _file(place: layout.Layout) -> pathlib.Path:
    return place.run / "computes"


def keep(place: layout.Layout, chosen: list[Host]) -> None:
    """Remember how many a cloud was started with."""
    _file(place).write_text(str(len(chosen)))


def kept(place: layout.Layout) -> list[Host]:
    """The hosts of the cloud that was started; one when none was."""
    path = _file(place)
    count = int(path.read_text()) if path.exists() else 1
    return choose(place, count)
