# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a user and an operator are told when a volume cannot be had."""

import dataclasses

import ddt
import fixtures
from nova.compute.utils import exception_to_dict
from nova.exception import NovaException
from nova.exception import VolumeAttachFailed
from nova.exception import VolumeDetachFailed
from nova.exception import VolumeExtendFailed

from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from tests.unit.nova.base import NAME
from tests.unit.nova.base import OPEN
from tests.unit.nova.base import VOLUME
from tests.unit.nova.compute import Compute
from tests.unit.nova.compute import ComputeTestCase

#: How much of a message Nova keeps for the server.
KEPT = 255


class BadStateTestCase(ComputeTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.instance = self.compute.instance("spawning")
        self.compute.track(self.compute.host.define(self.instance.uuid))

    def fault(self, kind, action, *arguments):
        """What the server shows after something has failed."""
        error = self.assertRaises(kind, action, *arguments)
        self.assertIsInstance(error, NovaException)
        shown = exception_to_dict(error)["message"]
        self.assertIn(VOLUME, shown)
        self.assertNotIn(self.fixture.simulator.token, shown)
        return shown

    def attach_fails(self, reason):
        """Attach, and see that the server says why; nothing is left."""
        shown = self.fault(
            VolumeAttachFailed,
            self.compute.attach,
            self.connection_info(),
            self.instance,
        )
        self.assertIn(reason, shown)
        self.assertEqual([], self.requests())
        self.assertEqual({}, self.fixture.attached())

    def attach(self):
        """Attach, and detach again."""
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.assert_attached("rw")
        self.compute.detach(info, self.instance)
        self.assert_attached(None)
        self.assertEqual([], self.requests())


class HostTest(BadStateTestCase):
    def use_host(self, **values):
        """A nova-compute on this host with another storpool.conf."""
        known = {**self.fixture.configuration.values, **values}
        configuration = dataclasses.replace(
            load(
                host="comp1",
                values={name: text for name, text in known.items() if text},
                environ={},
            ),
            state_dir=self.fixture.configuration.state_dir,
        )
        client = Client(configuration.api, sleep=self.fixture.clock.sleep)
        self.addCleanup(client.close)
        opened = open_host(
            configuration,
            client,
            devices=self.fixture.devices,
            clock=self.fixture.clock,
        )
        self.addCleanup(opened.close)
        self.use_records(opened)
        guests = self.compute.host
        self.compute = self.useFixture(Compute())
        self.compute.host.domains.update(guests.domains)
        self.compute.track(guests.domains[self.instance.uuid])

    def test_without_a_client_number(self):
        self.use_host(SP_OURID="")
        self.attach_fails("SP_OURID")
        self.use_host()
        self.attach()

    def test_wrong_token(self):
        self.use_host(SP_AUTH_TOKEN="1234567890")
        self.attach_fails("does not accept the token")
        self.use_host()
        self.attach()

    def test_no_cluster_at_that_address(self):
        self.use_host(SP_API_HTTP_PORT="1")
        self.attach_fails("127.0.0.1:1")
        self.use_host()
        self.attach()

    def test_client_that_the_cluster_does_not_know(self):
        self.use_host(SP_OURID="4000")
        self.attach_fails("4000")
        self.use_host()
        self.attach()


@ddt.ddt
class DeviceTest(BadStateTestCase):
    def come_after(self, seconds):
        """Let the device come so many seconds from now."""
        devices, clock = self.fixture.devices, self.fixture.clock
        devices.absent.add(self.global_id)
        due = clock.now() + seconds
        wait = devices.wait

        def pass_time(pause):
            wait(pause)
            if clock.now() >= due:
                devices.absent.discard(self.global_id)

        devices.wait = pass_time

    def test_late_by_20_seconds(self):
        self.come_after(20)
        self.attach()

    def test_later_than_it_is_waited_for(self):
        self.come_after(31)
        self.attach_fails("is absent, after 30 s")
        self.attach()

    def test_of_another_size(self):
        self.fixture.devices.sizes[self.global_id] = 512
        self.attach_fails("has 512 bytes instead of")
        self.fixture.devices.sizes.clear()
        self.attach()

    def test_does_not_grow(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.fixture.devices.sizes[self.global_id] = 512
        shown = self.fault(
            VolumeExtendFailed,
            self.compute.driver.extend_volume,
            self.compute.context,
            info,
            self.instance,
            1024,
        )
        self.assertIn("has 512 bytes instead of", shown)


class ClusterTest(BadStateTestCase):
    def test_volume_has_been_deleted(self):
        self.fixture.api.volume_delete(NAME)
        self.attach_fails("objectDoesNotExist")
        self.global_id = self.fixture.make_volume(NAME)
        self.attach()

    def test_deleted_while_it_is_attached(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.fixture.reassign(volume=NAME, detach=[1], force=True)
        self.fixture.api.volume_delete(NAME)
        self.compute.detach(info, self.instance)
        self.assertEqual([], self.requests())

    def test_refused(self):
        self.fixture.simulator.add_fault(
            call="VolumesReassignWait",
            action="error",
            name="insufficientResources",
        )
        self.attach_fails("insufficientResources")
        self.attach()

    def test_in_use_by_a_guest(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.fixture.simulator.add_fault(**OPEN)
        shown = self.fault(
            VolumeDetachFailed, self.compute.detach, info, self.instance
        )
        self.assertIn("is in use on this host, client 1", shown)
        self.assert_attached("rw")
        self.fixture.simulator.clear_faults()
        self.compute.detach(info, self.instance)
        self.assert_attached(None)


class MessageTest(BadStateTestCase):
    def test_what_to_do_is_not_cut_off(self):
        self.fixture.devices.absent.add(self.global_id)
        error = self.assertRaises(
            VolumeAttachFailed,
            self.compute.attach,
            self.connection_info(device_path="/dev/storpool-byid/aaaa.b.1"),
            self.instance,
        )
        text = error.format_message()
        self.assertIn("udev", text[:KEPT])
        # Nova's log shows the rest: the request, and the name.
        self.assertIn(f"nova:{self.instance.uuid}", str(error.__cause__))
        self.assertIn(NAME, str(error.__cause__))
