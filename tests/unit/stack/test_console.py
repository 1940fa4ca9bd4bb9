# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the guest says, understood."""

import testtools

from tests.stack import console

BOOT = """\
SeaBIOS (version 1.16)
STACK-GUEST-BOOTED GUEST-MARKER 1f0c kernel=6.1 uptime=1.64
STACK-GUEST-DISKS vda:2097152 uptime=1.69
STACK-GUEST-TICK 5 uptime=3.0
STACK-GUEST-DISKS vda:2097152 vdb:4194304 uptime=4.1
STACK-GUEST-WROTE vdb GUEST-DATA 1f0c vdb:4194304
STACK-GUEST-TICK 10 uptime=5.0
"""


class ConsoleTest(testtools.TestCase):
    def test_before_the_boot(self):
        empty = console.Console("SeaBIOS (version 1.16)\n")
        self.assertIsNone(empty.marker)
        self.assertIsNone(empty.booted)
        self.assertIsNone(empty.size("vda"))
        self.assertIsNone(empty.wrote("vdb"))
        self.assertEqual(0, empty.tick)
        self.assertEqual([], empty.errors)

    def test_a_guest_at_work(self):
        seen = console.Console(BOOT)
        self.assertEqual("GUEST-MARKER 1f0c", seen.marker)
        self.assertEqual(10, seen.tick)
        self.assertEqual(2 << 30, seen.size("vdb"))
        self.assertEqual("GUEST-DATA 1f0c vdb:4194304", seen.wrote("vdb"))
        self.assertEqual([], seen.errors)

    def test_a_disk_that_went(self):
        text = BOOT + "STACK-GUEST-DISKS vda:2097152 uptime=9.1\n"
        self.assertIsNone(console.Console(text).size("vdb"))

    def test_serial_lines_end_in_carriage_returns(self):
        seen = console.Console(BOOT.replace("\n", "\r\n"))
        self.assertEqual("GUEST-MARKER 1f0c", seen.marker)
        self.assertEqual("GUEST-DATA 1f0c vdb:4194304", seen.wrote("vdb"))

    def test_errors_of_guest_and_kernel(self):
        for line in (
            "STACK-GUEST-IO-ERROR write vda sector 1 uptime=3",
            "[ 9.1] I/O error, dev vda, sector 131073 op 0x1:(WRITE)",
            "[ 9.1] Kernel panic - not syncing: Attempted to kill init!",
        ):
            self.assertEqual([line], console.Console(f"{BOOT}{line}\n").errors)
