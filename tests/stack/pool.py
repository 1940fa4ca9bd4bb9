# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the simulator keeps on the machine: its mount, its loop devices."""

import subprocess

from tests.stack import layout
from tests.stack import namespaces
from tests.stack import processes

LOSETUP = (
    "losetup", "--list", "--noheadings", "--output",
    "NAME,BACK-INO,BACK-MAJ:MIN,BACK-FILE",
)  # fmt: skip


class Pool:
    """The simulator's pool of one stack.

    :param namespace: where it is mounted
    """

    def __init__(
        self,
        place: layout.Layout,
        table: processes.Table,
        namespace: namespaces.Namespace,
    ) -> None:
        self._place = place
        self._table = table
        self._namespace = namespace

    def loops(self) -> dict[str, str]:
        """The loop devices over files of the stack, and which files.

        Asked for inside: outside, the kernel tells the path of a file on
        our own mount without its mount point.

        :return: by device, what tells the file from every other
        """
        answer = subprocess.run(
            self._namespace.enter(LOSETUP),
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        return devices_below(answer, f"{self._place.directory}/")

    def clean(self) -> None:
        """Remove the mount and the devices of a simulator that has ended.

        One that ended well has left none; a killed one has.
        """
        command = [self._place.bin("storpool-simulator"), "clean",
                   "--state-dir", str(self._place.storage)]  # fmt: skip
        with self._table.log("simulator").open("a") as log:
            subprocess.run(
                self._namespace.enter(command),
                stdout=log,
                stderr=log,
                check=False,
            )


def devices_below(listing: str, directory: str) -> dict[str, str]:
    """The devices over files below *directory*, in what losetup lists."""
    found = {}
    for line in listing.splitlines():
        columns = line.split(None, 3)
        # One that is being removed was seen without its file.
        if len(columns) == 4 and columns[3].startswith(directory):
            name, inode, device, _ = columns
            found[name] = f"{device} {inode}"
    return found
