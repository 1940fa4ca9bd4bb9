# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Taking, changing and deleting snapshots."""

import time

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


class SnapshotTestCase(base.ConformanceTestCase):
    def change(self, name: str, **members: object) -> None:
        self.api.snapshot_update(
            name, api.snapshots.SnapshotUpdateDesc(**members)
        )

    def is_gone(self, name: str) -> bool:
        return name not in {each.name for each in self.snapshots()}


class CreateTest(SnapshotTestCase):
    @documented(Calls.snapshot_create)
    def test_becomes_parent(self) -> None:
        """A snapshot is between the volume and its former parent."""
        name = self.create()
        first = self.snapshot(name, "s1")
        second = self.snapshot(name, "s2")
        self.assertEqual(second, self.volume(name).parent_name)
        self.assertEqual(first, self.snapshot_summary(second).parent_name)

    @relied_on(Calls.snapshot_list)
    def test_on_volume(self) -> None:
        """onVolume is the volume whose parent it is, or -."""
        name = self.create()
        first = self.snapshot(name, "s1")
        second = self.snapshot(name, "s2")
        self.assertEqual("-", self.snapshot_summary(first).on_volume)
        self.assertEqual(name, self.snapshot_summary(second).on_volume)

    @documented(Calls.volume_list_snapshots)
    def test_listed(self) -> None:
        """The snapshots of a volume are listed."""
        name = self.create()
        wanted = {self.snapshot(name, "s1"), self.snapshot(name, "s2")}
        found = self.api.volume_list_snapshots(name)
        self.assertEqual(wanted, {each.name for each in found})

    @documented(Calls.snapshot_create)
    def test_no_tags(self) -> None:
        """The tags of the volume are not copied."""
        name = self.create(tags={"conformance": "1"})
        found = self.snapshot_summary(self.snapshot(name, "s"))
        self.assertEqual({}, found.tags)

    @documented(Calls.snapshot_create)
    def test_own_tags(self) -> None:
        """A snapshot has the tags that it was given."""
        snapshot = self.snapshot(self.create(), "s", tags={"a": "b"})
        self.assertEqual({"a": "b"}, self.snapshot_summary(snapshot).tags)

    @inferred(Calls.snapshot_create)
    def test_policy(self) -> None:
        """Template, size and limits are those of the volume."""
        volume = self.volume(self.create(iops=100))
        found = self.snapshot_summary(self.snapshot(volume.name, "s"))
        self.assertEqual(
            (volume.template_name, volume.size, 100),
            (found.template_name, found.size, found.iops),
        )

    @documented(Calls.snapshot_create)
    def test_delete_after(self) -> None:
        """deleteAfter is counted from the cluster's clock."""
        snapshot = self.snapshot(self.create(), "s", delete_after=3600)
        date = self.snapshot_summary(snapshot).target_delete_date
        self.assertGreater(date or 0, 3600)

    @documented(Calls.snapshot_create)
    def test_removed_after(self) -> None:
        """The snapshot goes when its time has come."""
        snapshot = self.snapshot(self.create(), "s", delete_after=1)
        self.assert_eventually(
            lambda: self.is_gone(snapshot), "the snapshot is removed"
        )

    @documented(Calls.snapshot_create)
    def test_date_in_the_past(self) -> None:
        """targetDeleteDate may not be in the past."""
        name = self.create()
        self.assertRaises(
            errors.InvalidParam,
            self.snapshot,
            name,
            "s",
            target_delete_date=int(time.time()) - 86400,
        )

    @relied_on(Calls.snapshot_create)
    def test_volume_missing(self) -> None:
        """A volume that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist, self.snapshot, self.name(), "s"
        )


class UpdateTest(SnapshotTestCase):
    @documented(Calls.snapshot_update)
    def test_rename(self) -> None:
        """A renamed snapshot has the same global id."""
        snapshot = self.snapshot(self.create(), "s")
        gid = self.snapshot_summary(snapshot).global_id
        self.change(snapshot, rename=self.name("t"))
        self.assertEqual(gid, self.snapshot_summary(self.name("t")).global_id)

    @documented(Calls.snapshot_update)
    def test_name_given(self) -> None:
        """An anonymous snapshot is given a name."""
        snapshot = self.snapshot(self.create())
        self.change(snapshot, rename=self.name("t"))
        found = self.snapshot_summary(snapshot)
        self.assertEqual(
            (self.name("t"), False), (found.name, found.auto_name)
        )

    @documented(Calls.snapshot_update)
    def test_tags(self) -> None:
        """Tags change."""
        snapshot = self.snapshot(self.create(), "s", tags={"a": "1"})
        self.change(snapshot, tags={"b": "2"})
        self.assertEqual(
            {"a": "1", "b": "2"}, self.snapshot_summary(snapshot).tags
        )

    @documented(Calls.snapshot_update)
    def test_date_cleared(self) -> None:
        """A date of 0 clears it."""
        snapshot = self.snapshot(self.create(), "s", delete_after=3600)
        self.change(snapshot, target_delete_date=0)
        self.assertIn(
            self.snapshot_summary(snapshot).target_delete_date, (None, 0)
        )

    @documented(Calls.snapshot_update)
    def test_template(self) -> None:
        """The template changes."""
        _, other = self.need_templates(2)
        snapshot = self.snapshot(self.create(), "s")
        self.change(snapshot, template=other)
        found = self.snapshot_summary(snapshot)
        self.assertEqual(other, found.template_name)


class DeleteTest(SnapshotTestCase):
    @relied_on(Calls.snapshot_delete)
    def test_missing(self) -> None:
        """A snapshot that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.snapshot_delete,
            self.name("none"),
        )

    @documented(Calls.snapshot_delete)
    def test_children(self) -> None:
        """A snapshot with children is deleted; they stay."""
        snapshot = self.snapshot(self.create(), "s")
        clone = self.create("b", parent=snapshot)
        self.api.snapshot_delete(snapshot)
        self.assertEqual(clone, self.volume(clone).name)

    @documented(Calls.snapshot_delete)
    def test_gone(self) -> None:
        """After a while a deleted snapshot is in no list."""
        snapshot = self.snapshot(self.create(), "s")
        gid = self.snapshot_summary(snapshot).global_id
        self.api.snapshot_delete(snapshot)
        self.assert_eventually(
            lambda: (
                gid
                not in {each.global_id for each in self.api.snapshots_list()}
            ),
            "the deleted snapshot is in no list",
        )

    @inferred(Calls.snapshot_delete)
    def test_name_is_free(self) -> None:
        """The name of a deleted snapshot is free at once."""
        name = self.create()
        self.api.snapshot_delete(self.snapshot(name, "s"))
        self.assertRaises(
            errors.ObjectDoesNotExist, self.snapshot_summary, self.name("s")
        )
        self.snapshot(name, "s")

    @inferred(Calls.snapshot_delete)
    def test_attached(self) -> None:
        """An attached snapshot: busy."""
        (client,) = self.need_clients(1)
        snapshot = self.snapshot(self.create(), "s")
        self.reassign(snapshot=snapshot, ro=[client])
        self.assertRaises(errors.Busy, self.api.snapshot_delete, snapshot)


