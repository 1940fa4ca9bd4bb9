# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the Cinder driver minds how many volumes a cluster has.

``python -m tests.benchmarks.cinder_scale [COUNT]``: the driver against a
simulator in a process of its own, once with 100 volumes and as many
snapshots and once with COUNT (100,000). Prints the milliseconds that each
operation takes and the ratio, which is to be 1.2 or less. The simulator's part
is in it: what its calls take alone is told by ``simulator_scale``. Statistics
are left out, because there it looks at every volume.
"""

from collections.abc import Callable
import pathlib
import statistics
import sys
import tempfile
import time
from typing import Any
import unittest

from storpool_simulator import testing
from tests.benchmarks import simulator_scale
from tests.unit.cinder import base

FEW = 100
MANY = 100_000
TIMES = 100
TARGET = 1.2

#: Milliseconds by operation.
Taken = dict[str, float]


class ScaleTestCase(base.ClusterTestCase):
    """A driver and a cluster that was filled before."""

    state_dir: pathlib.Path

    def simulator_fixture(self) -> Any:
        """The cluster of that directory."""
        return testing.SimulatorProcess(state_dir=self.state_dir)

    def measured(self) -> Taken:
        """The median of each operation's times."""
        times: dict[str, list[float]] = {}
        driver = self.start_driver(storpool_template="hybrid")
        for _ in range(TIMES):
            for name, operation in self._operations(driver).items():
                began = time.perf_counter()
                operation()
                taken = time.perf_counter() - began
                times.setdefault(name, []).append(taken * 1000)
        return {name: statistics.median(each) for name, each in times.items()}

    def _operations(self, driver: Any) -> dict[str, Callable[[], Any]]:
        """In the order in which they can be done."""
        volume, clone, child = (self.record() for _ in range(3))
        snapshot = self.snapshot_record(volume)
        nvme = {"host": f"{base.BACKEND}#template_nvme"}
        return {
            "create_volume": lambda: driver.create_volume(volume),
            "create_cloned_volume": lambda: driver.create_cloned_volume(
                clone, volume
            ),
            "create_snapshot": lambda: driver.create_snapshot(snapshot),
            "create_volume_from_snapshot": lambda: (
                driver.create_volume_from_snapshot(child, snapshot)
            ),
            "revert_to_snapshot": lambda: driver.revert_to_snapshot(
                self.admin, volume, snapshot
            ),
            "extend_volume": lambda: driver.extend_volume(volume, 2),
            "retype": lambda: driver.retype(
                self.admin, volume, volume.volume_type, {}, nvme
            ),
            "initialize_connection": lambda: driver.initialize_connection(
                volume, base.COMP1
            ),
            "terminate_connection": lambda: driver.terminate_connection(
                volume, base.COMP1
            ),
            "delete_snapshot": lambda: driver.delete_snapshot(snapshot),
            "delete_volume": lambda: [
                driver.delete_volume(each) for each in (clone, child, volume)
            ],
        }


def measure(count: int) -> Taken:
    """The times with so many volumes."""
    found: list[Taken] = []
    with tempfile.TemporaryDirectory() as directory:
        simulator_scale.fill(pathlib.Path(directory), count)

        class Scale(ScaleTestCase):
            state_dir = pathlib.Path(directory)

            def test_it(self) -> None:
                found.append(self.measured())

        result = unittest.TestResult()
        Scale("test_it").run(result)
        for _, trace in (*result.errors, *result.failures):
            raise RuntimeError(trace)
    return found[0]


def main() -> None:
    """Print a table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    few, lots = measure(FEW), measure(many)
    print(f"{'operation':28} {FEW:>8} {many:>8}   ratio   (ms, median)")
    for name, before in few.items():
        ratio = lots[name] / before
        verdict = "" if ratio <= TARGET else "above the target"
        figures = f"{before:8.2f} {lots[name]:8.2f} {ratio:7.2f}"
        print(f"{name:28} {figures}  {verdict}".rstrip())


if __name__ == "__main__":
    main()
