# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Templates, placement groups, capacity."""

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


class TemplateTest(base.ConformanceTestCase):
    def make(self, ending: str = "t", **members: object) -> str:
        """Make a template, and see to its end."""
        self.need_right("templates")
        groups = self.api.placement_groups_list()
        members.setdefault("place_all", next(iter(groups)))
        members.setdefault("replication", 1)
        name = self.name(ending)
        self.api.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(name=name, **members)
        )
        self.addCleanup(self._end_template, name)
        return name

    def _end_template(self, name: str) -> None:
        names = [each.name for each in self.api.volume_templates_list()]
        if name not in names:
            return
        self.assert_eventually(
            lambda: self._used(name) == 0, "nothing uses the template"
        )
        self.api.volume_template_delete(name)

    def _used(self, name: str) -> int:
        (found,) = (
            each
            for each in self.api.volume_templates_status()
            if each.name == name
        )
        return (
            found.volumes_count
            + found.snapshots_count
            + found.removing_snapshots_count
        )

    def change(self, name: str, **members: object) -> None:
        self.api.volume_template_update(
            name, api.templates.VolumeTemplateUpdateDesc(**members)
        )

    @documented(Calls.volume_template_create)
    def test_open_values(self) -> None:
        """What a template leaves open reads -."""
        found = self.api.volume_template_describe(self.make())
        self.assertEqual(("-", "-", "-"), (found.size, found.iops, found.bw))

    @documented(Calls.volume_template_create)
    def test_default_size(self) -> None:
        """A template's size is that of a volume that says none."""
        name = self.make(size=2 * base.GIB)
        answer = self.api.volume_create(
            api.volumes.VolumeCreateDesc(name=self.name(), template=name)
        )
        self.keep_track(answer.global_id or "")
        self.assertEqual(2 * base.GIB, self.volume(self.name()).size)

    @documented(Calls.volume_template_create)
    def test_tail_and_head(self) -> None:
        """placeTail and placeHead are placeAll where they are not said."""
        found = self.api.volume_template_describe(self.make())
        self.assertEqual(
            (found.place_all, found.place_all),
            (found.place_tail, found.place_head),
        )

    @inferred(Calls.volume_template_create)
    def test_taken(self) -> None:
        """A name that is taken: objectExists."""
        self.make()
        self.assertRaises(errors.ObjectExists, self.make)

    @documented(Calls.volume_template_create)
    def test_no_dot(self) -> None:
        """A template's name has no dot."""
        self.need_right("templates")
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.volume_template_create,
            {"name": self.name("a.b"), "replication": 1},
        )

    @documented(Calls.volume_template_update)
    def test_rename(self) -> None:
        """A renamed template is that of its volumes still."""
        template = self.make()
        name = self.create(template=template)
        self.change(template, rename=self.name("u"))
        self.addCleanup(self._end_template, self.name("u"))
        self.addCleanup(self._end, self.volume(name).global_id)
        found = self.volume(name)
        self.assertEqual(self.name("u"), found.template_name)

    @documented(Calls.volume_template_update)
    def test_propagate(self) -> None:
        """With propagate a change goes to the template's volumes."""
        template = self.make(iops=100)
        name = self.create(template=template)
        self.change(template, iops=200, propagate=True)
        self.assertEqual(200, self.volume(name).iops)

    @documented(Calls.volume_template_update)
    def test_not_propagated(self) -> None:
        """Without propagate it is for new volumes."""
        template = self.make(iops=100)
        old = self.create(template=template)
        self.change(template, iops=200)
        new = self.create("b", template=template)
        self.assertEqual(100, self.volume(old).iops)
        self.assertEqual(200, self.volume(new).iops)

    @documented(Calls.volume_template_delete)
    def test_delete(self) -> None:
        """A deleted template is not there any more."""
        name = self.make()
        self.api.volume_template_delete(name)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.volume_template_describe, name
        )

    @inferred(Calls.volume_template_delete)
    def test_delete_used(self) -> None:
        """A template that volumes use is not deleted."""
        template = self.make()
        self.create(template=template)
        self.assertRaises(
            errors.ApiError, self.api.volume_template_delete, template
        )

    @documented(Calls.volume_templates_status)
    def test_counts(self) -> None:
        """The status counts volumes and snapshots."""
        template = self.make()
        self.snapshot(self.create(template=template), "s")
        self.assertEqual(2, self._used(template))

    @documented(Calls.volume_templates_status)
    def test_capacity(self) -> None:
        """No more is free than the capacity."""
        for each in self.api.volume_templates_status():
            self.assertGreaterEqual(each.stored.capacity, each.stored.free)


