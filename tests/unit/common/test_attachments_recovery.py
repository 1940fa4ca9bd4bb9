# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A damaged file of records is put aside and made anew."""

import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import uuid

import ddt
import fixtures
import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.locks import VolumeLocks
from storpool_common.attachments.records import FILE
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.errors import ApiError
from storpool_common.errors import DeviceBusy
from storpool_common.errors import DeviceNotReady
from storpool_common.errors import RecordsUnusable
from storpool_common.errors import UnknownRequest
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB

NAME = "os--volume-1"
OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}
#: Lives until its standard input is closed.
GUEST = "import sys; print('up', flush=True); sys.stdin.read()"


CALLS = ("os.symlink", "os.rename", "os.unlink", "shutil.copytree")


class Killed(BaseException):
    """What a killed process does not get to."""


class RecoveryTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.fixture = self.useFixture(HostFixture())
        self.state_dir = pathlib.Path(self.fixture.configuration.state_dir)
        self.host = self.fixture.open()
        self.target = self.volume(1)
        self.other = self.volume(2)

    def volume(self, number):
        name = f"os--volume-{number}"
        return Target(self.fixture.make_volume(name), name, size=MIB)

    def keys(self):
        return {one.key for one in self.fixture.open().requests()}

    def damage(self):
        """Leave nothing of the file that SQLite knows."""
        self.host.close()
        self.write("not a database" * 999)

    def write(self, text):
        for suffix in ("-wal", "-shm"):
            (self.state_dir / f"{FILE}{suffix}").unlink(True)
        (self.state_dir / FILE).write_text(text)

    def former(self):
        return f"former:{self.target.global_id}"

    def expect_attached(self, *targets):
        self.assertEqual(
            {(target.global_id, 1) for target in targets},
            set(self.fixture.attached()),
        )

    def expect_no_link(self):
        self.assertFalse(os.path.lexists(self.state_dir / "rebuild"))


