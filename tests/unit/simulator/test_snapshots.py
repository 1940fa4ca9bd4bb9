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
