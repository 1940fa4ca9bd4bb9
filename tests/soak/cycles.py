# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Services on one host attach and detach, and are killed; so is the cluster.

What may be left in the end: nothing.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from typing import Any

from storpool_common import api
from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import FILE
from storpool_common.attachments.requests import FORMER
from storpool_common.attachments.upkeep import Upkeep
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Devices
from storpool_simulator.testing import SimulatorProcess
from tests.runner import leftovers
from tests.soak import counter
from tests.soak.progress import Progress

MIB = 1 << 20
_TICK = 0.05
#: Bytes that may be what the allocator keeps.
_GROWTH = 16 * MIB
#: How a worker runs, by the way it does threads.
_START = {
    "native": "from tests.soak import worker; worker.main()",
    "eventlet": "import eventlet; eventlet.monkey_patch();"
    " from tests.soak import worker; worker.main()",
}


@dataclasses.dataclass(frozen=True)
class Options:
    """How long, and how rough.

    :ivar cycles: attach, write, read, detach; of all workers together.
    :ivar kills: workers that are killed.
    :ivar restarts: of the simulator, each a kill -9.
    :ivar damages: of the records: rubbish is written over the file.
    :ivar mode: of threads, ``native`` or ``eventlet``.
    """

    cycles: int = 20_000
    workers: int = 8
    volumes: int = 6
    kills: int = 200
    restarts: int = 20
    damages: int = 0
    mode: str = "native"


@dataclasses.dataclass
class Report:
    """What happened; everything in ``left`` is one too many.

    :ivar errors: attempts that failed because the cluster was away.
    :ivar growth: bytes that the memory of the worst worker grew by, since
        its first cycles.
    :ivar mended: requests and objects that crashes had left behind.
    """

    cycles: int = 0
    seconds: float = 0.0
    kills: int = 0
    restarts: int = 0
    damages: int = 0
    recoveries: int = 0
    errors: int = 0
    growth: int = 0
    mended: int = 0
    left: list[str] = dataclasses.field(default_factory=list)


