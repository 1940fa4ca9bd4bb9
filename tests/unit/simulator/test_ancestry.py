# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Parents: listed, changed; and calls of older servers."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base

Rebase = api.volumes.VolumeRebaseDesc


class AncestryTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        gid = self.create("a").global_id
        for name in ("s1", "s2", "s3"):
            self.simulator.write(gid, 1000)
            self.snapshot("a", name)

    def parents(self, name):
        return [each.name for each in self.api.volume_list_snapshots(name)]

    def stored(self, name):
        return self.api.volumes_status()[name].stored_size

    def test_list(self):
        self.assertEqual(["s3", "s2", "s1"], self.parents("a"))

    def test_higher(self):
        self.api.volume_rebase("a", Rebase(parent_name="s1"))
        self.assertEqual(["s1"], self.parents("a"))
        self.assertEqual(2000, self.stored("a"))
        self.api.snapshot_delete("s3")
        self.assertEqual(([*"a"], ["s1", "s2"]), self.names())

    def test_none(self):
        self.api.volume_rebase("a", Rebase())
        self.assertEqual([], self.parents("a"))
        self.assertEqual(3000, self.stored("a"))

    def test_of_a_snapshot(self):
        self.api.snapshot_rebase("s3", Rebase(parent_name="s1"))
        self.assertEqual(["s3", "s1"], self.parents("a"))
        self.assertEqual(2000, self.stored("s3"))

    def test_the_same_changes_nothing(self):
        generation = self.create("b").generation
        answer = self.api.volume_rebase("a", Rebase(parent_name="s3"))
        self.assertEqual(generation, answer.generation)

    def test_what_is_no_ancestor(self):
        for rebase in (
            (self.api.snapshot_rebase, "s1", Rebase(parent_name="s2")),
            (self.api.snapshot_rebase, "s2", Rebase(parent_name="s2")),
        ):
            raised = self.assertRaises(errors.InvalidParam, *rebase)
            self.assertIn("'s2' is not an ancestor of", str(raised))
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.volume_rebase,
            "a",
            Rebase(parent_name="none"),
        )

    def test_a_transient_parent_is_left(self):
        self.create("b", base_on="a")
        self.api.volume_rebase("b", Rebase())
        self.assertEqual((["a", "b"], ["s1", "s2", "s3"]), self.names())

    def test_delete_by_id(self):
        gid = self.api.snapshot_list("s1")[0].global_id
        self.api.volume_delete("a")
        for name in ("s3", "s2"):
            self.api.snapshot_delete(name)
        self.api.snapshot_delete_by_id(gid)
        self.assertEqual(([], []), self.names())


class OldVersionTest(base.SimulatorTestCase):
    def test_calls_that_newer_servers_lack(self):
        self.create("a")
        self.snapshot("a", "s")
        for function, *arguments in (
            (self.api.aoe_status,),
            (self.api.aoe_export_volume, "a"),
            (self.api.volume_balancer_groups,),
            (self.api.disk_info, 11),
        ):
            raised = self.assertRaises(errors.ApiError, function, *arguments)
            self.assertIn("no call", str(raised))
        self.simulator.set_switches(api_version="19.01")
        self.assertEqual({"a", "s"}, set(self.api.disk_info(11).volume_infos))
        self.assertRaises(errors.ApiError, self.api.aoe_status)

    def test_exports_of_old(self):
        self.simulator.set_switches(api_version="16.01")
        self.create("a")
        self.snapshot("a", "s")
        self.api.aoe_export_volume("a")
        self.api.aoe_export_snapshot("s")
        self.assertRaises(errors.ObjectExists, self.api.aoe_export_volume, "a")
        self.assertEqual(
            [("a", False), ("s", True)],
            [(each.name, each.snapshot) for each in self.api.aoe_status()],
        )
        self.api.aoe_unexport_snapshot("s")
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.aoe_unexport_snapshot, "s"
        )
        self.api.volume_delete("a")
        self.assertEqual([], self.api.aoe_status())
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.aoe_target_active_requests, 1
        )
        (group,) = self.api.volume_balancer_groups()
        self.assertEqual(["s"], group.volumes)
