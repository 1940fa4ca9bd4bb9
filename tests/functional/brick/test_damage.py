# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Damaged records of a host whose guests run."""

import pathlib
import subprocess
import sys
import uuid

import fixtures
from os_brick.exception import VolumePathNotRemoved

from tests.functional.brick.base import LoopTestCase

#: A guest that got its disk while it ran: it is not on the command line.
GUEST = """
import os, sys
disk = os.open(sys.stdin.readline().strip(), os.O_RDWR)
print("open", flush=True)
sys.stdin.readline()
os.close(disk)
print("closed", flush=True)
sys.stdin.readline()
"""


class DamageTest(LoopTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())

    def start_guest(self, guest, path):
        process = subprocess.Popen(
            ["qemu-system-x86_64", "-c", GUEST, "-uuid", guest],
            executable=sys.executable,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.tell(process, path)
        return process

    def tell(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        process.stdout.readline()

    def damage(self):
        state = pathlib.Path(self.values()["SP_OPENSTACK_STATE_DIR"])
        for file in state.glob("attachments.sqlite-*"):
            file.unlink()
        (state / "attachments.sqlite").write_bytes(bytes(range(256)) * 99)

    def test_guests_keep_their_disks(self):
        volume = self.make_volume()
        connector = self.connector(DETACH_TIMEOUT=0.3, DETACH_GRACE=0.1)
        guests = [str(uuid.uuid4()) for _ in range(2)]
        processes = []
        for guest in guests:
            data = dict(volume, storpool_owner=f"nova:{guest}")
            path = connector.connect_volume(data)["path"]
            processes.append(self.start_guest(guest, path))
        self.damage()

        self.assertEqual(
            {f"nova:{guest}:1" for guest in guests},
            {one.key for one in self.host().requests()},
        )
        first, second = (
            dict(volume, storpool_owner=f"nova:{guest}", device_path=path)
            for guest in guests
        )
        self.tell(processes[0], "close")
        connector.disconnect_volume(first, None)
        self.assertEqual({("os--volume-1", 1): "rw"}, self.attached())
        self.assertRaises(
            VolumePathNotRemoved,
            connector.disconnect_volume,
            second,
            None,
            force=True,
        )
        self.tell(processes[1], "close")
        connector.disconnect_volume(second, None)
        self.assertEqual({}, self.attached())
        self.assertEqual([], self.links())
