# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attachments: who has what."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base


@ddt.ddt
class AttachmentTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a").global_id
        self.snapshot("a", "s")

    @ddt.data(True, False)
    def test_attach_and_detach(self, wait):
        self.reassign({"volume": "a", "rw": [1], "ro": [2]}, wait=wait)
        self.assertEqual([("a", 1, "rw"), ("a", 2, "ro")], self.attached())
        self.reassign({"volume": f"~{self.gid}", "detach": [1]}, wait=wait)
        self.assertEqual([("a", 2, "ro")], self.attached())

    def test_answer_tells_what_it_is(self):
        self.reassign({"snapshot": "s", "ro": [1]}, {"volume": "a", "rw": [1]})
        snapshot, volume = self.api.attachments_list()
        self.assertTrue(snapshot.snapshot)
        self.assertFalse(volume.snapshot)
        self.assertEqual((0, 1), (snapshot.pos, volume.pos))
        self.assertEqual(self.gid, volume.global_id)
        self.assertEqual(self.simulator.cluster_id, volume.cluster_id)

    def test_all_but_one_in_one_step(self):
        self.reassign({"volume": "a", "rw": [1, 2]})
        (kept,) = [
            each for each in self.api.attachments_list() if each.client == 2
        ]
        self.reassign({"volume": "a", "detach": "all", "rw": [2]})
        self.assertEqual([kept], self.api.attachments_list())

    @ddt.data(("ro", "rw"), ("rw", "ro"), ("rw", "rw"))
    @ddt.unpack
    def test_again_with_rights(self, first, second):
        self.reassign({"volume": "a", first: [1]})
        self.reassign({"volume": "a", second: [1]})
        self.assertEqual([("a", 1, second)], self.attached())

    def test_detach_of_what_is_not_attached(self):
        self.reassign({"volume": "a", "detach": [1]})
        self.reassign({"volume": "a", "detach": "all"})
        self.reassign({"snapshot": "s", "detach": "all"}, wait=False)

    @ddt.data(
        {"volume": "a", "rw": [9]},
        {"volume": "a", "ro": [9]},
        {"volume": "a", "detach": [9]},
    )
    def test_unknown_client(self, element):
        raised = self.assertRaises(errors.InvalidParam, self.reassign, element)
        self.assertIn("No such client registered", str(raised))

    @ddt.data({"volume": "s"}, {"snapshot": "a"}, {"volume": "none"})
    def test_what_is_not_there(self, element):
        self.assertRaises(
            errors.ObjectDoesNotExist, self.reassign, element | {"ro": [1]}
        )

    def test_all_elements_or_none(self):
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.reassign,
            {"volume": "a", "rw": [1]},
            {"volume": "none", "rw": [1]},
        )
        self.assertEqual([], self.attached())

    def test_positions_are_used_again(self):
        self.create("b")
        self.reassign({"volume": "a", "rw": [1]}, {"volume": "b", "rw": [1]})
        self.reassign({"volume": "a", "detach": [1]})
        self.reassign({"snapshot": "s", "ro": [1]})
        self.assertEqual(
            {"b": 1, "s": 0},
            {each.volume: each.pos for each in self.api.attachments_list()},
        )

    def test_positions_come_to_an_end(self):
        names = [f"v{number}" for number in range(1025)]
        for name in names:
            self.create(name)
        self.reassign(*({"volume": name, "rw": [1]} for name in names[:-1]))
        raised = self.assertRaises(
            errors.InvalidParam,
            self.reassign,
            {"volume": names[-1], "rw": [1]},
        )
        self.assertIn("1024", str(raised))

    def test_clients_are_running(self):
        status = self.api.services_list()
        self.assertEqual(
            {1: "running", 2: "running", 3: "running"},
            {each.id: each.status for each in status.clients.values()},
        )
        self.assertEqual(3, len(status.servers))
        (config,) = self.api.client_config_wait(2)
        self.assertEqual("ok", config.config_status)
        self.assertEqual(3, len(self.api.clients_config_dump()))
        self.assertRaises(errors.InvalidParam, self.api.client_config_wait, 9)


