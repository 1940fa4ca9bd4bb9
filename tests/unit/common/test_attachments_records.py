# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The recorded requests, over threads, processes, crashes and damage."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
from unittest import mock

import fixtures
import testtools

from storpool_common.attachments import directory
from storpool_common.attachments import records
from storpool_common.attachments import requests
from storpool_common.errors import LockTimeout
from storpool_common.errors import RecordsDamaged
from storpool_common.errors import RecordsUnusable
from tests import concurrency
from tests import manual_clock

# Adds requests for ever and prints each that is recorded.
WRITER = """
import itertools, sys
from storpool_common.attachments import records, requests
name, path = sys.argv[1:]
kept = records.Records(path)
process = requests.Process.current()
volume = requests.StoredObject("a.b." + name, "os--volume-" + name)
for number in itertools.count():
    key = f"test:{name}-{number}"
    kept.add(requests.Request(key, volume, "rw", process, number))
    print(key, flush=True)
    if number % 10 in (0, 3, 6, 9):
        kept.remove([key])
        print("-" + key, flush=True)
"""


def volume(name="1"):
    return requests.StoredObject(f"a.b.{name}", f"os--volume-{name}")


def request(key="nova:i:1", wanted=None, mode="rw", created=1.0):
    return requests.Request(
        key=key,
        wanted=wanted or volume(),
        mode=mode,
        process=requests.Process.current(),
        created=created,
    )


class RecordsTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.state_dir = self.useFixture(fixtures.TempDir()).join("state")
        self.records = self.open()

    def open(self):
        opened = records.Records(self.state_dir)
        self.addCleanup(opened.close)
        return opened

    @property
    def path(self):
        return os.path.join(self.state_dir, records.FILE)


