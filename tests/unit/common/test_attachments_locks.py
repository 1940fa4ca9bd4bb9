# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The lock of one volume, between threads and between processes."""

import os
import subprocess
import sys
import threading

import fixtures
import testtools

from storpool_common.attachments import locks
from storpool_common.errors import LockTimeout
from storpool_common.errors import RecordsUnusable
from tests import manual_clock

# Holds the lock named by its arguments until its input ends.
HOLDER = """
import sys
from storpool_common.attachments import locks
with locks.VolumeLocks(sys.argv[1]).hold(sys.argv[2], timeout=10):
    print("held", flush=True)
    sys.stdin.read()
"""

# Adds 1 to the number in a file, many times, under the lock.
COUNTER = """
import sys
from storpool_common.attachments import locks
held = locks.VolumeLocks(sys.argv[1])
for _ in range(200):
    with held.hold("a.b.c", timeout=60):
        with open(sys.argv[2]) as file:
            number = int(file.read())
        with open(sys.argv[2], "w") as file:
            file.write(str(number + 1))
"""


class Holder(fixtures.Fixture):
    """Another process that holds a lock."""

    def __init__(self, directory, name):
        self.directory = directory
        self.name = name

    def _setUp(self):  # noqa: N802
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, self.directory, self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(self._end)
        self.process.stdout.readline()

    def let_go(self):
        self.process.stdin.close()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def _end(self):
        self.kill()
        self.process.stdin.close()
        self.process.stdout.close()


class VolumeLocksTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).join("locks")
        self.clock = manual_clock.ManualClock()
        self.locks = locks.VolumeLocks(self.directory, clock=self.clock)

    def test_file_is_there_while_held(self):
        with self.locks.hold("a.b.c", timeout=1):
            self.assertEqual(["a.b.c.lock"], os.listdir(self.directory))
        self.assertEqual([], os.listdir(self.directory))

    def test_group_may_write_the_file(self):
        self.addCleanup(os.umask, os.umask(0o077))
        with self.locks.hold("a.b.c", timeout=1):
            found = os.stat(os.path.join(self.directory, "a.b.c.lock"))
        self.assertEqual(0o660, found.st_mode & 0o777)

    def test_same_thread_enters_again(self):
        with self.locks.hold("a.b.c", timeout=1):
            with self.locks.hold("a.b.c", timeout=1):
                pass
            self.assertEqual(["a.b.c.lock"], os.listdir(self.directory))
        self.assertEqual([], os.listdir(self.directory))

    def test_freed_after_an_error(self):
        def fail():
            with self.locks.hold("a.b.c", timeout=1):
                raise KeyError("of the caller")

        self.assertRaises(KeyError, fail)
        with self.locks.hold("a.b.c", timeout=0):
            pass

    def test_held_by_another_process(self):
        holder = self.useFixture(Holder(self.directory, "a.b.c"))
        error = self.assertRaises(LockTimeout, self._enter, "a.b.c", timeout=5)
        self.assertIn(str(holder.process.pid), str(error))
        self.assertAlmostEqual(5, sum(self.clock.slept), places=6)
        self.assertLessEqual(max(self.clock.slept), 0.02)

    def test_usable_after_a_timeout(self):
        holder = self.useFixture(Holder(self.directory, "a.b.c"))
        self.assertRaises(LockTimeout, self._enter, "a.b.c", timeout=0)
        holder.let_go()
        self._enter("a.b.c", timeout=0)

    def test_other_volume_does_not_wait(self):
        self.useFixture(Holder(self.directory, "a.b.c"))
        self._enter("x.y.z", timeout=0)
        self.assertEqual([], self.clock.slept)

    def test_killed_holder_frees_the_lock(self):
        holder = self.useFixture(Holder(self.directory, "a.b.c"))
        holder.kill()
        self.assertEqual(["a.b.c.lock"], os.listdir(self.directory))
        self._enter("a.b.c", timeout=0)
        self.assertEqual([], os.listdir(self.directory))

    def test_lock_of_a_file_that_has_gone_is_none(self):
        holder = self.useFixture(Holder(self.directory, "a.b.c"))
        path = os.path.join(self.directory, "a.b.c.lock")
        descriptor = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, descriptor)
        holder.let_go()
        with self.locks.hold("a.b.c", timeout=0):
            self.assertNotEqual(
                os.fstat(descriptor).st_ino, os.stat(path).st_ino
            )

    def test_held_by_another_thread(self):
        entered = threading.Event()
        leave = threading.Event()

        def hold():
            with self.locks.hold("a.b.c", timeout=10):
                entered.set()
                leave.wait(60)

        thread = threading.Thread(target=hold)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(leave.set)
        entered.wait(60)
        self.assertRaises(LockTimeout, self._enter, "a.b.c", timeout=0)
        self._enter("x.y.z", timeout=0)

    def test_error_other_than_contention_is_final(self):
        os.mkdir(self.directory)
        os.mkdir(os.path.join(self.directory, "a.b.c.lock"))
        error = self.assertRaises(
            RecordsUnusable, self._enter, "a.b.c", timeout=10
        )
        self.assertIn(os.path.join(self.directory, "a.b.c.lock"), str(error))
        self.assertEqual([], self.clock.slept)

    def test_one_at_a_time_among_processes(self):
        number = self.useFixture(fixtures.TempDir()).join("number")
        with open(number, "w") as file:
            file.write("0")
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", COUNTER, self.directory, number]
            )
            for _ in range(4)
        ]
        self.assertEqual([0] * 4, [process.wait() for process in processes])
        with open(number) as file:
            self.assertEqual("800", file.read())

    def _enter(self, name, *, timeout):
        with self.locks.hold(name, timeout=timeout):
            pass
