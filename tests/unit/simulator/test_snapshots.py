# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots: taken, grouped, bound, scheduled, deleted."""

import time

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base

Update = api.snapshots.SnapshotUpdateDesc


class SnapshotTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.create("a", tags={"t": "1"}, iops=50)

    def one(self, name):
        (found,) = self.api.snapshot_list(name)
        return found

    def test_it_comes_between_volume_and_parent(self):
        self.snapshot("a", "s1")
        self.snapshot("a", "s2", tags={"x": "y"})
        snapshot = self.one("s2")
        self.assertEqual(
            ("a", "s1", {"x": "y"}, "hybrid", 50, base.SIZE),
            (
                snapshot.on_volume,
                snapshot.parent_name,
                snapshot.tags,
                snapshot.template_name,
                snapshot.iops,
                snapshot.size,
            ),
        )
        self.assertEqual("-", self.one("s1").on_volume)
        self.assertEqual({}, self.one("s1").tags)

    def test_unnamed(self):
        gid = self.snapshot("a")
        snapshot = self.one(f"~{gid}")
        self.assertTrue(snapshot.auto_name)
        self.assertTrue(snapshot.name.startswith("a@"))
        unnamed = self.create("").global_id
        gid = self.snapshot(f"~{unnamed}")
        self.assertEqual(f"~{gid}", self.one(f"~{gid}").name)

    def test_unnamed_of_a_name_that_no_snapshot_can_have(self):
        self.api.volume_update("a", api.volumes.VolumeUpdateDesc(rename="#a"))
        name = self.one(f"~{self.snapshot('#a')}").name
        self.assertTrue(name.startswith("a@"), name)

    def test_the_longest_name(self):
        """What is made of it is a name, too."""
        longest = "v" * 199
        self.create(longest)
        name = self.one(f"~{self.snapshot(longest)}").name
        self.assertTrue(name.startswith("v" * 190), name)
        self.simulator.set_switches(snapshot_delete_seconds=60)
        gid = self.snapshot(longest, "s" * 199)
        self.create("child", parent="s" * 199)
        self.api.snapshot_delete("s" * 199)
        self.assertEqual(f"*{'s' * 198}", self.one(f"~{gid}").name)

    def test_of_what_is_not_there(self):
        self.assertRaises(
            errors.ObjectDoesNotExist, self.snapshot, "none", "s"
        )

    def test_update(self):
        gid = self.snapshot("a", "s", tags={"x": "y"})
        self.api.snapshot_update(
            "s",
            Update(rename="t", tags={"x": "", "z": "1"}, template="nvme"),
        )
        snapshot = self.one("t")
        self.assertEqual(
            (gid, {"z": "1"}, "nvme"),
            (snapshot.global_id, snapshot.tags, snapshot.template_name),
        )

    def test_delete_gives_children_its_parent(self):
        self.snapshot("a", "s1")
        self.snapshot("a", "s2")
        self.create("b", parent="s2")
        self.api.snapshot_delete("s2")
        self.simulator.advance(1)
        self.assertEqual("s1", self.volume("a").parent_name)
        self.assertEqual("s1", self.volume("b").parent_name)
        self.assertRaises(errors.ObjectDoesNotExist, self.one, "s2")

    def test_delete_attached(self):
        self.snapshot("a", "s")
        self.reassign({"snapshot": "s", "ro": [1]})
        self.assertRaises(errors.Busy, self.api.snapshot_delete, "s")

    def test_bound_goes_with_its_last_child(self):
        self.snapshot("a", "s", bind=True)
        self.create("b", parent="s")
        self.api.volume_delete("a")
        self.assertEqual((["b"], ["s"]), self.names())
        self.reassign({"snapshot": "s", "ro": [1]})
        self.api.volume_delete("b")
        self.assertEqual(([], ["s"]), self.names())
        self.reassign({"snapshot": "s", "detach": [1]})
        self.assertEqual(([], []), self.names())

    def test_a_date_in_the_past(self):
        self.assertRaises(
            errors.InvalidParam,
            self.snapshot,
            "a",
            "s",
            target_delete_date=1,
        )

    def test_a_date_to_come(self):
        date = int(time.time()) + 1000
        self.snapshot("a", "s", target_delete_date=date)
        self.assertEqual(date, self.one("s").target_delete_date)
        self.api.snapshot_update("s", Update(delete_after=0))
        self.assertEqual(0, self.one("s").target_delete_date)

    def test_group(self):
        self.create("b")
        answer = self.api.snapshot_create_group(
            api.snapshots.GroupSnapshotsSpec(
                volumes=[
                    api.snapshots.GroupSnapshotSpec(
                        volume="a", name="sa", tags={"own": "1"}
                    ),
                    api.snapshots.GroupSnapshotSpec(volume="b"),
                ],
                tags={"all": "1"},
            )
        )
        first, second = answer.snapshots
        self.assertEqual(("a", "sa"), (first.volume, first.snapshot))
        self.assertEqual({"own": "1", "all": "1"}, self.one("sa").tags)
        taken = self.one(f"~{second.snapshot_global_id}")
        self.assertEqual("b", taken.on_volume)
        self.assertEqual({"all": "1"}, taken.tags)

    def test_group_is_all_or_none(self):
        spec = api.snapshots.GroupSnapshotSpec
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.snapshot_create_group,
            api.snapshots.GroupSnapshotsSpec(
                volumes=[spec(volume="a"), spec(volume="none")]
            ),
        )
        self.assertEqual((["a"], []), self.names())
        self.assertEqual("", self.volume("a").parent_name)


