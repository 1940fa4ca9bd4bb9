# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A volume for one guest alone: others are cut off, and peers are not."""

import concurrent.futures

import ddt
import fixtures

from os_brick_storpool.errors import StorPoolAPIError
from os_brick_storpool.errors import StorPoolDeviceNotFound
from os_brick_storpool.errors import StorPoolInvalid
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME


@ddt.ddt
class ExclusiveTest(ConnectorTestCase):
    """Clients 2 and 3 have the volume when a guest of client 1 comes."""

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.fixture.reassign(volume=NAME, rw=[2, 3])
        self.fixture.simulator.clear_requests()

    def connect(self, wish, peers, **others):
        return self.connector.connect_volume(
            self.properties(
                storpool_exclusive=wish, storpool_peers=peers, **others
            )
        )

    def changes(self):
        return [
            request["body"]["reassign"]
            for request in self.fixture.simulator.requests()
            if request["path"].endswith("VolumesReassignWait")
        ]

    def expect_clients(self, *clients):
        self.assertEqual(
            {(self.global_id, client): "rw" for client in clients},
            self.fixture.attached(),
        )

    def test_others_are_cut_off_in_one_step(self):
        self.connect("enforce", [1])
        self.expect_clients(1)
        [[change]] = self.changes()
        self.assertEqual(
            ([1], [2, 3], True),
            (change["rw"], change["detach"], change["force"]),
        )
        self.assertIn("[2, 3]", self.log.output)

    def test_also_where_the_device_is_open(self):
        self.fault(
            call="VolumesReassignWait", action="device_busy", count=None
        )
        self.connect("enforce", [1])
        self.expect_clients(1)

    def test_peers_keep_it(self):
        self.connect("enforce", [1, 3])
        self.expect_clients(1, 3)
        self.connector.disconnect_volume(self.properties(), None)
        self.expect_clients(3)

    def test_nobody_to_cut_off(self):
        self.connect("enforce", [2, 3])
        self.expect_clients(1, 2, 3)
        [[change]] = self.changes()
        self.assertNotIn("force", change)
        self.assertNotIn("detach", change)

    def test_warning(self):
        self.connect("warn", [1, 2])
        self.expect_clients(1, 2, 3)
        self.assertIn("[3]", self.log.output)
        [[change]] = self.changes()
        self.assertNotIn("force", change)

    def test_cinder_does_not_say(self):
        self.connect("enforce", None)
        self.expect_clients(1, 2, 3)

    def test_nobody_wants_it(self):
        self.connector.connect_volume(self.properties(storpool_peers=[1]))
        self.expect_clients(1, 2, 3)

    @ddt.data(("always", [1]), ("enforce", ["comp1"]))
    @ddt.unpack
    def test_nonsense(self, wish, peers):
        self.assertRaises(StorPoolInvalid, self.connect, wish, peers)
        self.expect_clients(2, 3)

    def test_read_only(self):
        self.connect("enforce", [], storpool_mode="ro")
        self.assertEqual({(self.global_id, 1): "ro"}, self.fixture.attached())

    def test_refused(self):
        self.fault(call="VolumesReassignWait", action="error")
        self.assertRaises(StorPoolAPIError, self.connect, "enforce", [])
        self.expect_clients(2, 3)
        self.assertEqual([], self.fixture.open().requests())

    def test_who_has_it_is_not_told(self):
        self.fault(call="AttachmentsList", action="error", count=None)
        self.assertRaises(StorPoolAPIError, self.connect, "enforce", [])
        self.fixture.simulator.clear_faults()
        self.expect_clients(2, 3)

    def test_the_device_does_not_come(self):
        self.fixture.devices.absent.add(self.global_id)
        self.assertRaises(StorPoolDeviceNotFound, self.connect, "enforce", [3])
        self.expect_clients(3)

    @ddt.data("error", "transient", "ok")
    def test_a_dead_host_is_not_waited_for(self, answer):
        """What a cluster answers when it gives up waiting is not known."""
        simulator = self.fixture.simulator
        simulator.set_switches(attach_timeout=answer)
        simulator.set_up("client", 2, False)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            connected = pool.submit(self.connect, "enforce", [1])
            while not connected.done():
                simulator.advance(1)
                concurrent.futures.wait([connected], timeout=0.01)
        self.assertIn("path", connected.result())
        self.expect_clients(1)
        self.connector.disconnect_volume(self.properties(), None)
        self.expect_clients()

    def test_answer_is_lost(self):
        self.fault(call="VolumesReassignWait", action="drop_after")
        self.connect("enforce", [1])
        self.expect_clients(1)