class BoundTest(SnapshotTestCase):
    @documented(Calls.snapshot_create)
    def test_goes_with_last_child(self) -> None:
        """A bound snapshot goes with its last child."""
        name = self.create()
        snapshot = self.snapshot(name, "s", bind=True)
        clone = self.create("b", parent=snapshot)
        self.api.volume_delete(name)
        self.assertFalse(self.is_gone(snapshot))
        self.api.volume_delete(clone)
        self.assert_eventually(
            lambda: self.is_gone(snapshot), "the bound snapshot goes"
        )

    @documented(Calls.snapshot_update)
    def test_bound_later(self) -> None:
        """A snapshot is bound by an update."""
        snapshot = self.snapshot(self.create(), "s")
        self.change(snapshot, bind=True)
        self.assertTrue(self.snapshot_summary(snapshot).bound)


class GroupTest(SnapshotTestCase):
    def group(
        self, *endings: str, **members: object
    ) -> api.snapshots.GroupSnapshotsResult:
        spec = api.snapshots.GroupSnapshotSpec
        answer = self.api.snapshot_create_group(
            api.snapshots.GroupSnapshotsSpec(
                volumes=[
                    spec(volume=self.name(each), name=self.name(f"{each}-s"))
                    for each in endings
                ],
                **members,
            )
        )
        for each in answer.snapshots:
            self.keep_track(each.snapshot_global_id)
        return answer

    @documented(Calls.snapshot_create_group)
    def test_each_volume(self) -> None:
        """Each volume has a snapshot, which the answer names."""
        volumes = [self.create(), self.create("b")]
        answer = self.group("a", "b")
        self.assertEqual(volumes, [each.volume for each in answer.snapshots])
        for each in answer.snapshots:
            found = self.snapshot_summary(f"~{each.snapshot_global_id}")
            self.assertEqual(each.volume, found.on_volume)

    @documented(Calls.snapshot_create_group)
    def test_tags(self) -> None:
        """Common tags go to each snapshot."""
        self.create()
        (made,) = self.group("a", tags={"g": "1"}).snapshots
        found = self.snapshot_summary(f"~{made.snapshot_global_id}")
        self.assertEqual({"g": "1"}, found.tags)

    @inferred(Calls.snapshot_create_group)
    def test_all_or_none(self) -> None:
        """With a volume that is not there, none has a snapshot."""
        name = self.create()
        self.assertRaises(errors.ObjectDoesNotExist, self.group, "a", "none")
        self.assertEqual("", self.volume(name).parent_name)

    @relied_on(Calls.snapshot_create_group)
    def test_ok(self) -> None:
        """The answer says ok beside the snapshots."""
        self.create()
        answer = self.api.raw.snapshot_create_group(
            api.snapshots.GroupSnapshotsSpec(
                volumes=[api.snapshots.GroupSnapshotSpec(volume=self.name())]
            )
        )
        self.keep_track(answer["snapshots"][0]["snapshotGlobalId"])
        self.assertIs(True, answer["ok"])
