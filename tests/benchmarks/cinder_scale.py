# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The operations of the Cinder driver in a cluster of many volumes.

The driver is asked as cinder-volume asks it; the simulator is a process of
its own, with as many snapshots as volumes. Statistics are left out, because
there the simulator looks at every volume.
"""

from collections.abc import Callable
import pathlib
import statistics
import tempfile
import time
from typing import Any
import unittest

from storpool_simulator import testing
from tests.benchmarks import simulator_scale
from tests.unit.cinder import base

TIMES = 100

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
