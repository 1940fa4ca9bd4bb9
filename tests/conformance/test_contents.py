# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Freezing, rebasing and reverting volumes."""

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls
GIB = base.GIB


class FreezeTest(base.ConformanceTestCase):
    @documented(Calls.volume_freeze)
    def test_becomes_snapshot(self) -> None:
        """A frozen volume is a snapshot of the same name."""
        name = self.create()
        self.api.volume_freeze(name)
        self.assertEqual(name, self.snapshot_summary(name).name)
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, name)

    @documented(Calls.volume_freeze)
    def test_date(self) -> None:
        """A frozen volume may have a date of removal."""
        name = self.create()
        self.api.volume_freeze(
            name, api.volumes.VolumeFreezeDesc(delete_after=3600)
        )
        date = self.snapshot_summary(name).target_delete_date
        self.assertGreater(date or 0, 0)

    @inferred(Calls.volume_freeze)
    def test_attached(self) -> None:
        """An attached volume is not frozen: busy."""
        (client,) = self.need_clients(1)
        name = self.create()
        self.reassign(volume=name, rw=[client])
        self.assertRaises(errors.Busy, self.api.volume_freeze, name)


class RebaseTest(base.ConformanceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.volume_name = self.create()
        self.first = self.snapshot(self.volume_name, "s1")
        self.second = self.snapshot(self.volume_name, "s2")

    def rebase(self, parent: str | None) -> None:
        self.api.volume_rebase(
            self.volume_name,
            api.volumes.VolumeRebaseDesc(parent_name=parent),
        )

    def has_parent(self, parent: str) -> None:
        self.assert_eventually(
            lambda: self.volume(self.volume_name).parent_name == parent,
            f"the parent is {parent!r}",
        )

    @documented(Calls.volume_rebase)
    def test_to_ancestor(self) -> None:
        """A volume is rebased to a snapshot further up."""
        self.rebase(self.first)
        self.has_parent(self.first)

    @documented(Calls.volume_rebase)
    def test_to_none(self) -> None:
        """Without parentName a volume has no parent any more."""
        self.rebase(None)
        self.has_parent("")

    @documented(Calls.volume_rebase)
    def test_to_stranger(self) -> None:
        """A snapshot that is no ancestor is refused."""
        other = self.snapshot(self.create("b"), "s3")
        self.assertRaises(errors.ApiError, self.rebase, other)

    @documented(Calls.snapshot_rebase)
    def test_snapshot(self) -> None:
        """A snapshot is rebased like a volume."""
        self.api.snapshot_rebase(self.second, api.volumes.VolumeRebaseDesc())
        self.assert_eventually(
            lambda: self.snapshot_summary(self.second).parent_name == "",
            "the snapshot has no parent",
        )


class RevertTest(base.ConformanceTestCase):
    def revert(self, name: str, snapshot: str, **members: bool) -> None:
        self.api.volume_revert(
            name,
            api.volumes.VolumeRevertDesc(to_snapshot=snapshot, **members),
        )

    @relied_on(Calls.volume_revert)
    def test_stays_itself(self) -> None:
        """A reverted volume keeps its name, global id and tags."""
        name = self.create(tags={"conformance": "1"})
        snapshot = self.snapshot(name, "s")
        before = self.volume(name)
        self.revert(name, snapshot)
        after = self.volume(name)
        self.assertEqual(
            (before.global_id, {"conformance": "1"}, snapshot),
            (after.global_id, after.tags, after.parent_name),
        )

    @inferred(Calls.volume_revert)
    def test_keeps_size(self) -> None:
        """Without revertSize the size stays."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        self.update(name, size=2 * GIB)
        self.revert(name, snapshot)
        self.assertEqual(2 * GIB, self.volume(name).size)

    @relied_on(Calls.volume_revert)
    def test_takes_size(self) -> None:
        """With revertSize the size is the snapshot's."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        self.update(name, size=2 * GIB)
        self.revert(name, snapshot, revert_size=True)
        self.assertEqual(GIB, self.volume(name).size)

    @relied_on(Calls.volume_revert)
    def test_to_stranger(self) -> None:
        """The snapshot need not be an ancestor."""
        snapshot = self.snapshot(self.create(), "s")
        name = self.create("b")
        self.revert(name, snapshot)
        self.assertEqual(snapshot, self.volume(name).parent_name)

    @relied_on(Calls.volume_revert)
    def test_snapshot_may_go(self) -> None:
        """The snapshot can be deleted right after."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        self.revert(name, snapshot)
        self.api.snapshot_delete(snapshot)
        self.assertEqual(name, self.volume(name).name)

    @inferred(Calls.volume_revert)
    def test_attached(self) -> None:
        """An attached volume is not reverted: busy."""
        (client,) = self.need_clients(1)
        name = self.create()
        snapshot = self.snapshot(name, "s")
        self.reassign(volume=name, rw=[client])
        self.assertRaises(errors.Busy, self.revert, name, snapshot)

    @inferred(Calls.volume_revert)
    def test_keeps_limits(self) -> None:
        """A reverted volume keeps its own limits."""
        name = self.create(iops=100)
        snapshot = self.snapshot(name, "s")
        self.update(name, iops=200)
        self.revert(name, snapshot)
        self.assertEqual(200, self.volume(name).iops)

    @relied_on(Calls.volume_revert)
    def test_missing(self) -> None:
        """A snapshot that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.revert,
            self.create(),
            self.name("none"),
        )
