# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Detach with the last request, and what others attached stays."""

import dataclasses

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.devices import Device
from storpool_common.errors import ApiError
from storpool_common.errors import DeviceBusy
from storpool_common.errors import DeviceNotReady
from storpool_common.errors import UnknownRequest
from tests.cluster_devices import MIB
from tests.unit.common.attaching import HostTestCase
from tests.unit.common.attaching import NAME
from tests.unit.common.attaching import REASSIGN

OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}


class DetachTest(HostTestCase):
    def test_last_one_detaches(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.simulator.clear_requests()
        self.host.detach("nova:i:1")
        self.assertEqual([REASSIGN], self.fixture.calls())
        self.assert_nothing_left()

    def test_first_of_two_leaves_it(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.attach("nova:j:1", self.target, "rw")
        self.fixture.simulator.clear_requests()
        self.host.detach("nova:i:1", force=True)
        self.assertEqual([], self.fixture.calls())
        self.assert_attached("rw")
        self.host.detach("nova:j:1")
        self.assert_nothing_left()

    def test_rights_are_lowered(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.attach("cinder-backup:x", self.target, "ro")
        self.host.detach("nova:i:1")
        self.assert_attached("ro")
        self.assert_recorded("cinder-backup:x")

    def test_rights_stay_while_somebody_reads(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.attach("cinder-backup:x", self.target, "ro")
        self.fault(**OPEN)
        self.fixture.simulator.clear_requests()
        self.host.detach("nova:i:1")
        self.assertEqual([REASSIGN], self.fixture.calls())
        self.assert_attached("rw")
        self.assert_recorded("cinder-backup:x")
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.attach("cinder-backup:y", self.target, "ro")
        self.assertEqual(1, self.fixture.calls().count(REASSIGN))

    def test_unknown(self):
        self.assertRaises(UnknownRequest, self.host.detach, "nova:i:1")
        self.assertEqual([], self.fixture.calls())

    def test_twice(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1")
        self.assertRaises(UnknownRequest, self.host.detach, "nova:i:1")

    def test_other_clients_and_volumes_are_left_alone(self):
        other = self.fixture.make_volume("os--volume-2")
        self.fixture.reassign(volume=NAME, rw=[2])
        self.fixture.reassign(volume="os--volume-2", rw=[1])
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1", force=True)
        self.assertEqual(
            {(self.volume, 2): "rw", (other, 1): "rw"},
            self.fixture.attached(),
        )

    def test_open_device_stays(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fault(**OPEN)
        self.fixture.simulator.clear_requests()
        error = self.assertRaises(DeviceBusy, self.host.detach, "nova:i:1")
        self.assertIn("is open at client 1", str(error))
        self.assertAlmostEqual(30, sum(self.fixture.clock.slept), places=3)
        self.assert_attached("rw")
        self.assert_recorded("nova:i:1")
        for request in self.fixture.simulator.requests():
            self.assertNotIn("force", str(request["body"]))

    def test_open_device_of_an_old_server(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fault(
            call="VolumesReassignWait",
            action="error",
            name="invalidParam",
            descr=f"volume '{NAME}' is open at client 1",
            status=400,
            count=None,
        )
        self.assertRaises(DeviceBusy, self.host.detach, "nova:i:1")
        self.assert_attached("rw")

    def test_device_that_closes(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fault(**{**OPEN, "count": 3})
        self.host.detach("nova:i:1")
        self.assert_nothing_left()
        self.assertEqual(3, len(self.fixture.clock.slept))

    def test_force_comes_after_a_grace(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.simulator.clear_requests()
        self.fault(**{**OPEN, "count": 1})
        self.host.detach("nova:i:1", force=True)
        self.assert_nothing_left()
        self.assertNotIn("force", str(self.fixture.simulator.requests()))

    def test_force(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fault(**OPEN)
        self.fixture.simulator.clear_requests()
        self.host.detach("nova:i:1", force=True)
        *tries, last = self.fixture.simulator.requests()
        self.assertNotIn("force", str(tries))
        self.assertTrue(last["body"]["reassign"][0]["force"])
        self.assertAlmostEqual(0.5, sum(self.fixture.clock.slept), places=3)
        self.assert_nothing_left()

    def test_deleted_volume(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_detached_behind_our_back(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_other_errors_are_raised(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fault(call="VolumesReassignWait", action="error")
        self.assertRaises(ApiError, self.host.detach, "nova:i:1", force=True)
        self.assert_recorded("nova:i:1")
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_link_that_stays(self):
        self.host.attach("nova:i:1", self.target, "rw")
        stale = Device(self.host.path(self.volume), "7:1", MIB, "rw")
        self.fixture.devices.stale[self.volume] = stale
        self.assertRaises(DeviceNotReady, self.host.detach, "nova:i:1")
        self.fixture.devices.stale.clear()
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_ended_process_does_not_hold_it(self):
        self._add_ended("cinder-volume:dead")
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_guest_of_an_ended_nova_holds_it(self):
        self._add_ended("nova:j:1")
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1")
        self.assert_attached("rw")
        self.assert_recorded("nova:j:1")

    def _add_ended(self, key):
        process = dataclasses.replace(Process.current(), boot_id="former")
        stored = StoredObject(self.volume, NAME)
        self.records().add(Request(key, stored, "rw", process, 1.0))


class ForeignTest(HostTestCase):
    """Attachments that are not ours."""

    def test_stays_attached(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1", force=True)
        self.assert_attached("rw")
        self.assertIsNone(self.records().of(self.volume))

    def test_is_not_lowered(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.host.attach("cinder-backup:x", self.target, "ro")
        self.assert_attached("rw")
        self.host.detach("cinder-backup:x")
        self.assert_attached("rw")

    def test_is_lowered_to_what_it_was(self):
        self.fixture.reassign(volume=NAME, ro=[1])
        self.host.attach("nova:i:1", self.target, "rw")
        self.assert_attached("rw")
        self.host.detach("nova:i:1")
        self.assert_attached("ro")

    def test_failed_attach_leaves_it(self):
        self.fixture.reassign(volume=NAME, ro=[1])
        self.fault(call="VolumesReassignWait", action="error")
        self.assertRaises(
            ApiError, self.host.attach, "nova:i:1", self.target, "rw"
        )
        self.assert_attached("ro")
        self.assertIsNone(self.records().of(self.volume))

    def test_unnamed_detach_leaves_it(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.assertRaises(
            UnknownRequest, self.host.detach_unnamed, self.target
        )
        self.assert_attached("rw")


class InheritedTest(HostTestCase):
    """Attachments of the time before there were records."""

    def setUp(self):
        super().setUp()
        self.fixture.reassign(volume=NAME, rw=[1])

    def test_detached(self):
        self.host.detach_unnamed(self.target, inherited=True)
        self.assert_nothing_left()

    def test_never_by_force(self):
        self.fault(**OPEN)
        self.assertRaises(
            DeviceBusy,
            self.host.detach_unnamed,
            self.target,
            inherited=True,
            force=True,
        )
        self.assertLess(sum(self.fixture.clock.slept), 3)
        self.assert_attached("rw")

    def test_taken_over(self):
        self.host.attach("nova:i:1", self.target, "rw", inherited=True)
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_taken_over_and_never_by_force(self):
        self.host.attach("nova:i:1", self.target, "rw", inherited=True)
        self.fault(**OPEN)
        self.assertRaises(DeviceBusy, self.host.detach, "nova:i:1", force=True)
        self.assert_attached("rw")

    def test_somebody_asked_meanwhile(self):
        self.host.attach("nova:j:1", self.target, "rw", inherited=True)
        self.assertRaises(
            UnknownRequest,
            self.host.detach_unnamed,
            self.target,
            owner="nova:i",
            inherited=True,
        )
        self.assert_attached("rw")

    def test_deleted_volume(self):
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.host.detach_unnamed(self.target, inherited=True)


class UnnamedTest(HostTestCase):
    """Whose request it is when the key is lost."""

    def _attach(self, key, mode="rw"):
        self.host.attach(key, self.target, mode)

    def test_by_owner(self):
        self._attach("nova:i:old")
        self._attach("nova:j:1")
        self.host.detach_unnamed(self.target, owner="nova:i")
        self.assert_recorded("nova:j:1")
        self.assert_attached("rw")

    def test_owner_that_begins_alike(self):
        self._attach("nova:i2:1")
        self.assertRaises(
            UnknownRequest,
            self.host.detach_unnamed,
            self.target,
            owner="nova:i",
        )
        self.assert_recorded("nova:i2:1")

    def test_by_name(self):
        self._attach("cinder-volume:x")
        self.host.detach_unnamed(Target(name=NAME))
        self.assert_nothing_left()

    def test_one_of_this_process_leaves_the_weakest(self):
        self._attach("cinder-volume:x")
        self._attach("cinder-volume:y", "ro")
        self.host.detach_unnamed(self.target)
        self.assert_recorded("cinder-volume:x")
        self.host.detach_unnamed(self.target)
        self.assert_nothing_left()

    def test_guest_is_never_guessed(self):
        self._attach("nova:i:1")
        self.assertRaises(
            UnknownRequest, self.host.detach_unnamed, self.target
        )
        self.assert_recorded("nova:i:1")

    def test_nova_says_that_no_guest_is_left(self):
        self._attach("nova-compute:x")
        self._attach("nova-compute:y")
        self.host.detach_unnamed(self.target)
        self.assert_nothing_left()