class FaultyDeviceTest(base.SimulatorTestCase):
    def test_a_device_that_is_said_to_be_open(self):
        self.create("a")
        self.reassign({"volume": "a", "rw": [1]})
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_busy", count=2
        )
        element = {"volume": "a", "detach": [1]}
        raised = self.assertRaises(errors.Busy, self.reassign, element)
        self.assertIn("volume 'a' is open at client 1", str(raised))
        self.assertEqual([("a", 1, "rw")], self.attached())
        self.reassign(element | {"force": True})
        self.assertEqual([], self.attached())


class TemplateTest(base.SimulatorTestCase):
    def test_update_with_and_without_propagate(self):
        self.create("a")
        update = api.templates.VolumeTemplateUpdateDesc
        self.api.volume_template_update("hybrid", update(iops=10))
        self.assertEqual("-", self.volume("a").iops)
        self.api.volume_template_update(
            "hybrid", update(rename="new", bw=20, propagate=True)
        )
        volume = self.volume("a")
        self.assertEqual(
            ("new", "-", 20), (volume.template_name, volume.iops, volume.bw)
        )
        described = self.api.volume_template_describe("new")
        self.assertEqual((10, 20), (described.iops, described.bw))

    def test_delete_in_use(self):
        self.create("a")
        self.assertRaises(
            errors.Busy, self.api.volume_template_delete, "hybrid"
        )
        self.api.volume_delete("a")
        self.api.volume_template_delete("hybrid")
        self.assertEqual(
            ["nvme"], [each.name for each in self.api.volume_templates_list()]
        )

    def test_default_size_and_parent(self):
        self.create("a")
        gid = self.snapshot("a", "s")
        create = api.templates.VolumeTemplateCreateDesc
        self.api.volume_template_create(
            create(name="t", replication=1, parent="s")
        )
        self.api.volume_template_create(
            create(name="u", replication=1, size=1024)
        )
        self.create("b", template="t", size=None)
        self.create("c", template="u", size=None)
        self.assertEqual("s", self.volume("b").parent_name)
        self.assertEqual(1024, self.volume("c").size)
        self.api.snapshot_update(
            f"~{gid}", api.snapshots.SnapshotUpdateDesc(rename="r")
        )
        self.assertEqual(
            "r", self.api.volume_template_describe("t").parent_name
        )

    def test_capacity_adds_up(self):
        gid = self.create("a").global_id
        self.snapshot("a", "s")
        self.simulator.write(gid, 6 << 30)
        (hybrid, nvme) = self.api.volume_templates_status()
        self.assertEqual(
            (1, 1), (hybrid.volumes_count, hybrid.snapshots_count)
        )
        self.assertEqual(6 << 30, hybrid.stored_size)
        self.assertEqual(64 << 30, hybrid.stored.capacity)
        self.assertEqual(58 << 30, nvme.stored.free)
        disks = self.api.disks_list().values()
        self.assertEqual(
            (64 << 30) * 3, sum(disk.ag_count for disk in disks) << 29
        )
        self.assertEqual(
            (58 << 30) * 3, sum(disk.ag_free for disk in disks) << 29
        )
        self.assertEqual({-1}, {disk.generation_left for disk in disks})


class PlacementTest(base.SimulatorTestCase):
    def update(self, name, **members):
        return self.api.placement_group_update(
            name, api.placement_groups.PlacementGroupUpdateDesc(**members)
        )

    def test_made_changed_renamed_deleted(self):
        self.update("fast", add_disks=[11, 21, 31])
        self.update("fast", add_disks=[12], rm_disks=[11])
        self.create("a", replication=1, place_all="fast")
        self.update("fast", rename="faster")
        self.assertEqual(
            [12, 21, 31], self.api.placement_group_describe("faster").disks
        )
        self.assertEqual("faster", self.volume("a").place_tail)
        self.assertRaises(
            errors.Busy, self.api.placement_group_delete, "faster"
        )
        self.api.volume_delete("a")
        self.api.placement_group_delete("faster")
        self.assertEqual(["default"], list(self.api.placement_groups_list()))

    def test_unknown_disk(self):
        self.assertRaises(
            errors.ObjectDoesNotExist, self.update, "fast", add_disks=[99]
        )

    def test_describe_a_disk(self):
        self.api.disk_set_desc(
            11, api.disks.DiskDescUpdate(description="left")
        )
        self.assertEqual("left", self.api.disks_list()[11].description)
        self.assertEqual({}, self.api.fault_sets_list())
