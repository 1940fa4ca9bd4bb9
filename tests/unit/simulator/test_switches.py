# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The table of switches, and what each value does."""

import contextlib
import io

import ddt
import testtools

from storpool_common import api
from storpool_common import errors
from storpool_simulator import cli
from storpool_simulator.model import switches
from tests.unit.simulator import base


@ddt.ddt
class TableTest(testtools.TestCase):
    def test_every_switch_is_described(self):
        described = list(switches.table())
        self.assertEqual(
            len(switches.Switches.__struct_fields__), len(described)
        )
        for each in described:
            self.assertTrue(each.meaning, each.name)
            if each.values != ["SECONDS"]:
                self.assertIn(str(each.default), each.values, each.name)

    @ddt.data(
        ({"none": "1"}, "there is no switch 'none'"),
        ({"clone-tags": "some"}, "clone-tags is not 'some' but one of none"),
        ({"snapshot-delete-seconds": "-1"}, "one of SECONDS"),
        ({"wrong-token-status": "500"}, "one of 401, 403, 400"),
    )
    @ddt.unpack
    def test_mistakes_name_the_way_out(self, said, text):
        raised = self.assertRaises(
            switches.UnknownSwitch,
            switches.changed,
            switches.Switches(),
            said,
        )
        self.assertIn(text, str(raised))

    def test_the_command_lists_them(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(0, cli.main(["switches"]))
        self.assertIn(
            "attach-timeout=error  (error|transient|ok)", said.getvalue()
        )


@ddt.ddt
class EffectTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a", tags={"t": "1"}, iops=100).global_id
        self.snapshot("a", "s")

    def switch(self, **values):
        self.simulator.set_switches(**values)

    def test_snapshot_delete_attached(self):
        self.reassign({"snapshot": "s", "ro": [1]})
        self.switch(snapshot_delete_attached="detach")
        self.api.snapshot_delete("s")
        self.assertEqual([], self.attached())

    def template(self):
        self.api.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(
                name="golden", replication=1, parent="s"
            )
        )

    def test_snapshot_delete_template(self):
        self.template()
        self.switch(snapshot_delete_template="busy")
        error = self.assertRaises(errors.Busy, self.api.snapshot_delete, "s")
        self.assertIn("where template 'golden' starts", str(error))
        self.api.snapshot_update(
            "s", api.snapshots.SnapshotUpdateDesc(delete_after=1)
        )
        self.simulator.advance(2)
        self.assertEqual(1, len(self.api.snapshots_list()))
        self.api.volume_template_delete("golden")
        self.api.volumes_list()  # now its time has come
        self.simulator.advance(1)
        self.assertEqual([], self.api.snapshots_list())

    def test_snapshot_that_a_template_starts_from(self):
        """Deleted anyhow: no volume is made empty in its place."""
        self.template()
        gid = self.api.snapshot_list("s")[0].global_id
        self.api.snapshot_delete("s")
        self.simulator.advance(1)
        shown = self.api.volume_template_describe("golden")
        self.assertEqual(f"~{gid}", shown.parent_name)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.create, "b", template="golden"
        )

    def test_detach_absent(self):
        self.switch(detach_absent="invalidParam")
        self.assertRaises(
            errors.InvalidParam,
            self.reassign,
            {"volume": "a", "detach": [1]},
        )
        self.reassign({"volume": "a", "detach": "all"})

    def test_detach_open(self):
        self.reassign({"volume": "a", "rw": [1]})
        self.switch(detach_open="invalidParam")
        self.simulator.add_fault(action="device_busy")
        raised = self.assertRaises(
            errors.ApiError, self.reassign, {"volume": "a", "detach": [1]}
        )
        self.assertIn("is open at client 1", str(raised))
        self.assertIn("invalidParam", str(raised))

    def test_shrink_error(self):
        self.switch(shrink_error="busy")
        self.assertRaises(
            errors.Busy,
            self.api.volume_update,
            "a",
            api.volumes.VolumeUpdateDesc(size=512),
        )

    def test_smaller_than_parent(self):
        self.switch(smaller_than_parent="allow")
        self.create("b", parent="s", size=512)
        self.assertEqual(512, self.volume("b").size)

    def test_clone_tags(self):
        self.switch(clone_tags="inherit")
        self.create("b", base_on="a", tags={"x": "2"})
        self.assertEqual({"t": "1", "x": "2"}, self.volume("b").tags)

    @ddt.data(("keep", 200), ("snapshot", 100))
    @ddt.unpack
    def test_revert_limits(self, value, iops):
        self.switch(revert_limits=value)
        self.api.volume_update("a", api.volumes.VolumeUpdateDesc(iops=200))
        self.revert()
        self.assertEqual(iops, self.volume("a").iops)

    def revert(self):
        self.api.volume_revert(
            "a", api.volumes.VolumeRevertDesc(to_snapshot="s")
        )

    def test_revert_attached(self):
        self.switch(revert_attached="if-closed")
        self.reassign({"volume": "a", "rw": [1]})
        self.revert()
        self.assertEqual([("a", 1, "rw")], self.attached())

    def test_template_delete_used(self):
        self.switch(template_delete_used="allow")
        self.api.volume_template_delete("hybrid")
        self.assertEqual("", self.volume("a").template_name)

    def test_a_switch_that_is_none_changes_nothing(self):
        before = self.simulator.simulator.cluster.rules.now
        self.assertRaises(
            switches.UnknownSwitch,
            self.switch,
            clone_tags="inherit",
            detach_absent="perhaps",
        )
        self.assertIs(before, self.simulator.simulator.cluster.rules.now)
