# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Namespaces that hold what the machine itself must not see.

libvirtd has fixed directories, and a second one would take them from the
first; the simulator mounts its pool. Both happen where only the stack's
processes look, and are gone when the last of them is. A further compute host
is such a namespace as well, with a name and StorPool devices of its own.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import os
import pathlib
import shlex

from tests.stack import hosts
from tests.stack import layout
from tests.stack import mountpoints
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

BY_ID = "/dev/disk/by-id"
"""os-brick makes its links of encrypted volumes here; udev is not there."""

STORPOOL_CONF = "/etc/storpool.conf"
"""The in-tree drivers look nowhere else."""

DEVICES = ("storpool", "storpool-byid")
"""Below /dev; a host of ours sees its own."""


class Namespace:
    """The namespaces of one host, kept by a process that sleeps."""

    def __init__(
        self, place: layout.Layout, table: processes.Table, host: hosts.Host
    ) -> None:
        self._place = place
        self._table = table
        self._host = host
        self._name = host.label(HOLDER)

    @property
    def holder(self) -> processes.Identity | None:
        """The sleeping process, while it lives."""
        identity = self._table.get(self._name)
        if identity is None or not identity.alive:
            return None
        return identity

    @property
    def number(self) -> int | None:
        """The inode of the mount namespace, while it lives."""
        holder = self.holder
        if holder is None:
            return None
        return os.stat(f"/proc/{holder.pid}/ns/mnt").st_ino

    def create(self) -> None:
        """Make the namespaces with everything mounted."""
        self._make_directories()
        ready = self._host.directory / "namespace-ready"
        lines = [
            f"mount --bind {shlex.quote(source)} {shlex.quote(target)}"
            for source, target in self._mounts()
        ]
        # A copy of a mount keeps its loop device busy after the mount itself
        # has gone; simulators mount their pools from such devices.
        lines += [
            f"umount --lazy {shlex.quote(path)}" for path in _loop_mounts()
        ]
        lines += [
            f"hostname {self._host.name}",
            f": >{shlex.quote(str(ready))}",
            "exec sleep infinity",
        ]
        self._table.start(
            self._name,
            ["unshare", "--mount", "--uts", "--propagation", "private", "--",
             "sh", "-ec", "\n".join(lines)],
            os.environ
            | {processes.MARK: str(self._place.directory)},
        )  # fmt: skip
        report.wait_for(
            f"mounting in the private namespace (see "
            f"{self._table.log(self._name)})",
            ready.exists,
            20,
        )
        self._tell_peers()

    def _tell_peers(self) -> None:
        """For tests/stack/shim/ssh: which namespaces an address has."""
        peers = self._place.run / "peers"
        peers.mkdir(exist_ok=True)
        holder = self.holder
        if holder is not None:
            (peers / self._host.address).write_text(f"{holder.pid}\n")

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """What is seen instead of what the machine has."""
        for name, target in LIBVIRT.items():
            yield str(self._host.libvirt / name), target
        yield str(self._place.cache / "libvirt"), CACHE
        for target, line in ACCOUNTS.items():
            yield str(self._account(target, line)), target
        yield str(self._place.storpool_conf), STORPOOL_CONF
        if self._host.is_machine:
            return
        for name in DEVICES:
            yield str(self._host.devices / name), f"/dev/{name}"
        yield str(self._host.directory / "by-id"), BY_ID
        # One path on all hosts, and what lies there is a host's own.
        yield str(self._host.instances), f"{self._place.run}/nova/instances"
        yield str(self._hosts_file()), "/etc/hosts"

    def _hosts_file(self) -> pathlib.Path:
        """A copy of the machine's in which this host has its address."""
        text = pathlib.Path("/etc/hosts").read_text().rstrip()
        copy = self._host.directory / "hosts"
        copy.write_text(f"{text}\n{self._host.address} {self._host.name}\n")
        return copy

    def _own(self) -> Iterator[pathlib.Path]:
        """The directories that are mounted, and where they are."""
        for name in LIBVIRT:
            yield self._host.libvirt / name
        yield self._place.cache / "libvirt"
        yield self._host.instances
        yield self._place.run / "nova/instances"
        if not self._host.is_machine:
            yield self._host.directory / "by-id"
            for name in DEVICES:
                yield self._host.devices / name

    def _targets(self) -> Iterator[str]:
        """Mount points on the machine."""
        yield from (*LIBVIRT.values(), CACHE, BY_ID)
        if not self._host.is_machine:
            for name in DEVICES:
                yield f"/dev/{name}"

    def _make_directories(self) -> None:
        """Mount points; those of the machine are removed again."""
        for path in self._own():
            path.mkdir(parents=True, exist_ok=True)
        self._place.conf.mkdir(parents=True, exist_ok=True)
        self._place.storpool_conf.touch(mode=0o600)
        mountpoints.make(self._targets())
        mountpoints.make_file(STORPOOL_CONF)

    def _account(self, target: str, line: str) -> pathlib.Path:
        """A copy of an account file in which *line*'s name is known."""
        text = pathlib.Path(target).read_text()
        name = line.partition(":")[0]
        if f"\n{name}:" not in text:
            text = f"{text.rstrip()}\n{line}\n"
        copy = self._host.libvirt / pathlib.Path(target).name
        copy.write_text(text)
        return copy

    def enter(self, command: Sequence[str]) -> list[str]:
        """*command*, run inside; the process id stays the same."""
        holder = self.holder
        if holder is None:
            return list(command)
        space = f"/proc/{holder.pid}/ns"
        return ["nsenter", f"--mount={space}/mnt", f"--uts={space}/uts", "--",
                *command]  # fmt: skip

    def remove(self) -> None:
        """End it: the holder, and the mount points made on the machine."""
        holder = self.holder
        if holder is not None:
            processes.stop([holder], patience=2)
        mountpoints.remove()


def _loop_mounts() -> Iterator[str]:
    """Where file systems of loop devices are mounted on this machine."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        source, target, *_ = line.split()
        if source.startswith("/dev/loop"):
            yield target
