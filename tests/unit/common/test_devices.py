# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Looking at, and waiting for, the devices of attached objects."""

import glob
import os
import stat

import fixtures
import testtools

from storpool_common import devices
from storpool_common import errors
from tests import manual_clock

GLOBAL_ID = "a1b.c.d9"
MIB = 1024 * 1024


def some_block_device():
    """A block device of this machine, if it has one; it is only read."""
    for path in sorted(glob.glob("/dev/loop[0-9]*") + glob.glob("/dev/vd*")):
        if stat.S_ISBLK(os.stat(path).st_mode):
            return path
    return None


class ScriptedWatch:
    """A watch that lets something happen at each wait."""

    def __init__(self, clock, steps):
        self.clock = clock
        self.steps = steps
        self.waits = []

    def __call__(self, directory, clock):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def wait(self, seconds):
        self.waits.append(seconds)
        if self.steps:
            self.steps.pop(0)()
        self.clock.sleep(seconds)


class DevicesTest(testtools.TestCase):
    """With a real node for the link and made-up descriptions in sysfs."""

    def setUp(self):
        super().setUp()
        self.node = some_block_device()
        if self.node is None:
            self.skipTest("this machine has no block device to look at")
        self.directory = self.useFixture(fixtures.TempDir()).join("byid")
        self.sysfs = self.useFixture(fixtures.TempDir()).path
        self.clock = manual_clock.ManualClock()
        self.steps = []
        self.watch = ScriptedWatch(self.clock, self.steps)
        self.devices = devices.Devices(
            self.directory,
            sysfs=self.sysfs,
            clock=self.clock,
            watch=self.watch,
        )
        self.describe(size=MIB)

    @property
    def link(self):
        return os.path.join(self.directory, GLOBAL_ID)

    def describe(self, *, size, read_only=False):
        number = os.stat(self.node).st_rdev
        place = os.path.join(
            self.sysfs, f"{os.major(number)}:{os.minor(number)}"
        )
        os.makedirs(place, exist_ok=True)
        for name, value in (("size", size // 512), ("ro", int(read_only))):
            with open(os.path.join(place, name), "w") as file:
                file.write(f"{value}\n")

    def make_link(self, target=None):
        os.makedirs(self.directory, exist_ok=True)
        os.symlink(target or self.node, self.link)

    def test_path(self):
        self.assertEqual(self.link, self.devices.path(GLOBAL_ID))

    def test_ready_device(self):
        self.make_link()
        device = self.devices.look(GLOBAL_ID)
        self.assertIsInstance(device, devices.Device)
        self.assertEqual(
            (self.link, MIB, "rw"), (device.path, device.size, device.mode)
        )

    def test_read_only_device(self):
        self.describe(size=MIB, read_only=True)
        self.make_link()
        self.assertEqual("ro", self.devices.look(GLOBAL_ID).mode)

    def test_absent(self):
        self.assertEqual(
            devices.Unusable("is absent", False), self.devices.look(GLOBAL_ID)
        )

    def test_dangling_link(self):
        self.make_link("/dev/no-such-device")
        self.assertEqual(
            devices.Unusable(
                "is a dangling link to /dev/no-such-device", True
            ),
            self.devices.look(GLOBAL_ID),
        )

    def test_regular_file(self):
        self.make_link(__file__)
        self.assertEqual(
            devices.Unusable("is not a block device", True),
            self.devices.look(GLOBAL_ID),
        )

    def test_wait_returns_at_once_when_ready(self):
        self.make_link()
        device = self.devices.wait_ready(
            GLOBAL_ID, mode="rw", size=MIB, timeout=30
        )
        self.assertEqual(self.link, device.path)
        self.assertEqual([], self.watch.waits)

    def test_wait_for_directory_and_link(self):
        self.steps += [
            lambda: os.mkdir(self.directory),
            lambda: self.make_link("/dev/no-such-device"),
            lambda: os.unlink(self.link),
            self.make_link,
        ]
        device = self.devices.wait_ready(
            GLOBAL_ID, mode="rw", size=MIB, timeout=30
        )
        self.assertEqual(MIB, device.size)
        self.assertEqual(4, len(self.watch.waits))

    def test_wait_for_size(self):
        self.make_link()
        self.steps += [lambda: None, lambda: self.describe(size=2 * MIB)]
        device = self.devices.wait_ready(
            GLOBAL_ID, mode="rw", size=2 * MIB, timeout=30
        )
        self.assertEqual(2 * MIB, device.size)

    def test_wait_for_rights(self):
        self.describe(size=MIB, read_only=True)
        self.make_link()
        self.steps.append(lambda: self.describe(size=MIB))
        device = self.devices.wait_ready(
            GLOBAL_ID, mode="rw", size=MIB, timeout=30
        )
        self.assertEqual("rw", device.mode)

    def test_never_rechecks_more_than_once_a_second(self):
        self.assertRaises(
            errors.DeviceNotReady,
            self.devices.wait_ready,
            GLOBAL_ID,
            mode="rw",
            timeout=30,
        )
        self.assertEqual(1.0, max(self.watch.waits))
        self.assertLess(len(self.watch.waits), 40)

    def _refusal(self, **wanted):
        error = self.assertRaises(
            errors.DeviceNotReady,
            self.devices.wait_ready,
            GLOBAL_ID,
            timeout=30,
            **wanted,
        )
        self.assertIn(self.link, str(error))
        return str(error)

    def test_absent_at_the_deadline(self):
        self.assertIn("is absent", self._refusal(mode="rw", size=MIB))

    def test_dangling_at_the_deadline(self):
        self.make_link("/dev/no-such-device")
        self.assertIn("dangling link", self._refusal(mode="rw", size=MIB))

    def test_other_size_at_the_deadline(self):
        self.make_link()
        self.assertIn(
            f"{MIB} bytes instead of {2 * MIB}",
            self._refusal(mode="rw", size=2 * MIB),
        )

    def test_empty_device_is_not_ready(self):
        self.describe(size=0)
        self.make_link()
        self.assertIn("is empty", self._refusal(mode="ro"))

    def test_read_only_at_the_deadline(self):
        self.describe(size=MIB, read_only=True)
        self.make_link()
        self.assertIn("cannot be written", self._refusal(mode="rw"))

    def test_gone(self):
        self.devices.wait_gone(GLOBAL_ID, timeout=30)
        self.assertEqual([], self.watch.waits)

    def test_wait_until_gone(self):
        self.make_link()
        self.steps.append(lambda: os.unlink(self.link))
        self.devices.wait_gone(GLOBAL_ID, timeout=30)
        self.assertFalse(os.path.lexists(self.link))

    def test_link_that_stays(self):
        self.make_link("/dev/no-such-device")
        error = self.assertRaises(
            errors.DeviceNotReady,
            self.devices.wait_gone,
            GLOBAL_ID,
            timeout=30,
        )
        self.assertIn("still there", str(error))

    def test_find_by_another_name(self):
        self.make_link()
        os.symlink("/dev/no-such-device", os.path.join(self.directory, "x"))
        self.assertEqual(GLOBAL_ID, self.devices.find(self.node))

    def test_find_by_its_link(self):
        self.assertEqual(GLOBAL_ID, self.devices.find(self.link))

    def test_find_nothing(self):
        self.assertIsNone(self.devices.find("/dev/no-such-device"))
        self.assertIsNone(self.devices.find(self.node))
        self.make_link("/dev/null")
        self.assertIsNone(self.devices.find(self.node))
