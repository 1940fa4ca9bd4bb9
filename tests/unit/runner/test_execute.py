# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A suite's outcome is what its tests did, and nothing else."""

import pathlib
import subprocess
import sys

import fixtures
import testtools

from tests.runner import execute
from tests.runner import suites

PASSES = "def test_passes(self): pass"
FAILS = "def test_fails(self): self.fail('as it should')"
SKIPS = "def test_skips(self): self.skipTest('no reason')"
#: A module that cannot be imported: its tests are not merely absent.
BROKEN = "syntax error"


class ExecuteTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.cases = root / "cases"
        self.cases.mkdir()
        (self.cases / "__init__.py").touch()
        (root / ".stestr.conf").write_text(
            "[DEFAULT]\ntest_path=${OS_TEST_PATH}\ntop_dir=./\n"
        )
        self.runner = execute.Runner(
            root, pathlib.Path(sys.executable), root, root
        )

    def outcome(self, *methods: str) -> execute.Outcome:
        body = "".join(f"    {method}\n" for method in methods)
        (self.cases / "test_made_up.py").write_text(
            f"import unittest\nclass Case(unittest.TestCase):\n{body}"
        )
        return self.runner.suite(suites.Suite("made/up", "cases"))

    def counts(self, *methods: str) -> tuple[int, int, int]:
        outcome = self.outcome(*methods)
        return outcome.passed, outcome.failed, outcome.skipped

    def test_every_kind_is_counted(self) -> None:
        self.assertEqual((1, 1, 1), self.counts(PASSES, FAILS, SKIPS))

    def test_a_failure_shows_its_output(self) -> None:
        output = "\n".join(self.outcome(FAILS).output)
        self.assertIn("as it should", output)
        self.assertIn("made-up.log", output)

    def test_a_green_suite_is_quiet(self) -> None:
        self.assertEqual([], self.outcome(PASSES).output)

    def test_a_broken_module_has_failed(self) -> None:
        self.assertEqual((0, 1, 0), self.counts(BROKEN))

    def test_a_suite_without_tests_has_failed(self) -> None:
        (self.cases / "test_made_up.py").unlink(missing_ok=True)
        outcome = self.runner.suite(suites.Suite("made/up", "cases"))
        self.assertEqual(1, outcome.failed)

    def test_a_process_that_is_left_behind(self) -> None:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()", str(self.runner.scratch)],
            stdin=subprocess.PIPE,
        )
        try:
            [left] = self.runner.leftovers().output
        finally:
            child.communicate(b"\n")
        self.assertIn(f"process {child.pid}", left)
        self.assertEqual(1, self.runner.leftovers().passed)

    def test_a_check_is_its_exit_status(self) -> None:
        good = suites.Check("good", ("this",))
        bad = suites.Check("bad", ("no_such_module",))
        self.assertEqual(1, self.runner.check(good).passed)
        self.assertEqual(1, self.runner.check(bad).failed)
