# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes: what they are, become and refuse."""

import concurrent.futures
import contextlib

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base

Update = api.volumes.VolumeUpdateDesc


@ddt.ddt
class CreateTest(base.SimulatorTestCase):
    def test_answer_names_the_volume(self):
        answer = self.create("a", tags={"cs": "x"})
        volume = self.volume("a")
        self.assertEqual("a", answer.name)
        self.assertEqual(volume.global_id, answer.global_id)
        self.assertTrue(
            answer.global_id.startswith(self.simulator.cluster_id + ".")
        )
        self.assertEqual(
            (base.SIZE, "hybrid", "", {"cs": "x"}, 3, 32),
            (
                volume.size,
                volume.template_name,
                volume.parent_name,
                volume.tags,
                volume.replication,
                volume.objects_count,
            ),
        )

    @ddt.data(None, "")
    def test_unnamed_is_known_by_its_global_id(self, name):
        answer = self.create(name)
        self.assertEqual(f"~{answer.global_id}", answer.name)
        self.assertEqual(answer.name, self.volume(answer.name).name)

    def test_two_unnamed(self):
        first, second = self.create(""), self.create("")
        self.assertNotEqual(first.global_id, second.global_id)

    def test_name_taken_by_a_volume_or_snapshot(self):
        self.create("a")
        self.snapshot("a", "s")
        self.assertRaises(errors.ObjectExists, self.create, "a")
        self.assertRaises(errors.ObjectExists, self.create, "s")
        self.assertRaises(errors.ObjectExists, self.snapshot, "a", "a")

    @ddt.data(
        ({"template": "none"}, errors.ObjectDoesNotExist, "template 'none'"),
        ({"parent": "none"}, errors.ObjectDoesNotExist, "snapshot 'none'"),
        ({"base_on": "none"}, errors.ObjectDoesNotExist, "volume 'none'"),
        (
            {"template": "hybrid", "place_all": "none", "size": 512},
            errors.ObjectDoesNotExist,
            "placement group 'none'",
        ),
        ({"template": "hybrid"}, errors.InvalidParam, "size"),
        ({"size": 512}, errors.InvalidParam, "copies"),
    )
    @ddt.unpack
    def test_what_is_missing_is_named(self, members, error, text):
        request = api.volumes.VolumeCreateDesc(name="a", **members)
        raised = self.assertRaises(error, self.api.volume_create, request)
        self.assertIn(text, str(raised))
        self.assertEqual(([], []), self.names())

    def test_replication_without_template(self):
        self.create("a", replication=2)
        volume = self.volume("a")
        self.assertEqual(
            ("default", "default", "default", 2, ""),
            (
                volume.place_all,
                volume.place_tail,
                volume.place_head,
                volume.replication,
                volume.template_name,
            ),
        )

    def test_too_few_servers(self):
        self.api.placement_group_update(
            "small",
            api.placement_groups.PlacementGroupUpdateDesc(
                add_disks=[11, 12, 21]
            ),
        )
        self.assertRaises(
            errors.InsufficientResources,
            self.create,
            "a",
            replication=3,
            place_all="small",
        )
        self.create("a", replication=2, place_all="small")

    def test_clone_leaves_a_transient_snapshot_while_two_need_it(self):
        self.create("a", tags={"cs": "x"})
        answer = self.create("b", base_on="a")
        (transient,) = self.api.snapshots_list()
        self.assertEqual(answer.auto_name, transient.name)
        self.assertTrue(transient.transient)
        self.assertTrue(transient.auto_name)
        self.assertEqual(transient.name, self.volume("a").parent_name)
        self.assertEqual(transient.name, self.volume("b").parent_name)
        self.assertEqual({}, self.volume("b").tags)
        self.api.volume_delete("a")
        self.assertEqual((["b"], []), self.names())
        self.assertEqual("", self.volume("b").parent_name)

    def test_transient_snapshot_cannot_be_attached(self):
        self.create("a")
        name = self.create("b", base_on="a").auto_name
        self.assertRaises(
            errors.InvalidParam,
            self.reassign,
            {"snapshot": name, "ro": [1]},
        )

    def test_from_snapshot_takes_size_and_policy(self):
        self.create("a", iops=100)
        gid = self.snapshot("a", "s")
        self.create("b", parent=f"~{gid}")
        self.create("c", parent="s", size=2 * base.SIZE, template="nvme")
        self.assertEqual(
            (base.SIZE, "hybrid", 100, "s"),
            _origin(self.volume("b")),
        )
        self.assertEqual(
            (2 * base.SIZE, "nvme", "-", "s"),
            _origin(self.volume("c")),
        )

    def test_smaller_than_its_parent(self):
        self.create("a")
        self.snapshot("a", "s")
        self.assertRaises(
            errors.InvalidParam, self.create, "b", parent="s", size=512
        )

    def test_full_pool(self):
        gid = self.create("a").global_id
        self.simulator.write(gid, 64 << 30)
        raised = self.assertRaises(
            errors.InsufficientResources, self.create, "b"
        )
        self.assertIn("'b'", str(raised))
        self.assertIn("full", str(raised))
        self.assertRaises(
            errors.InsufficientResources,
            self.api.volume_update,
            "a",
            Update(size=2 * base.SIZE),
        )
        self.api.volume_delete("a")
        self.create("b")


