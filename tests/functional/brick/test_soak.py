# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A few seconds of what tests.soak does for hours."""

import json
import os
import subprocess
import sys

import ddt
import testtools


@ddt.ddt
class SoakTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("loop devices are made by root only")

    def soak(self, *arguments):
        """Run it; returns what it reports."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.soak", *arguments],
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)

    @ddt.data("native", "eventlet")
    def test_killed_writers(self, mode):
        report = self.soak("kills", "--kills", "20", "--mode", mode)
        self.assertEqual(20, report["kills"])
        self.assertGreater(report["changes"], 20)

    @ddt.data("native", "eventlet")
    def test_cycles(self, mode):
        report = self.soak(
            *("cycles", "--cycles", "120", "--workers", "4", "--damages", "6"),
            *("--kills", "4", "--restarts", "1", "--mode", mode),
        )
        self.assertEqual(120, report["cycles"])
        self.assertEqual(4, report["kills"])
        self.assertEqual(1, report["restarts"])