class RecordsTest(RecordsTestCase):
    def test_nothing_recorded(self):
        self.assertEqual([], self.records.requests())
        self.assertIsNone(self.records.get("nova:i:1"))
        self.assertIsNone(self.records.of("a.b.1"))
        self.assertEqual([], self.records.named("os--volume-1"))

    def test_recorded_for_others_and_later(self):
        self.records.add(request())
        self.assertEqual(request(), self.open().get("nova:i:1"))

    def test_of_an_object(self):
        self.records.add(request("nova:b:1", created=2.0))
        self.records.add(request("nova:a:1", mode="ro", created=1.0))
        self.records.add(request("nova:i:2", volume("2")))
        found = self.records.of("a.b.1")
        self.assertEqual(volume(), found.stored)
        self.assertEqual(
            ["nova:a:1", "nova:b:1"], [one.key for one in found.requests]
        )

    def test_same_key_replaces(self):
        self.records.add(request(mode="ro"))
        self.records.add(request(mode="rw"))
        self.assertEqual([request(mode="rw")], self.records.requests())

    def test_snapshot(self):
        snapshot = requests.StoredObject("a.b.9", "os--snap", True)
        self.records.add(request("glance:1", snapshot, "ro"))
        self.assertEqual(snapshot, self.records.get("glance:1").wanted)

    def test_foreign_mode_is_of_the_first_request(self):
        self.records.add(request("nova:a:1"), foreign_mode="ro")
        self.records.add(request("nova:b:1"), foreign_mode=None)
        self.assertEqual("ro", self.records.of("a.b.1").foreign_mode)

    def test_rename_is_followed(self):
        self.records.add(request("nova:a:1"))
        renamed = requests.StoredObject("a.b.1", "os--volume-other")
        self.records.add(request("nova:b:1", renamed))
        self.assertEqual([renamed], self.records.named("os--volume-other"))
        self.assertEqual(renamed, self.records.get("nova:a:1").wanted)

    def test_bulk_removal(self):
        keys = [f"test:{number}" for number in range(100)]
        for key in keys:
            self.records.add(request(key))
        self.assertEqual(99, self.records.remove([*keys[1:], "test:no"]))
        self.assertEqual(
            keys[:1], [one.key for one in self.records.requests()]
        )

    def test_remove_nothing(self):
        self.assertEqual(0, self.records.remove([]))

    def test_object_stays_without_requests(self):
        self.records.add(request())
        self.records.remove(["nova:i:1"])
        self.assertEqual((), self.records.of("a.b.1").requests)

    def test_forget(self):
        self.records.add(request("nova:a:1"))
        self.records.add(request("nova:b:1"))
        self.records.add(request("nova:a:2", volume("2")))
        self.records.forget("a.b.1")
        self.assertIsNone(self.records.of("a.b.1"))
        self.assertEqual(
            ["nova:a:2"], [one.key for one in self.records.requests()]
        )

    def test_group_may_write(self):
        self.addCleanup(os.umask, os.umask(0o077))
        self.records.add(request())
        for suffix in ("", "-wal", "-shm"):
            found = os.stat(self.path + suffix)
            self.assertEqual(0o660, found.st_mode & 0o777)

    def test_threads(self):
        def work(name):
            for number in range(50):
                self.records.add(request(f"test:{name}-{number}"))

        threads = [
            threading.Thread(target=work, args=(name,)) for name in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(400, len(self.records.requests()))

    def test_child_opens_its_own(self):
        self.records.add(request("nova:a:1"))
        child = os.fork()
        if not child:
            concurrency.in_child()
            self.records.add(request("nova:b:1"))
            os._exit(0)
        self.assertEqual(0, os.waitpid(child, 0)[1])
        self.records.add(request("nova:c:1"))
        self.assertEqual(3, len(self.records.requests()))


class TroubleTest(RecordsTestCase):
    def test_empty_file_is_new(self):
        os.mkdir(self.state_dir)
        open(self.path, "w").close()
        self.assertEqual([], self.records.requests())

    def _refusal(self):
        error = self.assertRaises(RecordsUnusable, self.open().requests)
        return str(error)

    def test_not_a_database(self):
        os.mkdir(self.state_dir)
        with open(self.path, "w") as file:
            file.write("{}" * 1000)
        error = self.assertRaises(RecordsDamaged, self.open().requests)
        self.assertIn(self.path, str(error))
        found = os.stat(self.path)
        self.assertEqual((found.st_dev, found.st_ino), error.file)

    def test_damaged(self):
        for number in range(200):
            self.records.add(request(f"test:{number}", volume(str(number))))
        self.records.close()
        with open(self.path, "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (os.path.getsize(self.path) - 4096))
        self.assertIn("is damaged", self._refusal())

    def test_of_a_later_release(self):
        self.records.add(request())
        self.records.close()
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        self.assertIn("later release", self._refusal())

    def test_directory_cannot_be_made(self):
        os.mkdir(os.path.dirname(self.state_dir) + "/other")
        open(self.state_dir, "w").close()
        self.assertIn(self.state_dir, self._refusal())

    def test_network_file_system(self):
        with mock.patch.object(directory, "_file_system", lambda _: 0x6969):
            message = self._refusal()
        self.assertIn("NFS", message)
        self.assertIn("SP_OPENSTACK_STATE_DIR", message)

    def test_replaced_file_is_noticed(self):
        self.records.add(request())
        for suffix in ("", "-wal", "-shm"):
            os.rename(self.path + suffix, f"{self.state_dir}/old{suffix}")
        self.assertEqual([], self.records.requests())
        self.records.add(request())
        self.assertEqual([request()], self.open().requests())

    def test_others_write_for_too_long(self):
        self.records.add(request("nova:a:1"))
        clock = manual_clock.ManualClock()
        waiting = records.Records(self.state_dir, clock=clock)
        self.addCleanup(waiting.close)
        waiting.requests()
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.assertRaises(LockTimeout, waiting.add, request("nova:b:1"))
        self.assertLessEqual(max(clock.slept), 0.02)
        other.execute("ROLLBACK")
        waiting.add(request("nova:b:1"))
        self.assertEqual(2, len(self.records.requests()))

    def test_half_a_change_is_none(self):
        class Sudden(BaseException):
            pass

        def half(connection):
            connection.execute(
                "INSERT INTO objects VALUES ('a.b.7', 'x', 0, NULL, 0)"
            )
            raise Sudden

        self.records.add(request())
        self.assertRaises(Sudden, self.records._database.write, half)
        self.assertIsNone(self.records.of("a.b.7"))


class CrashTest(RecordsTestCase):
    """Writers are killed; what they had finished is there."""

    ROUNDS = 10
    WRITERS = 3

    def test_kill(self):
        for turn in range(self.ROUNDS):
            self._round(turn)

    def _round(self, turn):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, f"{turn}{n}", self.state_dir],
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(self.WRITERS)
        ]
        said = []
        for writer in writers:
            self.addCleanup(writer.stdout.close)
            for _ in range(random.randrange(5, 40)):
                said.append(writer.stdout.readline())
        for writer in writers:
            writer.kill()
            writer.wait()
            said.extend(writer.stdout)
        finished = [line.strip() for line in said if line.endswith("\n")]
        found = {one.key for one in self.open().requests()}
        gone = {line[1:] for line in finished if line.startswith("-")}
        added = {line for line in finished if not line.startswith("-")}
        # A removal may have been recorded and not said any more.
        doubtful = {key for key in added if key.endswith(("0", "3", "6", "9"))}
        self.assertEqual(set(), added - doubtful - found)
        self.assertEqual(set(), gone & found)