class DeletionTest(base.SimulatorTestCase):
    """Takes a while where there are children."""

    def setUp(self):
        super().setUp()
        self.create("a")
        self.gid = self.snapshot("a", "s")
        self.simulator.set_switches(snapshot_delete_seconds=60)

    def test_it_is_shown_meanwhile(self):
        self.api.snapshot_delete("s")
        (shown,) = self.api.snapshots_list()
        self.assertEqual(
            ("*s", True, "rebasing"),
            (shown.name, shown.deleted, shown.delete_blocked),
        )
        self.assertEqual([shown], self.api.snapshot_list("*s"))
        self.assertEqual([shown], self.api.snapshot_list(f"~{self.gid}"))
        self.assertEqual("*s", self.volume("a").parent_name)
        self.assertTrue(self.api.volumes_quick_status()["*s"].deleted)
        self.simulator.advance(61)
        self.assertEqual([], self.api.snapshots_list())
        self.assertEqual("", self.volume("a").parent_name)

    def test_its_name_is_free_at_once(self):
        self.api.snapshot_delete("s")
        self.snapshot("a", "s")
        self.api.snapshot_delete("s")
        self.assertEqual(
            ["*s", "*s"], [each.name for each in self.api.snapshots_list()]
        )
        self.create("s")
        self.simulator.advance(61)
        self.assertEqual((["a", "s"], []), self.names())

    def test_nothing_can_be_done_with_it(self):
        self.api.snapshot_delete("s")
        name = f"~{self.gid}"
        for function, *arguments in (
            (self.api.snapshot_delete, name),
            (self.api.snapshot_delete, "s"),
            (self.api.snapshot_update, name, Update(rename="t")),
            (self.create, "b"),
            (self.reassign, {"snapshot": name, "ro": [1]}),
        ):
            members = {"parent": name} if function == self.create else {}
            self.assertRaises(
                errors.ObjectDoesNotExist, function, *arguments, **members
            )

    def test_without_children_it_is_gone_at_once(self):
        self.api.volume_delete("a")
        self.api.snapshot_delete("s")
        self.assertEqual([], self.api.snapshots_list())

    def test_it_goes_with_its_last_child(self):
        self.api.snapshot_delete("s")
        self.api.volume_delete("a")
        self.assertEqual([], self.api.snapshots_list())

    def test_its_template_is_in_use_meanwhile(self):
        self.create("b", parent="s", template="nvme")
        self.api.volume_delete("a")
        self.api.snapshot_delete("s")
        status, _ = self.api.volume_templates_status()
        self.assertEqual(1, status.removing_snapshots_count)
        self.assertRaises(
            errors.Busy, self.api.volume_template_delete, "hybrid"
        )
        self.simulator.advance(61)
        self.api.volume_template_delete("hybrid")

    def test_several_children_may_block_it(self):
        self.simulator.set_switches(snapshot_delete_blocked="several-children")
        self.create("b", parent="s")
        self.api.snapshot_delete("s")
        self.simulator.advance(61)
        (shown,) = self.api.snapshots_list()
        self.assertEqual("multiple children", shown.delete_blocked)
        self.api.volume_delete("b")
        self.assertEqual([], self.api.snapshots_list())

    def test_a_date_that_has_come(self):
        self.simulator.set_switches(snapshot_delete_seconds=0)
        self.snapshot("a", "t", delete_after=100)
        self.snapshot("a", "u", delete_after=200)
        self.simulator.advance(101)
        self.assertEqual((["a"], ["s", "u"]), self.names())
        self.api.snapshot_update("u", Update(delete_after=1000))
        self.simulator.advance(200)
        self.assertEqual((["a"], ["s", "u"]), self.names())

    def test_a_date_waits_for_the_last_client(self):
        self.snapshot("a", "t", delete_after=100)
        self.reassign({"snapshot": "t", "ro": [1]})
        self.simulator.advance(101)
        self.assertEqual((["a"], ["s", "t"]), self.names())
        self.reassign({"snapshot": "t", "detach": [1]})
        self.assertIn("*t", self.names()[1])
