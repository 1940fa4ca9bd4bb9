# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Clients, servers and disks that are down."""

import concurrent.futures

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base
from tests.unit.simulator import raw

Reassign = api.attachments.ReassignDesc
ReassignWait = api.attachments.VolumesReassignWaitDesc

MIB = 1 << 20
GIB = 1 << 30


class Waiting(base.SimulatorTestCase):
    def start(self, function, *arguments):
        """Call in another thread; returns what comes of it."""
        pool = concurrent.futures.ThreadPoolExecutor(1)
        self.addCleanup(pool.shutdown)
        return pool.submit(function, *arguments)

    def attach(self, timeout, client=1):
        return self.api.volumes_reassign_wait(
            ReassignWait(
                reassign=[Reassign(volume="a", rw=[client])],
                attach_timeout=timeout,
            )
        )


@ddt.ddt
class ClientTest(Waiting):
    def setUp(self):
        super().setUp()
        self.create("a")
        self.simulator.set_up("client", 1, False)

    def test_it_is_shown(self):
        generation = self.create("b").generation
        client = self.api.services_list().clients[1]
        self.assertEqual(("down", None), (client.status, client.start_time))
        config, *_ = self.api.clients_config_dump()
        self.assertEqual("down", config.config_status)
        self.assertEqual(generation, config.generation)
        self.assertEqual(generation - 1, config.client_generation)

    def test_what_does_not_wait(self):
        self.reassign({"volume": "a", "rw": [1]}, wait=False)
        self.attach(timeout=0)
        self.attach(timeout=None, client=2)
        self.assertEqual([("a", 1, "rw"), ("a", 2, "rw")], self.attached())

    def test_negative_time_out(self):
        self.assertRaises(errors.InvalidParam, self.attach, -1)
        self.assertEqual([], self.attached())

    @ddt.data(None, 1000)
    def test_it_comes_in_time(self, timeout):
        answer = self.start(self.attach, timeout)
        self.recorded()
        self.assertFalse(answer.done())
        self.simulator.set_up("client", 1, True)
        self.assertTrue(answer.result(10).ok)

    def recorded(self):
        """Wait for the change, which is made before its answer."""
        while not self.api.attachments_list():
            pass

    @ddt.data(("error", False), ("transient", True))
    @ddt.unpack
    def test_it_does_not(self, switch, transient):
        self.simulator.set_switches(attach_timeout=switch)
        connection = self.useFixture(raw.Raw(self.simulator))
        body = b'{"reassign":[{"volume":"a","rw":[1]}],"attachTimeout":9}'
        answer = self.start(
            connection.ask, "POST", "/ctrl/1.0/VolumesReassignWait", body
        )
        self.recorded()
        self.simulator.advance(8)
        self.assertFalse(answer.done())
        self.simulator.advance(2)
        refused = answer.result(10)
        self.assertEqual(504, refused.status)
        self.assertEqual("timeout", refused.json["error"]["name"])
        self.assertEqual(transient, refused.json["error"]["transient"])
        self.assertIn("client 1 is down", refused.json["error"]["descr"])
        self.assertEqual([("a", 1, "rw")], self.attached())

    def test_a_time_out_that_is_none(self):
        self.simulator.set_switches(attach_timeout="ok")
        answer = self.start(self.attach, 5)
        self.recorded()
        self.simulator.advance(6)
        self.assertTrue(answer.result(10).ok)

    def test_config_wait(self):
        answer = self.start(self.api.client_config_wait, 1)
        self.create("b")
        self.assertFalse(answer.done())
        self.simulator.set_up("client", 1, True)
        (config,) = answer.result(10)
        self.assertEqual("ok", config.config_status)
        self.assertEqual(config.generation, config.client_generation)

    def test_the_end_does_not_wait(self):
        connection = self.useFixture(raw.Raw(self.simulator))
        answer = self.start(
            connection.ask, "GET", "/ctrl/1.0/ClientConfigWait/1"
        )
        self.simulator.simulator.stop()
        concurrent.futures.wait([answer], 10)
        self.assertTrue(answer.done())

    def test_unknown(self):
        for kind in ("client", "server", "disk"):
            connection = self.useFixture(raw.Raw(self.simulator))
            answer = connection.ask(
                "POST", f"/sim/{kind}s", b'{"id": 99, "up": false}'
            )
            self.assertEqual(404, answer.status, kind)
            self.assertIn("99", answer.json["error"]["descr"])

    @ddt.data(b"{", b"{}", b'{"id": 1, "up": 3}', b'{"id": 1, "down": true}')
    def test_malformed(self, body):
        connection = self.useFixture(raw.Raw(self.simulator))
        answer = connection.ask("POST", "/sim/clients", body)
        self.assertEqual(400, answer.status)


