# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A mount namespace that holds what the machine itself must not see.

libvirtd has fixed directories, and a second one would take them from the
first; the simulator mounts its pool. Both happen where only the stack's
processes look, and are gone when the last of them is.
"""

from collections.abc import Sequence
import os
import pathlib
import shutil
import subprocess

from tests.stack import layout
from tests.stack import processes
from tests.stack import report

HOLDER = "namespace"
LIBVIRT = {
    "run": "/run/libvirt",
    "lib": "/var/lib/libvirt",
    "etc": "/etc/libvirt",
    "log": "/var/log/libvirt",
}
"""Ours by name, and where libvirtd looks for it."""

CACHE = "/var/cache/libvirt"
"""What libvirt found QEMU to be able to; it outlives a cloud of ours."""

ACCOUNTS = {
    "/etc/passwd": "libvirt-qemu:x:65534:65534::/nonexistent:/bin/false",
    "/etc/group": "libvirt-qemu:x:65534:",
}
"""libvirtd looks these up before it reads that QEMU shall run as root; the
package that would make them brings much that nobody needs here."""

LOSETUP = ("losetup", "--list", "--noheadings", "--output")
BY_ID = "/dev/disk/by-id"
"""os-brick makes its links of encrypted volumes here; udev is not there."""


class Namespace:
    """The namespace of one stack, kept by a process that sleeps."""

    def __init__(self, place: layout.Layout, table: processes.Table) -> None:
        self._place = place
        self._table = table
        self._made = place.run / "made-directories"
        self._cache = place.cache / "libvirt"

    @property
    def holder(self) -> processes.Identity | None:
        """The sleeping process, while it lives."""
        identity = self._table.get(HOLDER)
        if identity is None or not identity.alive:
            return None
        return identity

    @property
    def number(self) -> int | None:
        """The inode of the namespace, while it lives."""
        holder = self.holder
        if holder is None:
            return None
        return os.stat(f"/proc/{holder.pid}/ns/mnt").st_ino

    def create(self) -> None:
        """Make the namespace with everything mounted in it."""
        self._make_directories()
        ready = self._place.run / "namespace-ready"
        lines = [
            f"mount --bind {self._place.run}/libvirt/{name} {target}"
            for name, target in LIBVIRT.items()
        ]
        lines.append(f"mount --bind {self._cache} {CACHE}")
        lines += [
            f"mount --bind {self._account(target, line)} {target}"
            for target, line in ACCOUNTS.items()
        ]
        lines += [f": >{ready}", "exec sleep infinity"]
        self._table.start(
            HOLDER,
            ["unshare", "--mount", "--propagation", "private", "--",
             "sh", "-ec", "\n".join(lines)],
            os.environ
            | {processes.MARK: str(self._place.directory)},
        )  # fmt: skip
        report.wait_for(
            f"mounting in the private namespace (see "
            f"{self._table.log(HOLDER)})",
            ready.exists,
            20,
        )

    def _make_directories(self) -> None:
        """Mount points; those of the machine are removed again."""
        self._place.storage.mkdir(parents=True)
        self._cache.mkdir(exist_ok=True)
        for name in LIBVIRT:
            (self._place.run / "libvirt" / name).mkdir(parents=True)
        made = []
        for target in (*LIBVIRT.values(), CACHE, BY_ID):
            path = pathlib.Path(target)
            new = [p for p in (path, *path.parents) if not p.exists()]
            path.mkdir(parents=True, exist_ok=True)
            made += [str(p) for p in new]
        self._made.write_text("\n".join(made))

    def _account(self, target: str, line: str) -> pathlib.Path:
        """A copy of an account file in which *line*'s name is known."""
        text = pathlib.Path(target).read_text()
        name = line.partition(":")[0]
        if f"\n{name}:" not in text:
            text = f"{text.rstrip()}\n{line}\n"
        copy = self._place.run / "libvirt" / pathlib.Path(target).name
        copy.write_text(text)
        return copy

    def enter(self, command: Sequence[str]) -> list[str]:
        """*command*, run inside; the process id stays the same."""
        holder = self.holder
        if holder is None:
            return list(command)
        return ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", "--",
                *command]  # fmt: skip

    def loops(self) -> dict[str, str]:
        """The loop devices over files of the stack, and which files.

        Asked for inside: outside, the kernel tells the path of a file on
        our own mount without its mount point.

        :return: by device, what tells the file from every other
        """
        answer = subprocess.run(
            self.enter([*LOSETUP, "NAME,BACK-INO,BACK-MAJ:MIN,BACK-FILE"]),
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        found = {}
        for line in answer.splitlines():
            name, inode, device, file = line.split(None, 3)
            if file.startswith(f"{self._place.directory}/"):
                found[name] = f"{device} {inode}"
        return found

    def clean(self) -> None:
        """Remove the mount and the devices of a simulator that has ended.

        One that ended well has left none; a killed one has.
        """
        command = [self._place.bin("storpool-simulator"), "clean",
                   "--state-dir", str(self._place.storage)]  # fmt: skip
        with self._table.log("simulator").open("a") as log:
            subprocess.run(
                self.enter(command), stdout=log, stderr=log, check=False
            )

    def remove_directories(self) -> None:
        """Remove the mount points that we made on the machine."""
        if not self._made.exists():
            return
        for line in self._made.read_text().splitlines():
            path = pathlib.Path(line)
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def discard(self) -> None:
        """Remove the cloud's data; nothing of it is mounted any more."""
        self.remove_directories()
        shutil.rmtree(self._place.run, ignore_errors=True)
