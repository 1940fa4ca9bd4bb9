# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Disks: taken out, given up, emptied, checked, described."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base


@ddt.ddt
class DiskWorkTest(base.SimulatorTestCase):
    def disk(self, number=12):
        return self.api.disks_list()[number]

    def test_eject_and_forget(self):
        generation = self.api.disk_eject(12).generation
        self.assertEqual(generation, self.disk().generation_left)
        self.api.disk_forget(12)
        self.assertNotIn(12, self.api.disks_list())
        group = self.api.placement_group_describe("default")
        self.assertEqual([11, 21, 22, 31, 32], group.disks)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.disk_describe, 12
        )
        self.simulator.set_up("disk", 12, True)
        self.assertEqual(-1, self.disk().generation_left)

    def test_forgetting_it_restores_redundancy(self):
        self.create("a")
        self.simulator.set_up("disk", 12, False)
        before = self.api.volumes_quick_status()["a"]
        self.api.disk_forget(12)
        after = self.api.volumes_quick_status()["a"]
        self.assertEqual(
            (True, False),
            (before.decreased_redundancy, after.decreased_redundancy),
        )

    def test_ignore(self):
        self.simulator.set_up("disk", 12, False)
        server = self.api.services_list().servers[1]
        self.assertEqual([12], server.missing_disks)
        self.api.disk_ignore(12)
        server = self.api.services_list().servers[1]
        self.assertEqual([], server.missing_disks)

    @ddt.data("disk_forget", "disk_ignore")
    def test_only_of_one_that_is_down(self, call):
        self.assertRaises(errors.InvalidParam, getattr(self.api, call), 12)

    @ddt.data(
        "disk_eject",
        "disk_soft_eject",
        "disk_soft_eject_pause",
        "disk_scrub_start",
        "disk_retrim",
        "disk_describe",
    )
    def test_only_of_one_that_is_up(self, call):
        self.simulator.set_up("disk", 12, False)
        self.assertRaises(errors.InvalidParam, getattr(self.api, call), 12)
        self.assertRaises(
            errors.ObjectDoesNotExist, getattr(self.api, call), 99
        )

    def test_soft_eject(self):
        self.create("a")
        self.simulator.set_switches(soft_eject_seconds=100)
        self.api.disk_soft_eject(12)
        self.assertEqual("on", self.disk().soft_eject)
        self.assertEqual(
            [12], self.api.volumes_quick_status()["a"].soft_ejecting_drives
        )
        self.assertEqual(
            1, self.api.volume_relocator_status().volumes_to_relocate
        )
        self.simulator.advance(50)
        (task,) = self.api.tasks_list()
        self.assertEqual(task.all_objects // 2, task.completed_objects)
        self.simulator.advance(51)
        self.assertTrue(self.disk().generation_left > 0)
        self.assertEqual("off", self.disk().soft_eject)
        status = self.api.volumes_quick_status()["a"]
        self.assertFalse(status.decreased_redundancy)
        self.assertEqual([], self.api.tasks_list())

    def test_soft_eject_pauses_goes_on_and_ends(self):
        self.simulator.set_switches(soft_eject_seconds=100)
        self.assertRaises(
            errors.InvalidParam, self.api.disk_soft_eject_pause, 12
        )
        self.assertRaises(
            errors.InvalidParam, self.api.disk_soft_eject_cancel, 12
        )
        self.api.disk_soft_eject(12)
        self.simulator.advance(60)
        self.api.disk_soft_eject_pause(12)
        self.simulator.advance(1000)
        self.assertEqual("paused", self.disk().soft_eject)
        self.api.disk_soft_eject(12)
        self.simulator.advance(39)
        self.assertEqual("on", self.disk().soft_eject)
        self.api.disk_soft_eject_cancel(12)
        self.simulator.advance(1000)
        self.assertEqual(
            ("off", -1), (self.disk().soft_eject, self.disk().generation_left)
        )

    def test_scrub(self):
        self.simulator.set_switches(scrub_seconds=100)
        for call in ("disk_scrub_pause", "disk_scrub_continue"):
            self.assertRaises(errors.InvalidParam, getattr(self.api, call), 12)
        self.api.disk_scrub_start(12)
        self.simulator.advance(40)
        self.api.disk_scrub_pause(12)
        self.assertTrue(self.disk().scrubbing_paused)
        self.simulator.advance(1000)
        self.assertEqual(0, self.disk().last_scrub_completed)
        self.api.disk_scrub_continue(12)
        self.assertTrue(0 < self.disk().scrubbing_finish_after <= 60)
        self.simulator.advance(61)
        self.assertTrue(self.disk().last_scrub_completed > 0)
        self.assertFalse(self.disk().scrubbing_paused)


class DescribedTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        gid = self.create("a", size=6 * (32 << 20)).global_id
        self.simulator.write(gid, 6 << 20)

    def test_objects_of_a_disk(self):
        objects = self.api.disk_describe(12).objects.values()
        self.assertEqual(3, len(objects))
        self.assertEqual({"a"}, {each.volume for each in objects})
        self.assertEqual(3 << 20, sum(each.stored_size for each in objects))
        self.assertEqual(
            self.api.disk_describe(12), self.api.server_disk_describe(1, 12)
        )
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.server_disk_describe, 2, 12
        )

    def test_disks_of_a_server(self):
        self.assertEqual({11, 12}, set(self.api.server_disks_list(1)))
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.server_disks_list, 9
        )

    def test_volume_and_snapshot_and_their_disks(self):
        self.snapshot("a", "s")
        volume = self.api.volume_describe("a")
        snapshot = self.api.snapshot_describe("s")
        self.assertEqual(6, len(volume.objects))
        self.assertEqual(volume.objects, snapshot.objects)
        self.assertEqual({3}, {len(disks) for disks in volume.objects})
        info = self.api.snapshot_info("s")
        self.assertEqual(18, sum(info.objects_per_disk.values()))
        both = self.api.volumes_and_snapshots_list().volumes
        self.assertEqual(
            [("a", False, 0), ("s", True, 6 << 20)],
            [(each.name, each.snapshot, each.stored_size) for each in both],
        )

    def test_too_many_parts_to_name(self):
        huge = (1 << 63) - 512
        self.create("huge", size=huge)
        for ask in (
            lambda: self.api.volume_describe("huge"),
            lambda: self.api.disk_describe(11),
        ):
            error = self.assertRaises(errors.InsufficientResources, ask)
            self.assertIn("parts of 32 MiB", str(error))
        self.simulator.set_switches(api_version="19.01")
        counted = self.api.disk_info(11).volume_infos["huge"].objects_count
        self.assertEqual(huge // (64 << 20), counted)

    def test_status_has_sizes(self):
        status = self.api.volumes_status()["a"]
        self.assertEqual(
            (6 << 20, 18 << 20), (status.stored_size, status.on_disk_size)
        )

    def test_abandoned_disks(self):
        self.create("one", replication=1)
        self.simulator.set_up("disk", 12, False)
        self.assertEqual("down", self.api.volumes_status()["one"].status)
        abandon = api.volumes.AbandonDiskDesc(disk_id=12)
        self.api.volume_abandon_disk("one", abandon)
        status = self.api.volumes_status()["one"]
        self.assertEqual(
            ("data lost", []), (status.status, status.down_drives)
        )
        self.snapshot("one", "s")
        gid = self.snapshot("one")
        self.api.snapshot_abandon_disk(f"~{gid}", abandon)
        (named,) = self.api.snapshot_list(f"~{gid}")
        self.assertIn("@", named.name)
        self.api.snapshot_abandon_disk(named.name, abandon)
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_abandon_disk,
            "a",
            api.volumes.AbandonDiskDesc(disk_id=11),
        )


class BalanceTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        gid = self.create("a", size=6 * (32 << 20)).global_id
        self.simulator.write(gid, 6 << 20)
        self.snapshot("a", "s")

    def test_there_is_nothing_to_balance(self):
        command = api.balancer.VolumeBalancerCommand
        self.api.volume_balancer_set_status(command(cmd="start"))
        status = self.api.volume_balancer_get_status()
        self.assertEqual("nothing to do", status.status)
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_balancer_set_status,
            command(cmd="commit"),
        )
        for each in self.api.volume_balancer_volumes_status():
            self.assertFalse(each.reallocated)
        sets = self.api.volume_balancer_volume_disk_sets("a")
        self.assertEqual(sets.current_disk_sets, sets.balancer_disk_sets)
        self.api.volume_balancer_snapshot_disk_sets("s")

    def test_what_the_relocator_moves(self):
        self.simulator.set_switches(soft_eject_seconds=100)
        self.api.disk_soft_eject(12)
        disks = self.api.volume_relocator_disks()
        self.assertEqual(
            (3 << 20, 0, -(3 << 20)),
            (
                disks[12].stored_size.current,
                disks[12].stored_size.target,
                disks[12].stored_size.delta,
            ),
        )
        self.assertEqual(0, disks[11].stored_size.delta)
        self.simulator.set_up("disk", 11, False)
        self.assertIsNone(self.api.volume_balancer_disks()[11].stored_size)
        for function, name in (
            (self.api.volume_relocator_volume_disks, "a"),
            (self.api.volume_relocator_snapshot_disks, "s"),
            (self.api.volume_balancer_volume_disks, "a"),
            (self.api.volume_balancer_snapshot_disks, "s"),
        ):
            self.assertEqual(6, len(function(name)))

    def test_allocation_groups(self):
        number = self.volume("a").visible_volume_id
        root = self.api.snapshot_list("s")[0].visible_volume_id
        vag = self.api.vag_list(root)
        self.assertEqual((root, "hybrid"), (vag.name, vag.template_name))
        self.assertRaises(errors.ObjectDoesNotExist, self.api.vag_list, number)
        other = self.create("b")
        own = self.volume("b").visible_volume_id
        move = api.vags.VolumeUpdateVagDesc
        self.api.volume_update_vag("a", move(vag_id=own))
        self.api.volume_update_vag("a", move(vag_id="parent"))
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_update_vag,
            f"~{other.global_id}",
            move(vag_id="parent"),
        )
        self.api.snapshot_update_vag(
            "s", api.vags.SnapshotUpdateVagDesc(vag_id=own)
        )
        self.assertRaises(errors.ObjectDoesNotExist, self.api.vag_list, root)
        self.api.vag_update(
            api.vags.VagUpdateDesc(vag_id=str(own), targets_count=2)
        )
        self.assertEqual(2, len(self.api.vag_list(own).target_disk_sets))
        self.assertRaises(
            errors.InvalidParam,
            self.api.vag_update,
            api.vags.VagUpdateDesc(vag_id="x", targets_count=2),
        )


