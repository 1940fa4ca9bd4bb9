# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that look at a host's attachments, and mend them."""

import pathlib

import ddt
import fixtures
import yaml

from storpool_common.attachments.requests import Process
from tests.unit.common.attachment_commands import CommandTestCase
from tests.unit.common.attachment_commands import NAME


@ddt.ddt
class ListTest(CommandTestCase):
    def test_nothing(self):
        self.assertEqual([], self.rows("list"))

    def test_a_volume_in_use(self):
        self.host.attach("cinder-volume:x", self.volume, "rw")
        [row] = self.rows("list")
        self.assertEqual(
            {
                "name": NAME,
                "id": self.volume.global_id,
                "kind": "volume",
                "attached": "rw",
                "device": self.host.path(self.volume.global_id),
                "request": "cinder-volume:x",
                "mode": "rw",
                "owner": f"process {Process.current().pid}",
                "problems": [],
            },
            {name: row[name] for name in row if name != "since"},
        )
        self.assertIn("T", row["since"])

    def test_guests(self):
        guest = self.start_guest(self.volume)
        self.host.attach(f"nova:{guest}:1", self.volume, "rw")
        self.host.attach("nova:i:1", self.volume, "rw")
        self.host.attach("nova-compute:x", self.volume, "rw")
        self.assertEqual(
            ["running guest", "no guest is seen", "unknown"],
            [row["owner"] for row in self.rows("list")],
        )

    def test_attached_by_others(self):
        self.fixture.reassign(volume=NAME, ro=[1])
        [row] = self.rows("list")
        self.assertEqual(("unrecorded", "ro"), (row["owner"], row["attached"]))

    @ddt.data("table", "yaml")
    def test_formats(self, name):
        self.host.attach("nova:i:1", self.volume, "rw")
        code, out, said = self.run_command("list", "-f", name)
        self.assertEqual((0, ""), (code, said))
        self.assertIn("nova:i:1", out)
        if name == "yaml":
            self.assertEqual(self.rows("list"), yaml.safe_load(out))

    def problems(self):
        return [row["problems"] for row in self.rows("list", code=1)]

    def test_owner_that_has_ended(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.add_ended("cinder-volume:x")
        self.assertEqual(
            ["ended", "no guest is seen"],
            [row["owner"] for row in self.rows("list", code=1)],
        )
        self.assertIn("has ended", self.problems()[0][0])

    def test_not_attached(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.assertIn("not attached", self.problems()[0][0])

    def test_too_few_rights(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, ro=[1])
        self.assertIn("less than the rights", self.problems()[0][0])

    def test_no_device(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.devices.absent.add(self.volume.global_id)
        self.assertIn("device", self.problems()[0][0])

    def test_deleted(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.assertIn("no such object", self.problems()[0][0])

    def test_the_api_is_away(self):
        self.fixture.simulator.add_fault(
            call="AttachmentsList", action="error", count=None
        )
        code, out, said = self.run_command("list")
        self.assertEqual((1, "", 1), (code, out, said.count("\n")))

    def test_wrong_configuration(self):
        (self.home / "storpool.conf").unlink()
        code, out, said = self.run_command("list")
        self.assertEqual((2, "", 1), (code, out, said.count("\n")))


class ReconcileTest(CommandTestCase):
    def test_nothing_to_do(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.assertEqual([], self.rows("reconcile"))
        self.assertEqual([], self.rows("reconcile", "--apply"))

    def expect_mended(self, *, attached, keys):
        """Only --apply changes anything, and it changes all."""
        before = (self.attached(), self.records.all())
        steps = self.rows("reconcile", code=1)
        self.assertEqual(before, (self.attached(), self.records.all()))
        done = self.rows("reconcile", "--apply")
        self.assertEqual(len(steps), len(done))
        self.assertEqual({"done"}, {row["result"] for row in done})
        self.assertEqual(attached, self.attached())
        self.assertEqual(keys, {one.key for one in self.records.requests()})
        self.assertEqual([], self.rows("reconcile"))

    def test_left_over(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.add_ended("cinder-volume:x")
        self.expect_mended(attached=set(), keys=set())

    def test_others_stay(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.add_ended("cinder-volume:x")
        self.expect_mended(attached={self.volume.global_id}, keys={"nova:i:1"})

    def test_deleted(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.expect_mended(attached=set(), keys=set())

    def test_guests_without_requests(self):
        guest = self.start_guest(self.volume)
        self.fixture.reassign(volume=NAME, rw=[1])
        self.expect_mended(
            attached={self.volume.global_id}, keys={f"nova:{guest}:1"}
        )
        self.host.detach(f"nova:{guest}:1")
        self.assertEqual(set(), self.attached())

    def test_a_second_guest_without_a_request(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        guest = self.start_guest(self.volume)
        self.expect_mended(
            attached={self.volume.global_id},
            keys={"nova:i:1", f"nova:{guest}:1"},
        )

    def test_what_others_attached_is_left_alone(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_nothing_is_attached_again(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertEqual("none from here", row["step"])
        self.assertEqual(set(), self.attached())

    def test_one_that_fails_does_not_stop_the_others(self):
        other = self.make(2)
        for target in (self.volume, other):
            self.fixture.reassign(volume=target.name, rw=[1])
            self.add_ended(f"cinder-volume:{target.name}", target)
        self.fixture.simulator.add_fault(
            call="VolumesReassignWait", action="error"
        )
        rows = self.rows("reconcile", "--apply", code=1)
        self.assertIn("failed", rows[0]["result"])
        self.assertEqual({self.volume.global_id}, self.attached())
        self.rows("reconcile", "--apply")
        self.assertEqual(set(), self.attached())

    def test_records_that_are_damaged(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.useFixture(fixtures.FakeLogger())
        self.host.close()
        self.records.close()
        state = pathlib.Path(self.fixture.configuration.state_dir)
        for file in state.glob("attachments.sqlite*"):
            file.unlink()
        (state / "attachments.sqlite").write_text("lost" * 999)
        [row] = self.rows("list")
        self.assertEqual(f"former:{self.volume.global_id}", row["request"])