class PlacementGroupTest(base.ConformanceTestCase):
    def change(self, name: str, **members: object) -> None:
        self.api.placement_group_update(
            name, api.placement_groups.PlacementGroupUpdateDesc(**members)
        )

    def make(self) -> tuple[str, int]:
        """Make a placement group of one disk, and see to its end."""
        self.need_right("placement-groups")
        disk = max(self.api.disks_list())
        name = self.name("g")
        self.change(name, add_disks=[disk])
        self.addCleanup(self._end_group, name)
        return name, disk

    def _end_group(self, name: str) -> None:
        if name in self.api.placement_groups_list():
            self.api.placement_group_delete(name)

    def disks(self, name: str) -> list[int]:
        return self.api.placement_group_describe(name).disks or []

    @documented(Calls.placement_group_update)
    def test_made_by_update(self) -> None:
        """An update makes a group that is not there."""
        name, disk = self.make()
        self.assertEqual([disk], self.disks(name))

    @documented(Calls.placement_group_update)
    def test_disk_as_string(self) -> None:
        """The number of a disk may come as a string."""
        name, _ = self.make()
        disk = min(self.api.disks_list())
        self.api.unchecked(
            Calls.placement_group_update,
            {"addDisks": [str(disk)]},
            placement_group_name=name,
        )
        self.assertIn(disk, self.disks(name))

    @documented(Calls.placement_group_update)
    def test_disk_removed(self) -> None:
        """A disk is taken out of a group."""
        name, disk = self.make()
        other = min(self.api.disks_list())
        self.change(name, add_disks=[other])
        self.change(name, rm_disks=[disk])
        self.assertEqual([other], self.disks(name))

    @documented(Calls.placement_group_update)
    def test_rename(self) -> None:
        """A group is renamed."""
        name, disk = self.make()
        self.change(name, rename=self.name("h"))
        self.addCleanup(self._end_group, self.name("h"))
        self.assertEqual([disk], self.disks(self.name("h")))

    @documented(Calls.placement_group_delete)
    def test_delete(self) -> None:
        """A group that nothing uses is deleted."""
        name, _ = self.make()
        self.api.placement_group_delete(name)
        self.assertNotIn(name, self.api.placement_groups_list())

    @relied_on(Calls.volume_create)
    def test_too_few_disks(self) -> None:
        """More copies than servers in a group: insufficientResources."""
        name, _ = self.make()
        self.assertRaises(
            errors.InsufficientResources,
            self.create,
            size=base.GIB,
            replication=3,
            place_all=name,
        )


class SpaceTest(base.ConformanceTestCase):
    @documented(Calls.disks_list)
    def test_disk_up(self) -> None:
        """A disk that is up has generationLeft -1 and tells its space."""
        up = [
            each
            for each in self.api.disks_list().values()
            if each.generation_left == -1
        ]
        self.assertNotEqual([], up)
        for each in up:
            self.assertIsNotNone(each.ag_count)
            self.assertIsNotNone(each.ag_free)

    @documented(Calls.volumes_space)
    def test_with_parents(self) -> None:
        """spaceUsed is storedSize with the parents'."""
        gid = self.volume(self.create()).global_id
        (found,) = (
            each for each in self.api.volumes_space() if each.global_id == gid
        )
        self.assertGreaterEqual(found.space_used, found.stored_size)

    @documented(Calls.snapshots_space)
    def test_of_snapshots(self) -> None:
        """Each snapshot tells its space."""
        gid = self.snapshot_summary(self.snapshot(self.create())).global_id
        found = {each.global_id for each in self.api.snapshots_space()}
        self.assertIn(gid, found)

    @documented(Calls.volumes_quick_status)
    def test_quick_status(self) -> None:
        """A new volume and its snapshot are up."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        found = self.api.volumes_quick_status()
        self.assertEqual(
            [("up", False), ("up", True)],
            [
                (found[each].status, found[each].snapshot)
                for each in (name, snapshot)
            ],
        )

    @relied_on(Calls.volumes_and_snapshots_list)
    def test_both(self) -> None:
        """Volumes and snapshots are in one list."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        found = self.api.volumes_and_snapshots_list().volumes
        kinds = {each.name: each.snapshot for each in found}
        self.assertEqual((False, True), (kinds[name], kinds[snapshot]))
