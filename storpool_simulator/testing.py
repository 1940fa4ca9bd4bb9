# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a simulator in this process, or in one that can be killed."""

import pathlib
import secrets
import signal
import subprocess  # nosec B404
import sys
import tempfile
import typing
from typing import Any

import fixtures
import msgspec
import urllib3

from storpool_simulator.dataplane.memory import MemoryPlane
from storpool_simulator.faults import Fault
from storpool_simulator.model.machines import Machines
from storpool_simulator.simulator import Options
from storpool_simulator.simulator import Simulator

if typing.TYPE_CHECKING:
    from storpool_common.config import ApiSettings

CLIENTS = {1: "comp1", 2: "comp2", 3: "ctl"}
TEMPLATES = ("hybrid", "nvme")

#: Seconds for a process to start or to end.
PATIENCE = 30


class _Reachable(fixtures.Fixture):  # type: ignore[misc]
    """What the fixtures have in common.

    :ivar token: what the API wants to be told.
    """

    token: str

    @property
    def host(self) -> str:
        """The address it listens on."""
        return "127.0.0.1"

    @property
    def port(self) -> int:
        """The port it listens on."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{self.host}:{self.port}"

    @property
    def settings(self) -> "ApiSettings":
        """How a client of ours reaches it."""
        # The simulator itself needs nothing of the client's side.
        from storpool_common.config import ApiAddress
        from storpool_common.config import ApiSettings

        return ApiSettings(
            addresses=(ApiAddress(self.host, self.port),), token=self.token
        )


class SimulatorFixture(_Reachable):
    """A simulator of the memory plane in this process.

    It keeps nothing and listens on a port of its own. Templates
    :data:`TEMPLATES` and clients :data:`CLIENTS` are there.

    :param options: members of :class:`Options` that are to be different.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.token = str(secrets.randbits(63))
        self._options = options
        self._simulator: Simulator | None = None

    def _setUp(self) -> None:  # noqa: N802
        wanted: dict[str, Any] = {
            "token": self.token,
            "clients": CLIENTS,
            "templates": TEMPLATES,
        }
        self._simulator = Simulator(Options(**(wanted | self._options)))
        self._simulator.start()
        self.addCleanup(self._simulator.stop)

    @property
    def simulator(self) -> Simulator:
        """The simulator itself."""
        if self._simulator is None:
            raise RuntimeError("the fixture is not set up")
        return self._simulator

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.simulator.port

    @property
    def cluster_id(self) -> str:
        """The id of its cluster."""
        return self.simulator.cluster.id

    def write(self, global_id: str, count: int) -> None:
        """Let an object hold ``count`` bytes, as if they were written."""
        plane = self.simulator.plane
        if not isinstance(plane, MemoryPlane):
            raise TypeError("write to the device instead")
        plane.write(global_id, count)

    def add_fault(self, **fault: Any) -> None:
        """Set a fault; for its members see :class:`Fault`."""
        self.simulator.service.faults.add(msgspec.convert(fault, Fault))

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.simulator.service.faults.clear()

    def set_switches(self, **values: Any) -> None:
        """Answer differently; for the names see ``switches``."""
        self.simulator.cluster.rules.change(_kebab(values))

    def set_up(self, kind: str, number: int, up: bool) -> None:
        """Let a ``client``, ``server`` or ``disk`` go down or come back."""
        change = {
            "client": Machines.set_client,
            "server": Machines.set_server,
            "disk": Machines.set_disk,
        }[kind]
        self.simulator.cluster.steer(
            lambda model: change(model.machines, number, up)
        )

    def advance(self, seconds: float) -> None:
        """Let the cluster's time pass."""
        self.simulator.cluster.advance(seconds)

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the start or since they were cleared."""
        entries = self.simulator.service.journal.entries()
        decoded: list[dict[str, Any]] = msgspec.json.decode(
            msgspec.json.encode(entries)
        )
        return decoded

    def clear_requests(self) -> None:
        """Forget the requests."""
        self.simulator.service.journal.clear()


class SimulatorProcess(_Reachable):
    """A simulator in a process of its own, that may be killed.

    :param arguments: of ``storpool-simulator serve``, beyond ``--listen``,
        ``--state-dir``, clients and templates.
    :param state_dir: where it keeps its state; None is one that goes away
        with the fixture.
    :ivar state_dir: the same.
    """

    #: What runs the command line.
    command: typing.ClassVar[tuple[str, ...]] = (
        sys.executable,
        "-m",
        "storpool_simulator",
    )

    def __init__(
        self, *arguments: str, state_dir: pathlib.Path | None = None
    ) -> None:
        super().__init__()
        self.token = str(secrets.randbits(63))
        self._arguments = arguments
        self._wanted_state_dir = state_dir
        self.state_dir = pathlib.Path()
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._pool: urllib3.PoolManager | None = None

    def _setUp(self) -> None:  # noqa: N802
        self.state_dir = self._wanted_state_dir or self._fresh_directory()
        self._pool = urllib3.PoolManager(retries=False)
        self.addCleanup(self._pool.clear)
        self.addCleanup(self._clean)
        self.start()

    def _fresh_directory(self) -> pathlib.Path:
        directory = tempfile.TemporaryDirectory(prefix="storpool-simulator-")
        self.addCleanup(directory.cleanup)
        return pathlib.Path(directory.name)

    @property
    def port(self) -> int:
        """The port it listens on; a restart keeps it."""
        return self._port

    @property
    def pid(self) -> int:
        """The process."""
        return self._running.pid

    @property
    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise RuntimeError("the simulator does not run")
        return self._process

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [*self.command, "serve", "--state-dir", str(self.state_dir)]
        command += ["--listen", f"{self.host}:{self._port}"]
        for number, host in CLIENTS.items():
            command += ["--client", f"{number}:{host}"]
        for template in TEMPLATES:
            command += ["--template", template]
        self._process = subprocess.Popen(  # nosec B603
            [*command, *self._arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment(),
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        if not said.startswith("listening on "):
            self.kill()
            raise RuntimeError("the simulator did not start")
        self._port = int(said.rpartition(":")[2])

    def _environment(self) -> dict[str, str]:
        path = ":".join(filter(None, sys.path))
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": path,
            "SP_AUTH_TOKEN": self.token,
        }

    def kill(self) -> None:
        """Kill it, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        return self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it and start it again on the same port."""
        self.kill()
        self.start()

    def _end(self, number: signal.Signals) -> int:
        process = self._running
        self._process = None
        process.send_signal(number)
        code = process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def _clean(self) -> None:
        if self._process is not None:
            self.stop()
        subprocess.run(  # nosec B603
            [*self.command, "clean", "--state-dir", str(self.state_dir)],
            check=True,
            env=self._environment(),
            timeout=PATIENCE,
        )

    def add_fault(self, **fault: Any) -> None:
        """Set a fault; for its members see :class:`Fault`."""
        self._ask("POST", "/sim/faults", fault)

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are set, and how many calls each has ``seen``."""
        found: list[dict[str, Any]] = self._ask("GET", "/sim/faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._ask("DELETE", "/sim/faults")

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the start or since they were cleared."""
        found: list[dict[str, Any]] = self._ask("GET", "/sim/requests")[
            "requests"
        ]
        return found

    def clear_requests(self) -> None:
        """Forget the requests."""
        self._ask("DELETE", "/sim/requests")

    def set_switches(self, **values: Any) -> None:
        """Answer differently; for the names see ``switches``."""
        self._ask("POST", "/sim/switches", _kebab(values))

    def set_up(self, kind: str, number: int, up: bool) -> None:
        """Let a ``client``, ``server`` or ``disk`` go down or come back."""
        self._ask("POST", f"/sim/{kind}s", {"id": number, "up": up})

    def advance(self, seconds: float) -> None:
        """Let the cluster's time pass."""
        self._ask("POST", "/sim/clock", {"advance": seconds})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        if self._pool is None:
            raise RuntimeError("the fixture is not set up")
        encoded = None if body is None else msgspec.json.encode(body)
        answer = self._pool.request(method, self.url + path, body=encoded)
        if answer.status != 200:
            raise ValueError(answer.data.decode())
        return msgspec.json.decode(answer.data)


def _kebab(values: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in values.items()}
