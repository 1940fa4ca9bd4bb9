# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A host of a simulated cluster on which somebody types.

It is the client ``comp1`` with a storpool.conf, records and devices of its
own: ``/etc`` is a copy, ``/var/lib`` is empty, and the machine sees nothing of
what is done there.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import unittest

import fixtures

from storpool_simulator import testing
from tests.functional.docs.blocks import ROOT
from tests.functional.docs.blocks import Step
from tests.programs import Programs

NAME = testing.CLIENTS[1]
DEVICES = ("storpool", "storpool-byid")
PROGRAMS = {
    "conformance": "-m tests.conformance",
    "python": "",
    "storpool-openstack": "-m storpool_common.cli",
    "storpool-simulator": "-m storpool_simulator",
}
#: Users that a host of a cloud has.
SERVICES = ("cinder", "nova")
#: Ports on which pages let something listen; here each is one that is free.
PORTS = (8181, 8182, 8183)
#: Seconds for all that a page has.
PATIENCE = 120
#: A copy of a mount would keep the loop device of a simulator's pool busy.
_SCRIPT = """
for mounted in $(awk '$1 ~ "^/dev/loop" {print $2}' /proc/mounts); do
    umount --lazy "$mounted"
done
hostname "$HOST"
for name in storpool storpool-byid; do
    mount --bind "$DEVICES/$name" "/dev/$name"
done
mount --bind "$ETC" /etc
mount --bind "$VAR_LIB" /var/lib
unset status
for step in "$STEPS"/*.sh; do
    (exit "${status:-0}")
    . "$step" >"$step.out" 2>&1 </dev/null
    status=$?
    echo "$status" >"$step.status"
done
"""


def plain_environ() -> dict[str, str]:
    """The variables of this process that say nothing of a cluster or cloud."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SP_", "STORPOOL_", "OS_"))
    }


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of a command.

    :ivar status: None where the session ended before it.
    """

    output: str
    status: int | None


class Host(fixtures.Fixture):
    """The host, with nothing attached yet."""

    def _setUp(self) -> None:  # noqa: N802
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        directories = ("bin", "work", "lib")
        for name in (*(f"dev/{one}" for one in DEVICES), *directories):
            (self.path / name).mkdir(parents=True)
        # What pages call bin/NAME, from where they are typed.
        (self.path / "work" / "bin").symlink_to(self.path / "bin")
        self.simulator = self.useFixture(
            testing.SimulatorProcess(
                *("--data-plane", "loop", "--pool-size", "8G"),
                *("--dev-dir", str(self.path / "dev")),
            )
        )
        self._installed = self.useFixture(Programs())
        self._installed.install()
        self._free = _free_ports(len(PORTS))
        self._mount_points()
        self._configuration()
        self._programs()

    def _mount_points(self) -> None:
        for name in DEVICES:
            point = pathlib.Path("/dev", name)
            if not point.exists():
                point.mkdir()
                self.addCleanup(_remove_empty, point)

    def _configuration(self) -> None:
        etc = self.path / "etc"
        shutil.copytree("/etc", etc, symlinks=True)
        (etc / "storpool.conf").write_text(
            f"SP_API_HTTP_HOST={self.simulator.host}\n"
            f"SP_API_HTTP_PORT={self.simulator.port}\n"
            f"SP_AUTH_TOKEN={self.simulator.token}\n[{NAME}]\nSP_OURID=1\n"
        )
        _add_users(etc)

    def _programs(self) -> None:
        """The programs as installed, but of this tree."""
        for name, arguments in PROGRAMS.items():
            self.program(
                name, f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n'
            )

    def program(self, name: str, text: str) -> None:
        """Have a program of that name."""
        program = self.path / "bin" / name
        program.write_text(text)
        program.chmod(0o755)

    def run(self, steps: Sequence[Step]) -> list[Result]:
        """Type the commands, one after the other, in one shell."""
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        files = [directory / f"{number:04}.sh" for number in range(len(steps))]
        for file, step in zip(files, steps, strict=True):
            file.write_text(f"{self._here(step.command)}\n")
        with self._shell(directory) as shell:
            shell.wait(PATIENCE)
        return [self._there(_result(file)) for file in files]

    def _here(self, text: str) -> str:
        """With ports that nobody else listens on."""
        for port, free in zip(PORTS, self._free, strict=True):
            text = text.replace(f":{port}", f":{free}")
        return text

    def _there(self, result: Result) -> Result:
        """With the ports of the page."""
        output = result.output
        for port, free in zip(PORTS, self._free, strict=True):
            output = output.replace(f":{free}", f":{port}")
        return Result(output, result.status)

    @contextlib.contextmanager
    def _shell(self, directory: pathlib.Path) -> Iterator[subprocess.Popen]:
        command = ["unshare", "--mount", "--uts", "--propagation", "private"]
        shell = subprocess.Popen(
            [*command, "--", "bash", "-c", _SCRIPT],
            cwd=self.path / "work",
            env=self._environ() | {"STEPS": str(directory)},
            start_new_session=True,
        )
        try:
            yield shell
        finally:
            # What was started in the background ends with its shell.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()

    def _environ(self) -> dict[str, str]:
        return plain_environ() | {
            "DEVICES": str(self.path / "dev"),
            "ETC": str(self.path / "etc"),
            "HOST": NAME,
            "LC_ALL": "C.UTF-8",
            "PATH": f"{self.path}/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
            "PYTHONPATH": f"{self._installed.path}:{ROOT}",
            "VAR_LIB": str(self.path / "lib"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
        }


def _add_users(etc: pathlib.Path) -> None:
    """Have the services' users, who may do what root may.

    The interpreter and this tree may lie where nobody else can read.
    """
    with (etc / "passwd").open("a") as passwd:
        for name in SERVICES:
            if f"\n{name}:" not in (etc / "passwd").read_text():
                passwd.write(f"{name}:x:0:0::/:/usr/sbin/nologin\n")


def _free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def require_root(test: unittest.TestCase) -> None:
    """Skip a test that nobody else can run."""
    if os.geteuid() != 0:
        test.skipTest("block devices and name spaces are root's")


def _result(file: pathlib.Path) -> Result:
    status = file.with_name(f"{file.name}.status")
    output = file.with_name(f"{file.name}.out")
    return Result(
        output.read_text(errors="replace") if output.exists() else "",
        int(status.read_text()) if status.exists() else None,
    )


def _remove_empty(point: pathlib.Path) -> None:
    with contextlib.suppress(OSError):
        point.rmdir()
