# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Requests of guests that are on this host no more."""

import json
import time

import fixtures

from storpool_common import api
from storpool_common.attachments.overview import Problem
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.upkeep import Step
from tests.unit.common.attachment_commands import CommandTestCase
from tests.unit.common.attachment_commands import NAME

OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}


class AbsentGuestTest(CommandTestCase):
    """A guest has gone and its request stays."""

    GONE = "5f0c1b7e-94d2-4a63-8e1f-2b7d90c3a5e8"

    def setUp(self):
        super().setUp()
        self.key = f"nova:{self.GONE}:1"
        self.fixture.reassign(volume=NAME, rw=[1])
        self.ask()

    def ask(self, created=1.0):
        stored = StoredObject(self.volume.global_id, NAME)
        self.records.add(
            Request(self.key, stored, "rw", Process.current(), created)
        )

    def keys(self):
        return {one.key for one in self.records.requests()}

    def test_it_is_shown(self):
        [row] = self.rows("list", code=1)
        self.assertEqual("no guest is seen", row["owner"])
        self.assertEqual(
            ["a guest asks for it that is not on this host"], row["problems"]
        )

    def rename(self):
        """Give the volume a name of nobody's, as an unmanage does."""
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(rename="os-unmanaged--1")
        )

    def test_of_a_volume_that_is_unmanaged(self):
        self.rename()
        [row] = self.rows("list", code=1)
        self.assertEqual(
            ("os-unmanaged--1", "rw"), (row["name"], row["attached"])
        )
        [row] = self.rows("reconcile", "--apply")
        self.assertEqual("done", row["result"])
        self.assertEqual((set(), set()), (self.keys(), self.attached()))
        self.assertEqual([], self.rows("list"))

    def test_of_one_that_is_unmanaged_and_not_attached(self):
        self.fixture.reassign(volume=NAME, detach=[1])
        self.rename()
        [row] = self.rows("list", code=1)
        self.assertEqual((NAME, None), (row["name"], row["attached"]))
        self.rows("reconcile", "--apply")
        self.assertEqual(set(), self.keys())
        self.assertEqual([], self.rows("list"))

    def test_it_is_withdrawn(self):
        [row] = self.rows("reconcile", code=1)
        self.assertEqual("withdraw the guest's request", row["step"])
        self.assertEqual({self.key}, self.keys())
        [row] = self.rows("reconcile", "--apply")
        self.assertEqual("done", row["result"])
        self.assertEqual((set(), set()), (self.keys(), self.attached()))
        self.assertEqual([], self.rows("list"))

    def test_it_is_not_attached_any_more(self):
        self.fixture.reassign(volume=NAME, detach=[1])
        [row] = self.rows("reconcile", "--apply")
        self.assertEqual("withdraw the guest's request", row["step"])
        self.assertEqual(set(), self.keys())

    def test_others_keep_it(self):
        self.host.attach("cinder-volume:x", self.volume, "rw")
        self.rows("reconcile", "--apply")
        self.assertEqual({"cinder-volume:x"}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_a_guest_that_runs(self):
        running = self.start_guest(self.volume)
        self.host.attach(f"nova:{running}:1", self.volume, "rw")
        self.rows("reconcile", "--apply")
        self.assertEqual({f"nova:{running}:1"}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_a_guest_that_is_stopped(self):
        self.know(self.GONE)
        [row] = self.rows("list")
        self.assertEqual(
            ("stopped guest", []), (row["owner"], row["problems"])
        )
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.key}, self.keys())

    def test_a_guest_that_is_being_started(self):
        self.ask(created=time.time())
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.key}, self.keys())

    def test_another_host_has_it(self):
        self.fixture.reassign(volume=NAME, rw=[2])
        [row] = self.rows("list", code=1)
        self.assertIn("another host", row["problems"][0])
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertIn("let its migration end", row["step"])
        self.assertEqual({self.key}, self.keys())

    def test_the_attachments_are_listed_once(self):
        """However many guests are absent; the list grows with the cluster."""
        for number in (2, 3):
            volume = self.make(number)
            stored = StoredObject(volume.global_id, volume.name)
            self.fixture.reassign(volume=volume.name, rw=[1, number])
            key = f"nova:{self.GONE}:{number}"
            self.records.add(
                Request(key, stored, "rw", Process.current(), 1.0)
            )
        self.fixture.simulator.clear_requests()
        rows = self.rows("list", code=1)
        self.assertEqual(
            [False, True, True],
            ["another host" in row["problems"][0] for row in rows],
        )
        asked = self.fixture.calls().count(("GET", "AttachmentsList"))
        self.assertEqual(1, asked)

    def test_it_is_open(self):
        self.fixture.simulator.add_fault(**OPEN)
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertIn("in use", row["result"])
        self.assertEqual({self.key}, self.keys())

    def test_it_has_come_since(self):
        """Between the look and the work."""
        with fixtures.MonkeyPatch(
            "storpool_common.cli.attachments.Upkeep.plan", self.come_late
        ):
            self.rows("reconcile", "--apply")
        self.assertEqual({self.key}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def come_late(self, upkeep, found):
        self.know(self.GONE)
        [entry] = found
        return [Step(entry, Problem.ABSENT, "withdraw")]

    def expect_untold(self):
        code, out, said = self.run_command(
            "reconcile", "--apply", "-f", "json"
        )
        self.assertEqual((0, []), (code, json.loads(out)))
        self.assertEqual(1, said.count("\n"))
        self.assertIn(self.key, said)
        self.assertIn("virsh list --all", said)
        self.assertIn(self.key, self.keys())

    def test_there_is_no_libvirt(self):
        (self.home / "virsh").unlink()
        self.expect_untold()

    def test_libvirt_does_not_answer(self):
        (self.home / "virsh").write_text("#!/bin/sh\nexit 1\n")
        self.expect_untold()

    def test_it_is_another_libvirt(self):
        """One that does not know the guests that run."""
        other = self.make(2)
        guest = self.start_guest(other)
        self.host.attach(f"nova:{guest}:2", other, "rw")
        self.know()
        self.expect_untold()
