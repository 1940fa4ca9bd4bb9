# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A damaged file of records is put aside and made anew."""

import contextlib
import sys
import uuid

import ddt
import fixtures

from storpool_common.attachments.locks import VolumeLocks
from storpool_common.attachments.records import FILE
from storpool_common.errors import ApiError
from storpool_common.errors import RecordsUnusable
from tests.unit.common.damaging import RecoveryTestCase
from tests.unit.common.typed import start_guest

NAME = "os--volume-1"


class Killed(BaseException):
    """What a killed process does not get to."""


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


@ddt.ddt
class GuestsTest(RecoveryTestCase):
    """Guests that run are known by their processes."""

    def blockdev(self, directory="/dev/storpool-byid/"):
        return (
            f'{{"driver":"host_device","filename":"{directory}'
            f'{self.target.global_id}","node-name":"libvirt-1-storage"}}'
        )

    def rebuild(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.damage()
        return self.keys()

    @ddt.data("/usr/bin/qemu-system-x86_64", "qemu-kvm")
    def test_found(self, program):
        guest = str(uuid.uuid4())
        start_guest(
            self, program, "-uuid", guest, "-blockdev", self.blockdev()
        )
        self.assertEqual({f"nova:{guest}:1"}, self.rebuild())
        self.host.detach(f"nova:{guest}:1")
        self.expect_attached()

    def test_of_an_encrypted_volume(self):
        """os-brick's link for it, which Nova writes into the guest."""
        guest = str(uuid.uuid4())
        link = "/dev/disk/by-id/os-brick+dev+storpool-byid+"
        start_guest(self, "qemu-kvm", "-uuid", guest, self.blockdev(link))
        self.assertEqual({f"nova:{guest}:1"}, self.rebuild())

    def test_two_share_it(self):
        guests = [str(uuid.uuid4()) for _ in range(2)]
        for guest in guests:
            start_guest(
                self, "qemu-kvm", "-uuid", guest, "-b", self.blockdev()
            )
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
        start_guest(self, program, self.blockdev(), *arguments)
        self.assertEqual({self.former()}, self.rebuild())