class DownFromTheStartTest(base.SimulatorTestCase):
    options = {"clients_down": [2]}  # noqa: RUF012

    def test_it_is_down(self):
        clients = self.api.services_list().clients
        self.assertEqual("down", clients[2].status)
        self.assertEqual("running", clients[1].status)


class DiskTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.create("three")
        self.create("one", replication=1, size=GIB)
        self.create("small", replication=1, size=512)

    def status(self, name):
        found = self.api.volumes_quick_status()[name]
        return found.status, found.decreased_redundancy

    def test_one_that_is_down_says_little(self):
        before = self.api.volumes_list()
        generation = self.create("x").generation
        self.simulator.set_up("disk", 12, False)
        disk = self.api.disks_list()[12]
        self.assertEqual(generation + 1, disk.generation_left)
        self.assertIsNone(disk.ag_count)
        self.assertEqual(-1, self.api.disks_list()[11].generation_left)
        self.simulator.set_up("disk", 12, True)
        self.assertEqual(-1, self.api.disks_list()[12].generation_left)
        self.assertEqual(before, self.api.volumes_list()[:3])

    def test_what_lies_on_it(self):
        self.simulator.set_up("disk", 12, False)
        self.assertEqual(("up", True), self.status("three"))
        self.assertEqual(("down", True), self.status("one"))
        self.assertEqual(("up", False), self.status("small"))
        self.simulator.set_up("disk", 12, True)
        self.assertEqual(("up", False), self.status("one"))

    def test_capacity_goes_with_it(self):
        before = self.template()
        self.simulator.set_up("disk", 12, False)
        after = self.template()
        self.assertEqual(
            before.capacity_place_all * 5 // 6, after.capacity_place_all
        )
        self.assertEqual(
            before.stored.capacity * 5 // 6, after.stored.capacity
        )

    def template(self):
        found, _ = self.api.volume_templates_status()
        return found

    def test_a_server_and_its_disks(self):
        self.simulator.set_up("disk", 21, False)
        self.simulator.set_up("server", 2, False)
        server = self.api.services_list().servers[2]
        self.assertEqual("down", server.status)
        self.assertEqual([21, 22], server.missing_disks)
        self.assertTrue(self.api.disks_list()[22].generation_left > 0)
        self.assertEqual(("up", True), self.status("three"))
        self.assertRaises(
            errors.InsufficientResources, self.create, "b", replication=3
        )
        self.simulator.set_up("server", 2, True)
        self.assertEqual(
            [21], self.api.services_list().servers[2].missing_disks
        )
        self.create("b", replication=3)


class CapacityTest(base.SimulatorTestCase):
    """What is written is seen everywhere, copies counted."""

    def written(self, copies):
        self.api.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(
                name="t", replication=copies
            )
        )
        before = self.figures()
        gid = self.create("a", template="t", size=4 * GIB).global_id
        self.simulator.write(gid, GIB)
        # A sixth of a GiB is not a whole number of bytes.
        return [
            round((now - then) / MIB) * MIB
            for then, now in zip(before, self.figures(), strict=True)
        ]

    def figures(self):
        """Client data and raw data, as each call tells them."""
        templates = {
            each.name: each for each in self.api.volume_templates_status()
        }
        template = templates["t"]
        return [
            sum(each.stored_size for each in self.api.volumes_space()),
            template.stored_size,
            template.stored.capacity - template.stored.free,
            template.on_disk_size,
            sum(
                each.objects_on_disk_size
                for each in self.api.disks_list().values()
            ),
            template.capacity_place_all - template.available_place_all,
        ]

    def test_three_copies(self):
        self.assertEqual([GIB] * 3 + [3 * GIB] * 3, self.written(3))

    def test_two_copies(self):
        self.assertEqual([GIB] * 3 + [2 * GIB] * 3, self.written(2))

    def test_one_copy(self):
        self.assertEqual([GIB] * 6, self.written(1))

    def test_children_take_over_what_a_snapshot_had(self):
        gid = self.create("a").global_id
        self.simulator.write(gid, 1000)
        self.snapshot("a", "s")
        self.simulator.write(gid, 24)
        self.api.snapshot_delete("s")
        self.simulator.advance(1)
        (volume,) = self.api.volumes_space()
        self.assertEqual((1024, 1024), (volume.stored_size, volume.space_used))
