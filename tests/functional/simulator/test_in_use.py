# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Devices that somebody has open: kept, waited for, taken by force."""

import os
import subprocess
import sys

from storpool_common import api
from storpool_common import errors
from tests.functional.simulator import base
from tests.functional.simulator.base import Reassign

#: Has a device open for a moment, by the name of udev's workers.
LOOK = """
import sys, time
with open("/proc/self/comm", "w") as name:
    name.write("(udev-worker)")
with open(sys.argv[1]) as device:
    print("open", flush=True)
    time.sleep(0.2)
"""

#: Tells the first name that comes or goes in a directory.
WATCH = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
watch = libc.inotify_init1(0)
libc.inotify_add_watch(watch, sys.argv[1].encode(), 0x3C0)
print("ready", flush=True)
data = os.read(watch, 4096)
length = struct.unpack_from("iIII", data)[3]
print(data[16 : 16 + length].rstrip(b"\\0").decode(), flush=True)
"""


class OpenTest(base.LoopTestCase):
    def setUp(self):
        super().setUp()
        self.create("a")

    def test_open_in_a_process(self):
        disk = self.open("a")
        self.attach("a", 2)
        for members in ({"detach": [1]}, {"detach": "all"}):
            raised = self.assertRaises(
                errors.Busy, self.reassign, "a", **members
            )
            self.assertIn("volume 'a' is open at client 1", str(raised))
            self.assertIn(f"(pid {os.getpid()})", str(raised))
            self.assertEqual(2, len(self.api.attachments_list()))
            self.assertEqual(4, len(self.links()))
        disk.write(0, "still mine")
        self.reassign("a", detach=[2])
        disk.close()
        self.reassign("a", detach=[1])

    def test_all_or_nothing(self):
        self.create("b")
        disk = self.open("b")
        self.attach("a")
        self.assertRaises(
            errors.Busy,
            self.api.volumes_reassign,
            [
                Reassign(volume="a", detach=[1]),
                Reassign(volume="b", detach=[1]),
            ],
        )
        self.assertEqual(2, len(self.api.attachments_list()))
        with base.Disk(self.dev / "storpool" / "a") as other:
            other.write(0, "back")
        disk.write(0, "kept")

    def test_mounted(self):
        path = self.attach("a")
        subprocess.run(["mkfs.ext4", "-q", str(path)], check=True)
        where = self.dev / "mounted"
        where.mkdir()
        subprocess.run(["mount", str(path), str(where)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-q", str(where)])
        raised = self.assertRaises(errors.Busy, self.reassign, "a", detach=[1])
        self.assertIn(f"mounted on {where}", str(raised))
        subprocess.run(["umount", str(where)], check=True)
        self.reassign("a", detach=[1])

    def test_udev_is_waited_for(self):
        """It looks into every device that changes, and closes it again."""
        path = self.attach("a")
        looking = subprocess.Popen(
            [sys.executable, "-c", LOOK, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(looking.communicate)
        self.assertEqual(b"open\n", looking.stdout.readline())
        self.reassign("a", detach=[1])
        self.assertEqual({}, self.links())

    def test_forced(self):
        """Whoever has it open is cut off, and another client is not."""
        self.reassign("a", rw=[1, 2])
        mine, other = (self.disk(self.dev / f"sp-{n}") for n in (0, 1))
        mine.write(1, "before")
        self.reassign("a", detach=[1], force=True)
        self.assertRaises(OSError, mine.write, 1, "after")
        self.assertEqual("", mine.read(1))
        self.assertEqual("before", other.read(1))
        other.write(1, "theirs")
        self.assertEqual(
            [2], [each.client for each in self.api.attachments_list()]
        )
        self.attach("a")
        again = self.disk(self.dev / "sp-0")
        self.assertEqual("theirs", again.read(1))
        self.assertRaises(OSError, mine.write, 1, "after")

    def test_deleted_by_force(self):
        disk = self.open("a")
        self.api.volume_delete(
            "a", api.volumes.VolumeDeleteDesc(on_attached="detachForce")
        )
        self.assertRaises(OSError, disk.write, 0, "gone")
        self.assertEqual({}, self.links())


class StayingTest(base.LoopTestCase):
    """What is refused, or does not go away, is always there."""

    def setUp(self):
        super().setUp()
        self.create("a")

    def watch(self):
        """See every change of the directory of names until the test ends."""
        seen = subprocess.Popen(
            [sys.executable, "-c", WATCH, str(self.dev / "storpool")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(seen.communicate)
        self.assertEqual("ready\n", seen.stdout.readline())
        return seen

    def test_a_refused_detach_leaves_the_links_alone(self):
        self.open("a")
        seen = self.watch()
        for members in ({"detach": [1]}, {"detach": "all"}, {"ro": [1]}):
            self.assertRaises(errors.Busy, self.reassign, "a", **members)
        (self.dev / "storpool" / "end").touch()
        self.assertEqual("end\n", seen.stdout.readline())

    def test_lower_rights_leave_the_device_alone(self):
        path = self.attach("a")
        node = os.readlink(path)
        seen = self.watch()
        self.attach("a", rights="ro")
        disk = self.disk(path, os.O_RDONLY)
        self.assertRaises(OSError, disk.write, 0, "no")
        self.assertEqual(node, os.readlink(path))
        (self.dev / "storpool" / "end").touch()
        self.assertEqual("end\n", seen.stdout.readline())

    def test_a_refused_element_gives_rights_back(self):
        self.create("b")
        disk = self.open("b")
        path = self.attach("a")
        self.assertRaises(
            errors.Busy,
            self.api.volumes_reassign,
            [
                Reassign(volume="a", ro=[1]),
                Reassign(volume="b", detach=[1]),
            ],
        )
        with base.Disk(path) as other:
            other.write(0, "may be written")
        disk.write(0, "too")
