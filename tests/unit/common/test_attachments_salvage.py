# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What can still be read of damaged records, and who had asked before."""

import contextlib
import os
import sqlite3

from storpool_common.attachments.records import FILE
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.errors import DeviceBusy
from storpool_common.errors import DeviceNotReady
from storpool_common.errors import UnknownRequest
from tests.unit.common.damaging import RecoveryTestCase

OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}


class SalvageTest(RecoveryTestCase):
    COUNT = 300

    def setUp(self):
        super().setUp()
        kept = Records(str(self.state_dir))
        self.host.attach("nova:i:1", self.target, "rw")
        [request] = self.host.requests()
        for number in range(self.COUNT):
            kept.add(
                Request(
                    f"nova:{number:03}:x",
                    StoredObject(
                        f"a.b.{number:03}", f"os--volume-{number:03}"
                    ),
                    "rw",
                    request.process,
                    1.0,
                )
            )
        self.everything = {one.key for one in kept.requests()}
        kept.close()
        self.host.close()
        self.file = self.state_dir / FILE

    def overwrite(self, begin, end):
        with open(self.file, "r+b") as file:
            file.seek(begin)
            file.write(os.urandom(end - begin))

    def test_pages_in_the_middle(self):
        size = self.file.stat().st_size
        self.overwrite(size // 2, size // 2 + 2 * 4096)
        self.host.attach("nova:j:2", self.other, "rw")
        keys = self.keys()
        self.assertGreater(len(keys), self.COUNT // 3)
        self.expect_attached(self.target, self.other)
        self.assertTrue(keys & {"nova:i:1", self.former()})

    def test_the_rest_is_missing(self):
        os.truncate(self.file, self.file.stat().st_size // 2)
        self.host.attach("nova:j:2", self.other, "rw")
        keys = self.keys()
        self.assertIn("nova:j:2", keys)
        self.assertTrue(keys & {"nova:i:1", self.former()})

    def test_an_index(self):
        """All is there but what a look at one object needs."""
        with contextlib.closing(sqlite3.connect(self.file)) as connection:
            [[page]] = connection.execute(
                "SELECT rootpage FROM sqlite_master"
                " WHERE name = 'requests_by_object'"
            )
        self.overwrite((page - 1) * 4096, page * 4096)
        self.host.attach("nova:j:2", self.other, "rw")
        self.assertEqual(self.everything | {"nova:j:2"}, self.keys())

    def test_what_was_saved_is_not_detached_by_force(self):
        self.test_an_index()
        self.fixture.simulator.add_fault(**OPEN)
        self.assertRaises(DeviceBusy, self.host.detach, "nova:i:1", force=True)
        self.expect_attached(self.target, self.other)


class FormerTest(RecoveryTestCase):
    """Owners come back, or leave, whose requests are recorded no more."""

    def setUp(self):
        super().setUp()
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()

    def test_who_leaves_with_an_unknown_key(self):
        self.assertRaises(UnknownRequest, self.host.detach, "nova:i:1")
        self.host.detach_former(self.target)
        self.expect_attached()
        self.assertEqual(set(), self.keys())

    def test_who_leaves_by_name(self):
        self.host.detach_unnamed(self.target, owner="nova:i")
        self.expect_attached()

    def test_who_leaves_without_a_name(self):
        self.host.detach_unnamed(self.target)
        self.expect_attached()

    def test_a_copy_of_this_process_is_not_taken_for_it(self):
        self.host.attach("cinder-volume:x", self.target, "rw")
        self.host.detach_unnamed(self.target)
        self.expect_attached(self.target)
        self.assertEqual({self.former()}, self.keys())

    def test_never_by_force(self):
        self.fixture.simulator.add_fault(**OPEN)
        self.assertRaises(
            DeviceBusy,
            self.host.detach_former,
            self.target,
            force=True,
        )
        self.expect_attached(self.target)
        self.assertEqual({self.former()}, self.keys())

    def test_who_comes_back_takes_over(self):
        self.host.attach("nova:i:1", self.target, "rw", returning=True)
        self.assertEqual({"nova:i:1"}, self.keys())
        self.host.detach("nova:i:1")
        self.expect_attached()

    def test_who_comes_back_in_vain_takes_over_nothing(self):
        self.host.requests()
        self.fixture.devices.absent.add(self.target.global_id)
        self.assertRaises(
            DeviceNotReady,
            self.host.attach,
            "nova:i:1",
            self.target,
            "rw",
            returning=True,
        )
        self.assertEqual({self.former()}, self.keys())

    def test_a_new_owner_does_not_take_over(self):
        self.host.attach("cinder-volume:x", self.target, "ro")
        self.host.detach("cinder-volume:x")
        self.expect_attached(self.target)
        self.assertEqual({self.former()}, self.keys())

    def test_an_owner_that_is_recorded_leaves_it_to_others(self):
        self.host.attach("nova:j:1", self.target, "rw")
        self.host.detach_unnamed(self.target, owner="nova:j")
        self.expect_attached(self.target)
        self.assertEqual({self.former()}, self.keys())

    def test_nothing_stands_for_it(self):
        self.host.attach("nova:i:1", self.target, "rw", returning=True)
        self.assertRaises(UnknownRequest, self.host.detach_former, self.target)
        self.assertRaises(UnknownRequest, self.host.detach_former, self.other)
        self.expect_attached(self.target)
