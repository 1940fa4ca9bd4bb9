# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Being woken by a change of a directory."""

import errno
import gc
import os
import threading
import time

import fixtures
import testtools

from storpool_common import inotify
from tests import concurrency
from tests import manual_clock

# Long enough that only an event can end the wait in time.
LONG = 60.0
SHORT = 0.05


class DirectoryWatchTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.clock = manual_clock.ManualClock()
        self.watches = inotify.Watches()
        self.addCleanup(self.watches.close)

    def _wait_while(self, path, action):
        with self.watches.watch(path, self.clock) as watch:
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
        with self.watches.watch(self.directory, self.clock) as watch:
            os.mkdir(os.path.join(self.directory, "new"))
            watch.wait(LONG)

    def test_nothing_happens(self):
        with self.watches.watch(self.directory, self.clock) as watch:
            watch.wait(0)

    def test_no_watch_left_sleeps(self):
        used_up = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self.useFixture(
            fixtures.MockPatchObject(inotify, "_Instance", side_effect=used_up)
        )
        with self.watches.watch(self.directory, self.clock) as watch:
            watch.wait(0.5)
        self.assertEqual([0.5], self.clock.slept)

    def test_descriptors_are_closed(self):
        before = self._descriptors()
        self._watch_twice()
        self.watches.close()
        self.assertEqual(before, self._descriptors())

    def test_closed_with_the_last_who_knows_them(self):
        before = self._descriptors()
        used = inotify.Watches()
        with used.watch(self.directory, self.clock):
            pass
        del used
        gc.collect()
        self.assertEqual(before, self._descriptors())

    def test_one_is_used_again(self):
        self._watch_twice()
        before = self._descriptors()
        self._watch_twice()
        self.assertEqual(before, self._descriptors())

    def test_a_former_change_wakes_nobody(self):
        with self.watches.watch(self.directory, self.clock):
            os.mkdir(os.path.join(self.directory, "new"))
        with self.watches.watch(self.directory, self.clock) as watch:
            began = time.monotonic()
            watch.wait(SHORT)
            self.assertGreaterEqual(time.monotonic() - began, SHORT)

    def test_a_directory_that_goes(self):
        directory = os.path.join(self.directory, "gone")
        os.mkdir(directory)
        with self.watches.watch(directory, self.clock):
            os.rmdir(directory)
        self.test_new_link_wakes()

    def test_a_child_makes_its_own(self):
        self._watch_twice()
        parents = self._descriptors()
        child = os.fork()
        if not child:
            concurrency.in_child()
            with self.watches.watch(self.directory, self.clock):
                os.mkdir(os.path.join(self.directory, "of-the-child"))
            os._exit(0)
        self.assertEqual(0, os.waitpid(child, 0)[1])
        self.assertEqual(parents, self._descriptors())
        self.test_new_link_wakes()

    def _watch_twice(self):
        for path in (self.directory, self.directory + "/a/b"):
            with self.watches.watch(path, self.clock):
                pass

    def _descriptors(self):
        # What eventlet waits with is left out.
        return {
            each
            for each in os.listdir("/proc/self/fd")
            if _leads_to(each).endswith("inotify")
        }


def _leads_to(descriptor):
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except FileNotFoundError:
        return ""