class PeersTest(base.SimulatorTestCase):
    def test_who_is_there(self):
        self.simulator.set_up("server", 2, False)
        self.simulator.set_up("client", 3, False)
        peers = self.api.peers_list()
        self.assertEqual(
            {1: True, 2: False, 3: True, 32769: True, 32770: True}
            | {32771: False},
            {number: each.joined for number, each in peers.items()},
        )
        said = self.api.all_peers_active_requests().requests
        self.assertEqual(
            {"2", "3"},
            {each.service.id for each in said if each.status == "peer_down"}
            - {""},
        )
        servers = self.api.servers_list()
        self.assertEqual(({}, 3), (servers.clients, len(servers.servers)))

    def test_requests_of_who_is_down(self):
        self.assertEqual([], self.api.client_active_requests(1).requests)
        self.assertEqual([], self.api.disk_active_requests(11).requests)
        self.simulator.set_up("client", 1, False)
        self.simulator.set_up("disk", 11, False)
        for function, number in (
            (self.api.client_active_requests, 1),
            (self.api.disk_active_requests, 11),
        ):
            raised = self.assertRaises(errors.ApiError, function, number)
            self.assertIn("does not answer", str(raised))
        self.assertRaises(
            errors.InvalidParam, self.api.client_active_requests, 9
        )
