# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line that prints the pages."""

import argparse
from collections.abc import Callable
from collections.abc import Mapping
import sys
import unittest

from cinder.volume import driver as base_driver
from cinder.volume.drivers import storpool as in_tree

from cinder_storpool import driver
from tests.unit.cinder import managed
from tests.unit.cinder import operations
from tests.unit.cinder.report import calls
from tests.unit.cinder.report import faults
from tests.unit.cinder.report import hooks
from tests.unit.cinder.report import matrix


def _calls() -> str:
    found: list[calls.Outcomes] = []

    class Calls(calls.CallsTestCase):
        def measure(self, volume_driver: str) -> None:
            self.begin(volume_driver)
            found.append(self.measured(hooks.HOOKS))

        def test_ours(self) -> None:
            self.measure(managed.OURS)

        def test_theirs(self) -> None:
            self.measure(managed.IN_TREE)

    _run(Calls("test_ours"))
    _run(Calls("test_theirs"))
    ours, theirs = found
    return calls.page(ours, theirs)


def _faults() -> str:
    found: list[faults.Scores] = []

    class Faults(faults.FaultsTestCase):
        def measure(self, kind: type[base_driver.VolumeDriver]) -> None:
            found.append(self.scores(kind, operations.OPERATIONS))

        def test_ours(self) -> None:
            self.measure(driver.StorPoolDriver)

        def test_theirs(self) -> None:
            self.measure(in_tree.StorPoolDriver)

    _run(Faults("test_ours"))
    _run(Faults("test_theirs"))
    ours, theirs = found
    return faults.page(ours, theirs)


def _matrix() -> str:
    found: list[matrix.Support] = []

    class Matrix(matrix.MatrixTestCase):
        def test_both(self) -> None:
            for each in (driver, in_tree):
                found.append(self.support(each.StorPoolDriver))

    _run(Matrix("test_both"))
    ours, theirs = found
    return matrix.page(ours, theirs)


def _run(case: unittest.TestCase) -> None:
    """Run a test for what it finds; what goes wrong is shown."""
    result = unittest.TestResult()
    case.run(result)
    if not result.wasSuccessful():
        for _, trace in (*result.errors, *result.failures):
            print(trace, file=sys.stderr)
        raise SystemExit(1)


PAGES: Mapping[str, Callable[[], str]] = {
    "calls": _calls,
    "faults": _faults,
    "matrix": _matrix,
}


def main() -> int:
    """Print one page."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.unit.cinder.report", description=__doc__
    )
    parser.add_argument("page", choices=PAGES)
    print(PAGES[parser.parse_args().page](), end="")
    return 0