class RebuildTest(RecoveryTestCase):
    def test_an_attach_goes_on(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        self.host.attach("nova:j:2", self.other, "rw")
        self.expect_attached(self.target, self.other)
        self.assertEqual({self.former(), "nova:j:2"}, self.keys())
        self.expect_no_link()

    def test_the_damaged_file_is_kept(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        self.host.requests()
        [aside] = self.state_dir.glob("damaged-*")
        self.assertIn("not a database", (aside / FILE).read_text())

    def test_it_is_logged_once(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        self.host.requests()
        self.host.requests()
        [line] = self.log.output.splitlines()
        self.assertIn(str(self.state_dir), line)

    def test_what_others_have_and_foreign_names_are_left_out(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.make_volume("osaka-db")
        self.fixture.reassign(volume="osaka-db", rw=[1])
        self.fixture.reassign(volume=self.other.name, rw=[2])
        self.damage()
        self.assertEqual({self.former()}, self.keys())

    def test_rights_and_snapshots(self):
        self.fixture.reassign(volume=NAME, ro=[1])
        snapshot = self.fixture.make_snapshot(NAME)
        self.fixture.reassign(snapshot=f"~{snapshot}", ro=[1])
        self.host.requests()
        self.damage()
        found = {one.key: one for one in self.host.requests()}
        self.assertEqual("ro", found[self.former()].mode)
        self.assertTrue(found[f"former:{snapshot}"].wanted.snapshot)

    def test_another_service_goes_on_with_the_new_file(self):
        second = self.fixture.open()
        second.attach("nova:i:1", self.target, "rw")
        self.damage()
        self.host.attach("nova:j:1", self.target, "rw")
        second.attach("nova:k:1", self.target, "rw")
        self.assertEqual({self.former(), "nova:j:1", "nova:k:1"}, self.keys())

    def test_the_api_is_away(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        self.fixture.simulator.add_fault(
            call="AttachmentsList", action="error", count=None
        )
        for _ in range(2):
            self.assertRaises(
                ApiError, self.host.attach, "nova:j:2", self.other, "rw"
            )
        self.fixture.simulator.clear_faults()
        self.host.attach("nova:j:2", self.other, "rw")
        self.assertEqual({self.former(), "nova:j:2"}, self.keys())
        self.assertEqual(1, len(list(self.state_dir.glob("damaged-*"))))

    def test_it_cannot_be_moved(self):
        self.damage_before_first_use()
        self.useFixture(
            fixtures.MockPatch(
                "os.symlink", side_effect=OSError(28, "No space left")
            )
        )
        error = self.assertRaises(RecordsUnusable, self.host.requests)
        self.assertIn("No space left", str(error))
        self.assertIn("writable", str(error))

    def damage_before_first_use(self):
        self.state_dir.mkdir()
        self.write("not a database" * 999)

    def test_work_under_way_is_waited_for(self):
        """Its commit is in the file that is moved; then it is read."""
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        other = contextlib.ExitStack()
        self.addCleanup(other.close)
        locks = VolumeLocks(str(self.state_dir / "locks"))
        other.enter_context(locks.hold(self.target.global_id, timeout=1))
        moved = []

        def finish_the_work():
            moved.append(list(self.state_dir.glob("damaged-*/*")))
            other.close()

        self.fixture.clock.on_sleep = finish_the_work
        self.assertEqual({self.former()}, self.keys())
        self.assertEqual([[]], moved)

    def test_who_comes_late_waits(self):
        """Who has the lock after it began finds no half of the records."""
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        second = self.fixture.open()
        original = second._recovery.finish
        begun = []

        def late():
            # The other begins between this look and the lock.
            original()
            if not begun:
                begun.append(self.begin())

        with fixtures.MockPatchObject(second._recovery, "finish", late):
            second.attach("nova:j:1", self.target, "rw")
        self.assertEqual({self.former(), "nova:j:1"}, self.keys())
        second.detach("nova:j:1")
        self.host.detach_former(self.target)
        self.expect_attached()

    def test_damaged_again_while_it_is_made_anew(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        with fixtures.MockPatch("shutil.copytree", side_effect=Killed):
            self.assertRaises(Killed, self.host.requests)
        self.damage()
        self.assertEqual({self.former()}, self.keys())
        self.expect_no_link()
        self.assertEqual(2, len(list(self.state_dir.glob("damaged-*"))))

    def begin(self):
        """Begin to make the records anew, and be killed."""
        with fixtures.MockPatch(
            "storpool_common.attachments.recovery.Recovery.finish",
            side_effect=[None, Killed],
        ):
            self.assertRaises(Killed, self.host.requests)

    def test_killed_anywhere(self):
        """Whoever comes next finishes it."""
        for call in (
            "os.symlink",
            "os.rename",
            "os.unlink",
            "shutil.copytree",
        ):
            for number in range(4):
                self.host.attach("nova:i:1", self.target, "rw")
                self.damage()
                self.kill_at(call, number)
                with self.subTest(call=call, number=number):
                    self.assertEqual({self.former()}, self.keys())
                    self.expect_no_link()
                    self.expect_attached(self.target)
                self.fixture.open().detach_former(self.target)

    def kill_at(self, call, number):
        module, name = call.split(".")
        original = getattr(sys.modules[module], name)
        calls = []

        def once(*args, **kwargs):
            calls.append(args)
            if len(calls) == number + 1:
                raise Killed
            return original(*args, **kwargs)

        with fixtures.MonkeyPatch(call, once):
            try:
                self.host.requests()
            except Killed:
                self.host.close()


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


@ddt.ddt
class GuestsTest(RecoveryTestCase):
    """Guests that run are known by their processes."""

    def start(self, program, *arguments):
        process = subprocess.Popen(
            [program, "-c", GUEST, *arguments],
            executable=sys.executable,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        process.stdout.readline()

    def blockdev(self):
        return (
            '{"driver":"host_device","filename":"/dev/storpool-byid/'
            f'{self.target.global_id}","node-name":"libvirt-1-storage"}}'
        )

    def rebuild(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        return self.keys()

    @ddt.data("/usr/bin/qemu-system-x86_64", "qemu-kvm")
    def test_found(self, program):
        guest = str(uuid.uuid4())
        self.start(program, "-uuid", guest, "-blockdev", self.blockdev())
        self.assertEqual({f"nova:{guest}:1"}, self.rebuild())
        self.host.detach(f"nova:{guest}:1")
        self.expect_attached()

    def test_two_share_it(self):
        guests = [str(uuid.uuid4()) for _ in range(2)]
        for guest in guests:
            self.start("qemu-kvm", "-uuid", guest, "-b", self.blockdev())
        self.assertEqual({f"nova:{one}:1" for one in guests}, self.rebuild())
        self.host.detach(f"nova:{guests[0]}:1")
        self.expect_attached(self.target)

    @ddt.data(
        ("python3", "-uuid", str(uuid.uuid4())),
        ("qemu-kvm", "-uuid", "../../etc"),
        ("qemu-kvm", "-uuid"),
        ("qemu-kvm", "-name"),
    )
    def test_no_guest(self, command):
        program, *arguments = command
        self.start(program, self.blockdev(), *arguments)
        self.assertEqual({self.former()}, self.rebuild())