class Soak:
    """One run, in a directory of its own."""

    def __init__(self, options: Options, directory: str) -> None:
        self._options = options
        self._directory = pathlib.Path(directory)
        self._by_id = self._directory / "dev" / "storpool-byid"
        self._counter = str(self._directory / "counter")
        self._log = self._directory / "workers.log"
        self.report = Report()

    def run(self) -> Report:
        """Do it all."""
        (self._directory / "cluster").mkdir()
        with SimulatorProcess(
            *("--data-plane", "loop", "--pool-size", "1G"),
            *("--dev-dir", str(self._directory / "dev")),
            state_dir=self._directory / "cluster",
        ) as simulator:
            self._simulator = simulator
            self._configuration = load(values=self._values(), environ={})
            self._volumes = self._make_volumes()
            devices = len(self._loop_devices())
            began = time.monotonic()
            self._work()
            self.report.seconds = time.monotonic() - began
            self._mend()
            self._look(devices)
        self.report.left += leftovers.below(self._directory)
        return self.report

    def _values(self) -> dict[str, str]:
        return {
            "SP_AUTH_TOKEN": self._simulator.token,
            "SP_API_HTTP_HOST": self._simulator.host,
            "SP_API_HTTP_PORT": str(self._simulator.port),
            "SP_OURID": "1",
            "SP_OPENSTACK_STATE_DIR": str(self._directory / "state"),
        }

    def _make_volumes(self) -> list[dict[str, Any]]:
        made = []
        with contextlib.closing(Client(self._simulator.settings)) as client:
            for number in range(self._options.volumes):
                name = f"os--volume-{number}"
                volume = client.volume_create(
                    api.volumes.VolumeCreateDesc(
                        name=name, size=4 * MIB, template="hybrid"
                    )
                )
                made.append(
                    {
                        "global_id": volume.global_id,
                        "name": name,
                        "size": 4 * MIB,
                    }
                )
        return made

    def _start(self, slot: int) -> subprocess.Popen[str]:
        # Half are guests, whose requests outlive them; half are copies.
        kind = "nova" if slot % 2 else "copy"
        share, rest = divmod(self._options.cycles, self._options.workers)
        told = {
            "values": self._values(),
            "by_id": str(self._by_id),
            "volumes": self._volumes,
            "owner": f"{kind}:{slot}",
            "slot": slot,
            "counter": self._counter,
            "cycles": share + (slot < rest),
        }
        with open(self._log, "a") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-c",
                    _START[self._options.mode],
                    json.dumps(told),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def _work(self) -> None:
        slots = range(self._options.workers)
        running = {slot: self._start(slot) for slot in slots}
        try:
            progress = Progress(self._options.cycles, "cycles")
            while running:
                time.sleep(_TICK)
                progress.show(self._done())
                self._disturb(running)
                for slot, worker in list(running.items()):
                    if worker.poll() is not None:
                        self._note(running.pop(slot))
        finally:
            for worker in running.values():
                _kill(worker)
        self.report.cycles = self._done()

    def _done(self) -> int:
        return sum(
            counter.Counter(self._counter, slot).value
            for slot in range(self._options.workers)
        )

    def _disturb(self, running: dict[int, subprocess.Popen[str]]) -> None:
        """Keep up with the kills and restarts that are due by now."""
        done = self._done() / max(1, self._options.cycles)
        if self.report.kills < self._options.kills * done:
            slot = random.choice(list(running))
            _kill(running[slot])
            running[slot] = self._start(slot)
            self.report.kills += 1
        if self.report.restarts < self._options.restarts * done:
            self._simulator.restart()
            self.report.restarts += 1

        if self.report.damages < self._options.damages * done:
            self._damage()
            self.report.damages += 1

    def _damage(self) -> None:
        """Write rubbish into the file, under the hands of its users."""
        path = self._directory / "state" / FILE
        with contextlib.suppress(FileNotFoundError), open(path, "r+b") as file:
            file.write(os.urandom(path.stat().st_size))

    def _note(self, worker: subprocess.Popen[str]) -> None:
        with worker.stdout or contextlib.nullcontext() as stream:
            said = stream.read() if stream else ""
        if worker.returncode:
            self.report.left.append(
                f"a worker ended with {worker.returncode}; see {self._log}"
            )
            return
        told = json.loads(said)
        self.report.errors += told["errors"]
        begin, end = told["begin"], told["end"]
        self.report.growth = max(
            self.report.growth, end["memory"] - begin["memory"]
        )
        if self.report.growth > _GROWTH:
            self.report.left.append(f"memory of a worker: {told}")
        if end["descriptors"] > begin["descriptors"]:
            self.report.left.append(f"descriptors of a worker: {told}")

    def _mend(self) -> None:
        """What an operator and Nova do after crashes."""
        parts = Parts.of(
            self._configuration,
            Client(self._configuration.api),
            Devices(str(self._by_id)),
        )
        host = HostAttachments(parts)
        upkeep = Upkeep(parts, host)
        for request in host.requests():
            if request.kind in ("nova", FORMER):
                host.detach(request.key)
                self.report.mended += 1
        for step in upkeep.plan(upkeep.entries()):
            if step.what is not None:
                upkeep.carry_out(step)
                self.report.mended += 1
        self.report.left += [
            f"{entry.stored}: attached {entry.attached}, {entry.record}"
            for entry in upkeep.entries()
        ]
        upkeep.close()

    def _look(self, devices: int) -> None:
        left = self.report.left
        aside = (self._directory / "state").glob("damaged-*")
        self.report.recoveries = len(list(aside))
        if self._by_id.exists():
            left += [f"link {link}" for link in os.listdir(self._by_id)]
        now = self._loop_devices()
        if len(now) > devices:
            left.append(f"loop devices: {devices} before, now {now}")
        locks = self._directory / "state" / "locks"
        # A killed holder leaves its file; there is one for a volume at most.
        if len(os.listdir(locks)) > self._options.volumes + 1:
            left.append(f"locks: {os.listdir(locks)}")

    def _loop_devices(self) -> list[str]:
        return [
            line
            for line in leftovers.below(self._directory)
            if "/dev/loop" in line
        ]


def _kill(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
    if worker.stdout:
        worker.stdout.close()


def run(options: Options) -> Report:
    """Do it in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="storpool-soak-") as directory:
        soak = Soak(options, directory)
        report = soak.run()
        if report.left:
            log = pathlib.Path(directory, "workers.log")
            sys.stderr.write(log.read_text()[-10_000:])
        return report
