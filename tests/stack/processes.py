# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The processes of one stack: start, find, stop.

Each runs in a process group of its own. Its id is kept in a file together
with the moment it started, so that a number the kernel has given away again
is never mistaken for it.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import time

MARK = "STORPOOL_STACK_DIRECTORY"
"""The variable all our processes inherit; its value is the directory."""


@dataclasses.dataclass(frozen=True)
class Identity:
    """A process that cannot be confused with a later one of its number."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The living process *pid*; none when it is gone or a zombie."""
        try:
            stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The name in parentheses may itself hold blanks and parentheses.
        fields = stat.rpartition(")")[2].split()
        if fields[0] in ("Z", "X"):
            return None
        return cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        return Identity.of(self.pid) == self

    @property
    def command(self) -> str:
        """Its command line, for people."""
        try:
            line = pathlib.Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return "(gone)"
        return line.replace(b"\0", b" ").decode(errors="replace").strip()


def everybody() -> Iterable[int]:
    """The ids of all processes of the machine."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def _inherited(pid: int, mark: bytes) -> bool:
    try:
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return mark in environment.split(b"\0")


def _mount_namespace(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/mnt").st_ino
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def members(
    directory: pathlib.Path, namespaces: Collection[int]
) -> list[Identity]:
    """Every process of the stack in *directory*, whoever started it.

    :param namespaces: the mount namespaces of the stack while they live:
        QEMU is found by them, as libvirt gives it an environment of its own
    """
    mark = f"{MARK}={directory}".encode()
    found = []
    for pid in everybody():
        inside = _mount_namespace(pid) in namespaces
        if pid != os.getpid() and (inside or _inherited(pid, mark)):
            identity = Identity.of(pid)
            if identity is not None:
                found.append(identity)
    return found


def inside(namespace: int) -> list[Identity]:
    """Every process in a mount namespace."""
    found = (
        Identity.of(pid)
        for pid in everybody()
        if _mount_namespace(pid) == namespace
    )
    return [identity for identity in found if identity is not None]


def signal_group(identity: Identity, number: signal.Signals) -> None:
    """Signal a process, and its group when it leads one."""
    if not identity.alive:
        return
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(identity.pid) == identity.pid:
            os.killpg(identity.pid, number)
        else:
            os.kill(identity.pid, number)


def stop(identities: Iterable[Identity], patience: float) -> list[Identity]:
    """Ask processes to end, wait, then end their groups.

    :param patience: seconds between SIGTERM and SIGKILL
    :return: those that needed the second
    """
    waiting = list(identities)
    for identity in waiting:
        signal_group(identity, signal.SIGTERM)
    waiting = await_end(waiting, patience)
    stubborn = list(waiting)
    for identity in waiting:
        signal_group(identity, signal.SIGKILL)
    await_end(waiting, 5.0)
    return stubborn


def await_end(waiting: list[Identity], seconds: float) -> list[Identity]:
    """Wait until processes have ended.

    :return: those that have not, within *seconds*
    """
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        time.sleep(0.1)
        waiting = [identity for identity in waiting if identity.alive]
    return waiting


class Table:
    """Which service runs as which process.

    :param directory: where the table's files lie
    :param logs: where the output of the services goes
    """

    def __init__(self, directory: pathlib.Path, logs: pathlib.Path) -> None:
        self._directory = directory
        self._logs = logs

    def log(self, name: str) -> pathlib.Path:
        """The file with the output of service *name*."""
        return self._logs / f"{name}.log"

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
    ) -> Identity:
        """Start a service in the background and write it down."""
        with self.log(name).open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd="/",
                start_new_session=True,
            )
        # Gone already is an identity that is not alive.
        identity = Identity.of(child.pid) or Identity(child.pid, 0)
        self.record(name, identity)
        return identity

    def record(self, name: str, identity: Identity) -> None:
        """Write down that *name* runs as this process."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{name}.json"
        path.write_text(json.dumps(dataclasses.asdict(identity)))

    def get(self, name: str) -> Identity | None:
        """The process of a service; none when it was never started."""
        path = self._directory / f"{name}.json"
        if not path.exists():
            return None
        return Identity(**json.loads(path.read_text()))

    def alive(self, name: str) -> bool:
        identity = self.get(name)
        return identity is not None and identity.alive

    def names(self) -> list[str]:
        """The services ever started, in the order of their names."""
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def forget(self, name: str) -> None:
        """A service that was stopped on purpose."""
        (self._directory / f"{name}.json").unlink(missing_ok=True)
