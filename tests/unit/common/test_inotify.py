# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Being woken by a change of a directory."""

import errno
import os
import threading

import fixtures
import testtools

from storpool_common import inotify
from tests import manual_clock

# Long enough that only an event can end the wait in time.
LONG = 60.0


class DirectoryWatchTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.clock = manual_clock.ManualClock()

    def _wait_while(self, path, action):
        with inotify.DirectoryWatch(path, self.clock) as watch:
            thread = threading.Thread(target=action)
            thread.start()
            watch.wait(LONG)
            thread.join()

    def test_new_link_wakes(self):
        link = os.path.join(self.directory, "a.b.c")
        self._wait_while(self.directory, lambda: os.symlink("/dev/null", link))
        self.assertTrue(os.path.lexists(link))

    def test_link_moved_into_place_wakes(self):
        link = os.path.join(self.directory, "a.b.c")
        other = os.path.join(
            self.useFixture(fixtures.TempDir()).path, "made-elsewhere"
        )
        os.symlink("/dev/null", other)
        self._wait_while(self.directory, lambda: os.rename(other, link))
        self.assertTrue(os.path.lexists(link))

    def test_removed_link_wakes(self):
        link = os.path.join(self.directory, "a.b.c")
        os.symlink("/dev/null", link)
        self._wait_while(self.directory, lambda: os.unlink(link))
        self.assertFalse(os.path.lexists(link))

    def test_directory_that_comes_wakes(self):
        absent = os.path.join(self.directory, "not", "yet")
        self._wait_while(absent, lambda: os.mkdir(os.path.dirname(absent)))
        self.assertTrue(os.path.isdir(os.path.dirname(absent)))

    def test_change_before_the_wait_is_not_lost(self):
        with inotify.DirectoryWatch(self.directory, self.clock) as watch:
            os.mkdir(os.path.join(self.directory, "new"))
            watch.wait(LONG)

    def test_nothing_happens(self):
        with inotify.DirectoryWatch(self.directory, self.clock) as watch:
            watch.wait(0)

    def test_no_watch_left_sleeps(self):
        used_up = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self.useFixture(
            fixtures.MockPatchObject(inotify, "_open", side_effect=used_up)
        )
        with inotify.DirectoryWatch(self.directory, self.clock) as watch:
            watch.wait(0.5)
        self.assertEqual([0.5], self.clock.slept)

    def test_descriptors_are_closed(self):
        before = set(os.listdir("/proc/self/fd"))
        with inotify.DirectoryWatch(self.directory, self.clock):
            pass
        with inotify.DirectoryWatch(self.directory + "/a/b", self.clock):
            pass
        self.assertEqual(before, set(os.listdir("/proc/self/fd")))
