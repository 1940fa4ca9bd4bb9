# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Services that run as several users of one group share the records."""

import os
import stat
import traceback

import fixtures
import testtools

from storpool_common.attachments.locks import VolumeLocks
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.errors import RecordsUnusable

# Numbers that no user of this machine has to have.
GROUP = 54000
NOVA, CINDER, STRANGER = 54001, 54002, 54003
VOLUME = StoredObject("a.b.c", "os--volume-1")


class UsersTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can become several users")
        parent = self.useFixture(fixtures.TempDir()).path
        os.chmod(parent, 0o755)
        self.state_dir = os.path.join(parent, "state")
        os.mkdir(self.state_dir)
        os.chown(self.state_dir, 0, GROUP)
        os.chmod(self.state_dir, 0o2770)

    def run_as(self, user, group, work):
        """Run something as another user; returns its exit code."""
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        code = 1
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
            os.umask(0o077)
            work()
            code = 0
        except Exception:
            traceback.print_exc()
            raise
        finally:
            # Not into the runner, of which this is a copy.
            os._exit(code)

    def use(self, key):
        request = Request(key, VOLUME, "rw", Process.current(), 1.0)
        locks = VolumeLocks(os.path.join(self.state_dir, "locks"))

        def work():
            records = Records(self.state_dir)
            with locks.hold(VOLUME.global_id, timeout=5):
                records.add(request)
            records.close()

        return work

    def test_users_of_the_group(self):
        self.assertEqual(0, self.run_as(NOVA, GROUP, self.use("nova:i:1")))
        self.assertEqual(
            0, self.run_as(CINDER, GROUP, self.use("cinder-volume:x"))
        )
        self.assertEqual(0, self.run_as(NOVA, GROUP, self.use("nova:j:1")))
        records = Records(self.state_dir)
        self.addCleanup(records.close)
        self.assertEqual(3, len(records.requests()))
        for name in os.listdir(self.state_dir):
            found = os.stat(os.path.join(self.state_dir, name))
            self.assertEqual(GROUP, found.st_gid, name)
            self.assertEqual(0, stat.S_IMODE(found.st_mode) & 0o007, name)

    def test_others_are_told_the_way_out(self):
        def work():
            records = Records(self.state_dir)
            try:
                records.requests()
            except RecordsUnusable as error:
                if self.state_dir in str(error):
                    return
            raise AssertionError("it was not refused")

        self.assertEqual(0, self.run_as(STRANGER, STRANGER, work))
