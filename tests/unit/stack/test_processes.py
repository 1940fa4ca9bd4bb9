# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Starting, finding and stopping processes."""

import os
import pathlib
import signal
import sys

import fixtures
import testtools

from tests.stack import processes

SLEEPER = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); " + SLEEPER


class ProcessesTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.directory = pathlib.Path(path)
        self.table = processes.Table(self.directory / "pids", self.directory)

    def start(self, code):
        """A process that is past its first line, and dies with the test."""
        environment = dict(os.environ)
        environment[processes.MARK] = str(self.directory)
        identity = self.table.start(
            "one", [sys.executable, "-c", code], environment
        )
        self.addCleanup(self.end, identity)
        log = self.table.log("one")
        while "up" not in log.read_text():
            self.assertTrue(identity.alive, log.read_text())
        return identity

    @staticmethod
    def end(identity):
        if identity.alive:
            os.kill(identity.pid, signal.SIGKILL)

    def test_a_started_process_is_known(self):
        identity = self.start(SLEEPER)
        self.assertTrue(self.table.alive("one"))
        self.assertEqual(identity, self.table.get("one"))
        self.assertEqual(["one"], self.table.names())
        self.assertIn("signal.pause", identity.command)
        self.assertEqual(identity.pid, os.getpgid(identity.pid))

    def test_an_unknown_service_is_not_alive(self):
        self.assertIsNone(self.table.get("other"))
        self.assertFalse(self.table.alive("other"))

    def test_another_process_of_the_same_number_is_not_ours(self):
        identity = self.start(SLEEPER)
        later = processes.Identity(identity.pid, identity.started + 1)
        self.assertFalse(later.alive)
        processes.stop([later], patience=1)
        self.assertTrue(identity.alive)

    def test_its_children_are_found_by_the_mark(self):
        identity = self.start(SLEEPER)
        self.assertEqual([identity], processes.members(self.directory, ()))
        self.assertEqual([], processes.members(self.directory / "other", ()))

    def test_found_by_the_namespace_without_the_mark(self):
        identity = self.start(SLEEPER)
        number = os.stat(f"/proc/{identity.pid}/ns/mnt").st_ino
        found = processes.members(self.directory / "other", {number})
        self.assertIn(identity, found)

    def test_stop(self):
        identity = self.start(SLEEPER)
        self.assertEqual([], processes.stop([identity], patience=10))
        self.assertFalse(identity.alive)

    def test_the_stubborn_is_killed_and_named(self):
        identity = self.start(STUBBORN)
        self.assertEqual([identity], processes.stop([identity], patience=0.2))
        self.assertFalse(identity.alive)

    def test_stopping_twice_does_nothing(self):
        identity = self.start(SLEEPER)
        processes.stop([identity], patience=10)
        self.assertEqual([], processes.stop([identity], patience=10))
