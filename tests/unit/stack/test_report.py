# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Steps, told and timed."""

import contextlib
import io
import pathlib

import fixtures
import testtools

from tests.stack import errors
from tests.stack import report


class ReportTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable(report.STARTED))
        self.out = io.StringIO()
        self.err = io.StringIO()
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(contextlib.redirect_stdout(self.out))
        stack.enter_context(contextlib.redirect_stderr(self.err))
        self.report = report.Report()

    def test_a_step_is_one_line(self):
        with self.report.step("do it") as step:
            step.result = "three things"
        (line,) = self.out.getvalue().splitlines()
        self.assertIn("[ ok ] do it: three things (0.0 s)", line)

    def test_a_failed_step_says_so_and_goes_on_up(self):
        def fail():
            with self.report.step("do it"):
                raise errors.StackError("no")

        self.assertRaises(errors.StackError, fail)
        self.assertIn("[FAIL] do it", self.out.getvalue())

    def test_a_failure_shows_the_end_of_its_log(self):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path) / "log"
        path.write_text("".join(f"line {n}\n" for n in range(40)))
        self.report.fail(errors.StackError("mkfs exited 1", path))
        shown = self.err.getvalue()
        self.assertNotIn("line 24\n", shown)
        for expected in ("line 25\n", "line 39\n", "mkfs exited 1"):
            self.assertIn(expected, shown)
        self.assertIn(f"read {path}", shown)

    def test_a_failure_without_a_log(self):
        self.report.fail(errors.StackError("port 1 is taken"))
        self.assertEqual("FAILED: port 1 is taken\n", self.err.getvalue())

    def test_the_clock_is_handed_over(self):
        self.assertEqual(self.report.began, report.Report().began)


class TogetherTest(testtools.TestCase):
    def test_all_run_and_the_first_error_comes_out(self):
        done = []

        def fail():
            raise errors.StackError("first")

        error = self.assertRaises(
            errors.StackError,
            report.together,
            fail,
            lambda: done.append(True),
        )
        self.assertEqual("first", str(error))
        self.assertEqual([True], done)


class WaitForTest(testtools.TestCase):
    def test_what_holds_at_once(self):
        report.wait_for("it", lambda: True, 0)

    def test_what_never_holds_is_named(self):
        error = self.assertRaises(
            errors.StackError, report.wait_for, "the server", bool, -1
        )
        self.assertIn("the server: not within", str(error))
