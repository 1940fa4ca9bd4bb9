# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How the simulator does with 100,000 volumes and as many snapshots.

``python -m tests.benchmarks.simulator_scale [COUNT]``: the memory plane in a
process of its own, once with 100 volumes and snapshots and once with COUNT.
Prints the milliseconds of calls about one object and their ratios, and the
seconds of a start and of the longest lists.
"""

from collections.abc import Callable
from collections.abc import Iterator
import http.client
import json
import pathlib
import statistics
import sys
import tempfile
import time
from typing import Any

from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import Volume
from storpool_simulator.simulator import Options
from storpool_simulator.simulator import Simulator
from storpool_simulator.statedir import StateDir
from storpool_simulator.store import Store
from storpool_simulator.testing import SimulatorProcess

FEW = 100
MANY = 100_000
TIMES = 300
ATTACHED = 500
LISTS = (
    "VolumesList",
    "SnapshotsList",
    "VolumesSpace",
    "VolumesGetStatusQuick",
    "VolumesGetStatus",
    "VolumeTemplatesStatus",
    "DisksList",
    "AttachmentsList",
)

_POLICY = Policy(
    place_all="default",
    place_tail="default",
    place_head="default",
    replication=3,
    reuse_server=False,
    iops="-",
    bw="-",
)


def records(cluster: str, count: int) -> Iterator[Record]:
    """As many snapshots, each the parent of a volume; some are attached."""
    common: dict[str, Any] = {
        "size": 1 << 30,
        "template": "hybrid",
        "policy": _POLICY,
        "tags": {"uuid": "0" * 36},
        "created": 1_700_000_000,
    }
    for number in range(count):
        snapshot, volume = f"{cluster}.s{number}", f"{cluster}.v{number}"
        yield Snapshot(
            global_id=snapshot,
            number=1_000_000 + number,
            name=f"snapshot-{number}",
            parent="",
            delete_at=4_000_000_000 + number,
            **common,
        )
        yield Volume(
            global_id=volume,
            number=2_000_000 + number,
            name=f"volume-{number}",
            parent=snapshot,
            **common,
        )
        if number < min(ATTACHED, count // 2):
            yield Attachment(
                global_id=volume, client=1, rights="rw", pos=number
            )


def fill(state_dir: pathlib.Path, count: int) -> None:
    """Make a state directory with so many objects."""
    simulator = Simulator(Options(token="0", state_dir=state_dir))
    simulator.start()
    cluster = simulator.cluster.id
    simulator.stop()
    store = Store(StateDir(state_dir).database)
    store.open()
    store.commit(
        {(each.table, each.key): each for each in records(cluster, count)}
    )
    store.close()


class Caller:
    """A connection that is kept."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self._connection = http.client.HTTPConnection(
            simulator.host, simulator.port
        )
        self._headers = {"Authorization": f"Storpool v1:{simulator.token}"}

    def __call__(self, method: str, call: str, body: Any = None) -> int:
        """Make a call; returns the bytes of its answer."""
        text = None if body is None else json.dumps(body)
        path = f"/ctrl/1.0/{call}"
        self._connection.request(method, path, text, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{call}: {said.decode()}")
        return len(said)


def single(call: Caller) -> dict[str, Callable[[int], Any]]:
    """Calls about one object; each takes a number of its own."""
    create = {"size": 512, "template": "hybrid"}
    return {
        "Volume": lambda n: call("GET", "Volume/volume-7"),
        "VolumeCreate": lambda n: call(
            "POST", "VolumeCreate", create | {"name": f"new-{n}"}
        ),
        "VolumeUpdate": lambda n: call(
            "POST", f"VolumeUpdate/new-{n}", {"tags": {"a": "b"}}
        ),
        "VolumesReassignWait": lambda n: call(
            "POST", "VolumesReassignWait", [{"volume": f"new-{n}", "rw": [1]}]
        ),
        "detach": lambda n: call(
            "POST",
            "VolumesReassignWait",
            [{"volume": f"new-{n}", "detach": "all"}],
        ),
        "VolumeSnapshot": lambda n: call(
            "POST", f"VolumeSnapshot/new-{n}", {"name": f"taken-{n}"}
        ),
        "SnapshotDelete": lambda n: call("POST", f"SnapshotDelete/taken-{n}"),
        "VolumeDelete": lambda n: call("POST", f"VolumeDelete/new-{n}"),
    }


def measure(count: int) -> dict[str, float]:
    """Milliseconds of each call; prints what is not compared."""
    with tempfile.TemporaryDirectory() as directory:
        fill(pathlib.Path(directory), count)
        simulator = SimulatorProcess(state_dir=pathlib.Path(directory))
        began = time.perf_counter()
        with simulator:
            print(
                f"{count:7} start       {time.perf_counter() - began:7.2f} s"
            )
            return _calls(Caller(simulator), count)


def _calls(call: Caller, count: int) -> dict[str, float]:
    for name in LISTS:
        began = time.perf_counter()
        size = call("GET", name)
        took = time.perf_counter() - began
        print(f"{count:7} {name:21} {took:5.2f} s {size / 1e6:7.1f} MB")
    taken = {}
    for name, function in single(call).items():
        times = []
        for number in range(TIMES):
            began = time.perf_counter()
            function(number)
            times.append(time.perf_counter() - began)
        taken[name] = statistics.median(times) * 1000
    return taken


def main() -> None:
    """Print a table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    first, second = measure(FEW), measure(many)
    print(f"{'call':20} {FEW:>8} {many:>8}   ratio   (ms, median)")
    for name, before in first.items():
        after = second[name]
        print(f"{name:20} {before:8.3f} {after:8.3f} {after / before:7.2f}")


if __name__ == "__main__":
    main()
