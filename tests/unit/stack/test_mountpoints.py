# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Several clouds of one machine use the same mount points."""

import pathlib

import fixtures
import testtools

from tests.stack import mountpoints


class MountPointsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.kept = self.home / "kept"
        self.proc = self.home / "proc"
        self.target = self.home / "disk/by-id"

    def make(self):
        mountpoints.make([str(self.target)], self.kept)

    def remove(self):
        mountpoints.remove(self.kept, self.proc)

    def mount(self, pid, target):
        """Let a process be in a namespace where this is mounted."""
        (self.proc / pid).mkdir(parents=True)
        line = f"36 35 98:0 / {target} rw - ext4 /dev/root rw\n"
        (self.proc / pid / "mountinfo").write_text(line)

    def test_what_was_made_goes(self):
        self.make()
        self.assertTrue(self.target.is_dir())
        self.remove()
        self.assertFalse(self.target.parent.exists())
        self.assertFalse(self.kept.exists())

    def test_a_file_goes_when_nobody_uses_it(self):
        path = self.home / "storpool.conf"
        mountpoints.make_file(str(path), self.kept)
        mountpoints.make_file(str(path), self.kept)
        self.mount("17", path)
        self.remove()
        self.assertTrue(path.is_file())
        (self.proc / "17/mountinfo").unlink()
        self.remove()
        self.assertFalse(path.exists())
        self.assertFalse(self.kept.exists())

    def test_a_file_that_has_something_in_it_stays(self):
        path = self.home / "storpool.conf"
        mountpoints.make_file(str(path), self.kept)
        path.write_text("SP_OURID=1\n")
        self.remove()
        self.assertTrue(path.is_file())

    def test_what_was_there_stays(self):
        self.target.mkdir(parents=True)
        self.make()
        self.remove()
        self.assertTrue(self.target.is_dir())
        self.assertFalse(self.kept.exists())

    def test_the_last_one_removes_it(self):
        self.make()
        self.make()
        self.mount("17", self.target)
        self.remove()
        self.assertTrue(self.target.is_dir())
        (self.proc / "17/mountinfo").unlink()
        self.remove()
        self.assertFalse(self.target.parent.exists())

    def test_one_that_others_put_something_in_stays(self):
        self.make()
        (self.target / "link").touch()
        self.remove()
        self.assertTrue(self.target.is_dir())
        (self.target / "link").unlink()
        self.remove()
        self.assertFalse(self.target.parent.exists())

    def test_one_that_has_gone(self):
        self.make()
        self.target.rmdir()
        self.remove()
        self.assertFalse(self.kept.exists())

    def test_nothing_was_made(self):
        self.remove()
        self.assertFalse(self.kept.exists())

    def test_a_longer_path_is_another(self):
        self.mount("17", f"{self.target}/more")
        self.assertFalse(mountpoints.is_used(str(self.target), self.proc))