def _origin(volume):
    return (
        volume.size,
        volume.template_name,
        volume.iops,
        volume.parent_name,
    )


@ddt.ddt
class UpdateTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a", tags={"a": "1", "b": "2"}).global_id

    def test_rename_keeps_the_rest(self):
        self.reassign({"volume": "a", "rw": [1]})
        self.api.volume_update("a", Update(rename="b"))
        self.assertEqual(self.gid, self.volume("b").global_id)
        self.assertEqual([("b", 1, "rw")], self.attached())
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, "a")
        self.create("a")

    def test_take_the_name_away(self):
        self.api.volume_update("a", Update(rename=""))
        self.assertEqual(([f"~{self.gid}"], []), self.names())

    def test_swap_names_through_a_third(self):
        other = self.create("b").global_id
        for old, new in (("a", "t"), ("b", "a"), ("t", "b")):
            self.api.volume_update(old, Update(rename=new))
        self.assertEqual(self.gid, self.volume("b").global_id)
        self.assertEqual(other, self.volume("a").global_id)

    def test_rename_to_itself_and_to_a_taken_name(self):
        self.create("b")
        self.api.volume_update("a", Update(rename="a"))
        self.assertRaises(
            errors.ObjectExists,
            self.api.volume_update,
            "a",
            Update(rename="b"),
        )

    @ddt.data(
        ({"size": 2 * base.SIZE}, 2 * base.SIZE),
        ({"size_add": 512}, base.SIZE + 512),
        ({"size": base.SIZE}, base.SIZE),
        ({"size": 512, "shrink_ok": True}, 512),
    )
    @ddt.unpack
    def test_resize(self, members, size):
        self.api.volume_update("a", Update(**members))
        self.assertEqual(size, self.volume("a").size)

    @ddt.data({"size": 512}, {"size": base.SIZE, "size_add": 512})
    def test_resize_refused(self, members):
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_update,
            "a",
            Update(**members),
        )
        self.assertEqual(base.SIZE, self.volume("a").size)

    def test_tags_merge_and_the_empty_value_removes(self):
        self.api.volume_update("a", Update(tags={"a": "", "c": "3"}))
        self.assertEqual({"b": "2", "c": "3"}, self.volume("a").tags)

    def test_template_brings_its_policy(self):
        self.api.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(
                name="slow", replication=2, iops=100
            )
        )
        self.api.volume_update("a", Update(template="slow"))
        volume = self.volume("a")
        self.assertEqual(
            ("slow", 2, 100),
            (volume.template_name, volume.replication, volume.iops),
        )

    def test_a_refused_update_changes_nothing(self):
        before = self.volume("a")
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.volume_update,
            "a",
            Update(rename="b", size=2 * base.SIZE, template="none"),
        )
        self.assertEqual(before, self.volume("a"))


class EndTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a").global_id

    def test_delete_leaves_snapshots(self):
        self.snapshot("a", "s")
        self.api.volume_delete("a")
        self.assertEqual(([], ["s"]), self.names())
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.volume_delete, "a"
        )

    def test_delete_attached(self):
        self.reassign({"volume": "a", "rw": [1, 2]})
        raised = self.assertRaises(errors.Busy, self.api.volume_delete, "a")
        self.assertIn("client 1, 2", str(raised))
        self.api.volume_delete(
            "a",
            api.volumes.VolumeDeleteDesc(on_attached="detachForce"),
        )
        self.assertEqual(([], []), self.names())
        self.assertEqual([], self.attached())

    def test_revert_keeps_identity_and_size(self):
        self.snapshot("a", "s")
        self.api.volume_update(
            "a", Update(size=2 * base.SIZE, tags={"t": "1"})
        )
        self.api.volume_revert(
            "a", api.volumes.VolumeRevertDesc(to_snapshot="s")
        )
        volume = self.volume("a")
        self.assertEqual(
            (self.gid, 2 * base.SIZE, {"t": "1"}, "s"),
            (volume.global_id, volume.size, volume.tags, volume.parent_name),
        )
        self.api.volume_revert(
            "a",
            api.volumes.VolumeRevertDesc(to_snapshot="s", revert_size=True),
        )
        self.assertEqual(base.SIZE, self.volume("a").size)

    def test_revert_attached(self):
        self.snapshot("a", "s")
        self.reassign({"volume": "a", "ro": [1]})
        self.assertRaises(
            errors.Busy,
            self.api.volume_revert,
            "a",
            api.volumes.VolumeRevertDesc(to_snapshot="s"),
        )

    def test_freeze(self):
        self.reassign({"volume": "a", "rw": [1]})
        self.assertRaises(errors.Busy, self.api.volume_freeze, "a")
        self.reassign({"volume": "a", "detach": "all"})
        self.api.volume_freeze("a")
        (snapshot,) = self.api.snapshots_list()
        self.assertEqual(("a", self.gid), (snapshot.name, snapshot.global_id))
        self.create("b", parent="a")


class ManyClientsTest(base.SimulatorTestCase):
    def test_a_name_is_given_once(self):
        """Eight threads want the same twenty names."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(self.attempt, range(8)))
        self.assertEqual(20, sum(outcomes))
        volumes = self.api.volumes_list()
        self.assertEqual(20, len({each.name for each in volumes}))
        self.assertEqual(20, len({each.global_id for each in volumes}))

    def attempt(self, number):
        made = 0
        for name in range(20):
            request = api.volumes.VolumeCreateDesc(
                name=f"v{name}", size=512 * (number + 1), template="hybrid"
            )
            with contextlib.suppress(errors.ObjectExists):
                self.api.volume_create(request)
                made += 1
        return made


class QuestionTest(base.SimulatorTestCase):
    def test_info_counts_objects(self):
        self.create("a")
        info = self.api.volume_info("a")
        self.assertEqual(6, info.disks_count)
        self.assertEqual(32 * 3, sum(info.objects_per_disk.values()))

    def test_status_of_volumes_and_snapshots(self):
        self.create("a")
        self.snapshot("a", "s")
        status = self.api.volumes_quick_status()
        self.assertEqual(
            {"a": False, "s": True},
            {name: each.snapshot for name, each in status.items()},
        )

    def test_space_with_and_without_parents(self):
        gid = self.create("a").global_id
        self.simulator.write(gid, 1000)
        self.snapshot("a", "s")
        self.simulator.write(gid, 24)
        (volume,) = self.api.volumes_space()
        (snapshot,) = self.api.snapshots_space()
        self.assertEqual((24, 1024), (volume.stored_size, volume.space_used))
        self.assertEqual(
            (1000, 0), (snapshot.stored_size, snapshot.space_used)
        )

    def test_generation_counts_changes(self):
        first = self.create("a").generation
        self.api.volumes_list()
        self.reassign({"volume": "a", "detach": "all"})
        self.assertRaises(errors.ObjectExists, self.create, "a")
        self.assertEqual(first + 1, self.create("b").generation)
