# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attach with the first request, and undo what failed."""

import dataclasses

import ddt

from storpool_common import api
from storpool_common.attachments.cluster import Target
from storpool_common.devices import Device
from storpool_common.errors import ConfigurationError
from storpool_common.errors import DeviceNotReady
from storpool_common.errors import ForeignVolume
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import StorPoolError
from storpool_common.errors import ValidationError
from tests.cluster_devices import MIB
from tests.unit.common.attaching import HostTestCase
from tests.unit.common.attaching import NAME
from tests.unit.common.attaching import REASSIGN

ASK = ("GET", "Volume")
LIST = ("GET", "AttachmentsList")


class AttachTest(HostTestCase):
    def test_one_call(self):
        attached = self.host.attach("nova:i:1", self.target, "rw")
        self.assertEqual([REASSIGN], self.fixture.calls())
        self.assert_attached("rw")
        self.assert_recorded("nova:i:1")
        self.assertEqual(self.host.path(self.volume), attached.path)
        self.assertEqual(MIB, attached.size)

    def test_by_name_asks_once(self):
        self.host.attach("nova:i:1", Target(name=NAME), "rw")
        self.assertEqual([ASK, REASSIGN], self.fixture.calls())
        self.assert_attached("rw")

    def test_size_that_was_outgrown_asks_once(self):
        outgrown = dataclasses.replace(self.target, size=MIB // 2)
        attached = self.host.attach("nova:i:1", outgrown, "rw")
        self.assertEqual([REASSIGN, ASK], self.fixture.calls())
        self.assertEqual(MIB, attached.size)

    def test_again_makes_no_call(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.simulator.clear_requests()
        self.host.attach("nova:i:1", self.target, "rw")
        self.assertEqual([], self.fixture.calls())
        self.assert_recorded("nova:i:1")

    def test_again_after_others_detached_it(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.reassign(volume=NAME, detach=[1], force=True)
        self.host.attach("nova:i:1", self.target, "rw")
        self.assert_attached("rw")

    def test_second_owner_makes_no_call(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.simulator.clear_requests()
        self.fixture.open().attach("cinder-volume:x", self.target, "ro")
        self.assertEqual([], self.fixture.calls())
        self.assert_recorded("nova:i:1", "cinder-volume:x")

    def test_rights_are_raised(self):
        self.host.attach("cinder-backup:x", self.target, "ro")
        self.assert_attached("ro")
        self.host.attach("nova:i:1", self.target, "rw")
        self.assert_attached("rw")

    def test_rights_of_a_request_are_lowered(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.attach("nova:i:1", self.target, "ro")
        self.assert_attached("ro")

    def test_snapshot(self):
        snapshot = self.fixture.make_snapshot(NAME)
        target = Target(snapshot, "os--snap--none--snapshot-1", True, MIB)
        self.host.attach("cinder-backup:x", target, "ro")
        self.assertEqual({(snapshot, 1): "ro"}, self.fixture.attached())
        self.host.detach("cinder-backup:x")
        self.assertEqual({}, self.fixture.attached())

    def test_snapshot_by_name(self):
        snapshot = self.fixture.make_snapshot(NAME)
        target = Target(name="os--snap--none--snapshot-1", snapshot=True)
        self.host.attach("cinder-backup:x", target, "ro")
        self.assertEqual({(snapshot, 1): "ro"}, self.fixture.attached())

    def test_snapshot_to_be_written(self):
        snapshot = self.fixture.make_snapshot(NAME)
        target = Target(snapshot, "os--snap--none--snapshot-1", True, MIB)
        self.assertRaises(
            ValidationError, self.host.attach, "nova:i:1", target, "rw"
        )
        self.assertEqual({}, self.fixture.attached())
        self.assert_recorded()

    def test_foreign_name(self):
        self.fixture.make_volume("osaka-db")
        for target in (
            Target(name="osaka-db"),
            Target("a.b.c", "osaka-db", size=MIB),
        ):
            self.assertRaises(
                ForeignVolume, self.host.attach, "nova:i:1", target, "rw"
            )
        self.assertEqual({}, self.fixture.attached())

    def test_without_a_name(self):
        self.assertRaises(
            ValidationError, self.host.attach, "nova:i:1", Target(), "rw"
        )

    def test_host_without_a_number(self):
        configuration = dataclasses.replace(
            self.fixture.configuration, client_id=None
        )
        host = self.fixture.open(configuration)
        error = self.assertRaises(
            ConfigurationError, host.attach, "nova:i:1", self.target, "rw"
        )
        self.assertIn("SP_OURID", str(error))
        self.assert_recorded()

    def test_absent_volume(self):
        self.assertRaises(
            ObjectDoesNotExist,
            self.host.attach,
            "nova:i:1",
            Target(name="os--volume-none"),
            "rw",
        )
        self.assert_recorded()

    def test_deleted_volume_drops_all_requests_for_it(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.assertRaises(
            ObjectDoesNotExist,
            self.host.attach,
            "nova:j:1",
            self.target,
            "rw",
        )
        self.assert_recorded()

    def test_owner_that_moves_to_another_object(self):
        self.host.attach("nova:i:1", self.target, "rw")
        other = self.fixture.make_volume("os--volume-2")
        self.host.attach(
            "nova:i:1", Target(other, "os--volume-2", size=MIB), "rw"
        )
        self.assertEqual({(other, 1): "rw"}, self.fixture.attached())
        self.assert_recorded("nova:i:1")

    def test_link_that_has_not_gone_yet(self):
        stale = Device(self.host.path(self.volume), "7:1", MIB, "rw")
        self.fixture.devices.stale[self.volume] = stale
        self.fixture.clock.on_sleep = self.fixture.devices.stale.clear
        self.host.attach("nova:i:1", self.target, "rw")
        self.assertEqual([LIST, REASSIGN], self.fixture.calls())
        self.host.detach("nova:i:1")
        self.assert_nothing_left()


@ddt.ddt
class FailedAttachTest(HostTestCase):
    """Whatever fails, nothing is left, and the next try works."""

    def _fail(self, target=None, mode="rw"):
        error = self.assertRaises(
            StorPoolError,
            self.host.attach,
            "nova:i:1",
            target or self.target,
            mode,
        )
        self.fixture.simulator.clear_faults()
        return error

    @ddt.data(
        {"action": "error"},
        {"action": "error", "transient": True, "status": 503, "count": 50},
        {"action": "drop_before", "count": 50},
        {"action": "raw", "status": 200, "body": "<html>"},
        {"action": "raw", "status": 502, "body": "<html>", "count": 50},
    )
    def test_attach_call_fails(self, fault):
        # The detach that takes it back fails too, or has to be let through.
        self.fault(call="VolumesReassignWait", **fault)
        self._fail()
        self.host.tidy(self.target)
        self.assert_nothing_left()
        self.host.attach("nova:i:1", self.target, "rw")
        self.assert_attached("rw")

    def test_refused_attach_is_not_followed_by_a_detach(self):
        self.fault(
            call="VolumesReassignWait",
            action="error",
            name="invalidParam",
            descr="No such client registered",
            status=400,
        )
        self._fail()
        self.assertEqual([REASSIGN], self.fixture.calls())
        self.assert_nothing_left()

    def test_answers_are_lost(self):
        self.fault(call="VolumesReassignWait", action="drop_after", count=6)
        self._fail()
        self.assert_nothing_left()

    def test_one_answer_is_lost(self):
        self.fault(call="VolumesReassignWait", action="drop_after")
        self.host.attach("nova:i:1", self.target, "rw")
        self.assert_attached("rw")

    def test_question_about_the_volume_fails(self):
        self.fault(call="Volume", action="error")
        self._fail(Target(name=NAME))
        self.assert_attached(None)
        self.assert_recorded()

    def test_question_about_the_size_fails(self):
        self.fault(call="Volume", action="error")
        self._fail(dataclasses.replace(self.target, size=MIB // 2))
        self.assert_nothing_left()

    def test_device_never_appears(self):
        self.fixture.devices.absent.add(self.volume)
        error = self._fail()
        self.assertIsInstance(error, DeviceNotReady)
        self.assertIn("absent", str(error))
        self.assert_nothing_left()

    def test_device_never_has_its_size(self):
        self.fixture.devices.sizes[self.volume] = MIB // 2
        error = self._fail()
        self.assertIsInstance(error, DeviceNotReady)
        self.assertIn(f"{MIB // 2} bytes instead of {MIB}", str(error))
        self.assert_nothing_left()

    def test_others_keep_what_they_have(self):
        self.host.attach("cinder-backup:x", self.target, "ro")
        self.fault(call="VolumesReassignWait", action="drop_after", count=6)
        self._fail()
        self.assert_attached("ro")
        self.assert_recorded("cinder-backup:x")

    def test_former_request_is_kept(self):
        self.host.attach("nova:i:1", self.target, "ro")
        self.fault(call="VolumesReassignWait", action="error")
        self._fail()
        self.assert_attached("ro")
        (request,) = self.host.requests()
        self.assertEqual("ro", request.mode)

    def test_former_rights_are_given_back(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self.fixture.devices.absent.add(self.volume)
        self._fail(mode="ro")
        self.assert_attached("rw")
        (request,) = self.host.requests()
        self.assertEqual("rw", request.mode)

    def test_taking_back_fails_too(self):
        self.fixture.devices.absent.add(self.volume)
        self.fault(call="VolumesReassignWait", action="error", nth=2)
        error = self._fail()
        self.assertIsInstance(error, DeviceNotReady)
        self.assertIn("taking it back failed", error.__notes__[0])
        # It is ours all the same, and the next one to come finishes it.
        self.assert_attached("rw")
        self.fixture.devices.absent.clear()
        self.host.attach("nova:i:1", self.target, "rw")
        self.host.detach("nova:i:1")
        self.assert_nothing_left()

    def test_interrupted(self):
        class Killed(BaseException):
            pass

        def kill():
            raise Killed

        self.fixture.devices.absent.add(self.volume)
        self.fixture.clock.on_sleep = kill
        self.assertRaises(
            Killed, self.host.attach, "nova:i:1", self.target, "rw"
        )
        self.assert_nothing_left()


class ExtendTest(HostTestCase):
    def test_new_size(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self._grow()
        self.fixture.devices.sizes[self.volume] = MIB
        self.fixture.clock.on_sleep = self.fixture.devices.sizes.clear
        self.assertEqual(2 * MIB, self.host.extend(self.target))

    def test_device_that_stays_small(self):
        self.host.attach("nova:i:1", self.target, "rw")
        self._grow()
        self.fixture.devices.sizes[self.volume] = MIB
        error = self.assertRaises(
            DeviceNotReady, self.host.extend, self.target
        )
        self.assertIn(f"{MIB} bytes instead of {2 * MIB}", str(error))

    def _grow(self):
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(size=2 * MIB)
        )
