# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the measured pages promise, and that they are what a run prints."""

import pathlib
import re

from cinder.volume.drivers.storpool import StorPoolDriver
import ddt
import testtools

from cinder_storpool import driver
from tests.unit.cinder import managed
from tests.unit.cinder import operations
from tests.unit.cinder.report import calls
from tests.unit.cinder.report import faults
from tests.unit.cinder.report import hooks
from tests.unit.cinder.report import matrix

ROOT = pathlib.Path(__file__).parents[3]
FUNCTIONAL = ROOT / "tests/functional/cinder"


class CallsTest(calls.CallsTestCase):
    def test_what_is_promised_and_that_the_page_says_it(self) -> None:
        self.begin(managed.OURS)
        ours = self.measured(hooks.HOOKS)
        for hook in hooks.HOOKS:
            found = ours[hook.title]
            self.assertEqual("", found.instead, hook.title)
            self.assertTrue(found.calls <= hook.limit, (hook.title, found))
        self.begin(managed.IN_TREE)
        self.assertEqual(
            (ROOT / calls.PATH).read_text(),
            calls.page(ours, self.measured(hooks.HOOKS)),
            "print it again: python -m tests.unit.cinder.report calls >"
            f" {calls.PATH}",
        )


@ddt.ddt
class FaultsTest(faults.FaultsTestCase):
    @ddt.data(*operations.OPERATIONS)
    def test_the_page_says_it(self, name: str) -> None:
        """That every one of ours is right is for the test of faults."""
        chosen = operations.OPERATIONS[name]
        self.use_in_tree_configuration()
        self.begin()
        met = len(self.trials_of(self.calls_of(chosen)))
        self.begin(StorPoolDriver)
        self.assertIn(
            faults.row(name, faults.Score(met), self.scored(chosen)),
            (ROOT / faults.PATH).read_text(),
            "print it again: python -m tests.unit.cinder.report faults >"
            f" {faults.PATH}",
        )


class MatrixTest(matrix.MatrixTestCase):
    def test_the_page_says_it(self) -> None:
        ours = self.support(driver.StorPoolDriver)
        self.assertEqual(
            (ROOT / matrix.PATH).read_text(),
            matrix.page(ours, self.support(StorPoolDriver)),
            "print it again: python -m tests.unit.cinder.report matrix >"
            f" {matrix.PATH}",
        )


class SumTest(testtools.TestCase):
    def test_the_page_adds_up(self) -> None:
        text = (ROOT / faults.PATH).read_text()
        found = [
            [int(number) for number in pair]
            for pair in re.findall(r"(\d+)\s+of\s+(\d+)", text)
        ]
        ours, theirs, *rows = found
        self.assertEqual(
            [a + b for a, b in zip(ours, theirs, strict=True)],
            [sum(column) for column in zip(*rows, strict=True)],
        )
        self.assertEqual(ours[0], ours[1])
        names = re.findall(r"\* - (\w+)\n", text)
        self.assertEqual(["operation", *operations.OPERATIONS], names)


@ddt.ddt
class SeenTest(testtools.TestCase):
    @ddt.data(*sorted({hook.seen for hook in hooks.HOOKS if hook.seen}))
    def test_a_functional_test_sees_the_data(self, seen: str) -> None:
        module, test_case, name = seen.split(".")
        text = (FUNCTIONAL / f"{module}.py").read_text()
        body = text.partition(f"class {test_case}(")[2]
        self.assertIn(f"    def {name}(self", body)
