# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots of others that come under management, and that leave it."""

from typing import Any
import uuid

from cinder import exception
from cinder.objects.manageableresources import ManageableSnapshotList
import ddt
from oslo_db import exception as db_exception

from storpool_common.api.snapshots import VolumeSnapshotDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder import test_managing
from tests.unit.cinder.test_volumes import VolumesTestCase

DAILY = {"source-name": "daily.1"}


class SnapshotsTestCase(VolumesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.volume = self.created()
        self.snapshot = self.snapshot_record(self.volume)

    def foreign(self, name: str = "daily.1", **how: Any) -> str:
        """A snapshot that somebody else took; returns its global id."""
        made = self.cluster.snapshot_create(
            base.name_of(self.volume), VolumeSnapshotDesc(name=name, **how)
        )
        self.simulator.clear_requests()
        return str(made.snapshot_global_id)

    def take(self, ref: Any = DAILY) -> Any:
        return self.driver.manage_existing_snapshot(self.snapshot, ref)

    def size(self, ref: Any) -> Any:
        return self.driver.manage_existing_snapshot_get_size(
            self.snapshot, ref
        )


@ddt.ddt
class ManageTest(SnapshotsTestCase):
    @ddt.data(*test_managing.BY_NAME)
    def test_by_name(self, form: dict[str, str]) -> None:
        self.foreign()
        self.take(test_managing.reference(form, "daily.1"))
        self.assertEqual(
            {base.snapshot_name_of(self.snapshot)}, set(self.snapshots())
        )

    @ddt.data(*test_managing.BY_ID)
    def test_by_global_id(self, form: dict[str, str]) -> None:
        ref = test_managing.reference(form, self.foreign())
        self.assertEqual(1, self.size(ref))
        self.take(ref)
        self.assertEqual(
            {base.snapshot_name_of(self.snapshot)}, set(self.snapshots())
        )

    def test_what_is_asked_and_what_comes_back(self) -> None:
        global_id = self.foreign()
        self.assertEqual({"provider_id": global_id}, self.take())
        self.assertEqual(
            ["Snapshot", "Volume", "AttachmentsList", "SnapshotUpdate"],
            self.calls(),
        )

    def test_it_is_not_removed_any_more_when_its_time_comes(self) -> None:
        self.foreign(delete_after=3600)
        self.take()
        [found] = self.snapshots().values()
        self.assertEqual(0, found.target_delete_date)

    @ddt.data(
        {},
        {"source-name": "not-there"},
        {"source-name": "not there"},
        {"source-id": "~a.b.zzz"},
    )
    def test_what_means_nothing(self, ref: dict[str, str]) -> None:
        for hook in (self.take, self.size):
            self.assertRaises(
                exception.ManageExistingInvalidReference, hook, ref
            )

    def test_a_volume_is_no_snapshot(self) -> None:
        self.assertRaises(
            exception.ManageExistingInvalidReference,
            self.size,
            {"source-name": base.name_of(self.volume)},
        )

    def test_of_another_volume(self) -> None:
        self.foreign()
        self.snapshot = self.snapshot_record(self.created())
        raised = self.assertRaises(
            exception.ManageExistingInvalidReference, self.take
        )
        self.assertIn(self.snapshot.volume_id, raised.msg)

    def test_nobody_can_say_whose_it_is(self) -> None:
        name = f"os--snap--none--snapshot-{uuid.uuid4()}"
        self.foreign(name)
        self.patch(
            "cinder.objects.Snapshot.get_by_id",
            side_effect=db_exception.DBConnectionError(),
        )
        for hook in (self.take, self.size):
            raised = self.assertRaises(
                exception.VolumeBackendAPIException,
                hook,
                {"source-name": name},
            )
            self.assertIn("try again once they can", raised.msg)
        self.assertEqual({name}, set(self.snapshots()))

    def test_attached(self) -> None:
        self.foreign()
        self.attach_snapshot("daily.1", base.COMPUTE_1)
        raised = self.assertRaises(
            exception.ManageExistingInvalidReference, self.take
        )
        self.assertIn("client 1", raised.msg)

    def test_managed_already(self) -> None:
        other = self.snapped(self.volume)
        self.assertRaises(
            exception.ManageExistingAlreadyManaged,
            self.take,
            {"source-name": base.snapshot_name_of(other)},
        )

    @ddt.data(
        ("daily.1", {"bind": True}, "last volume"),
        ("", {}, "no name"),
        (f"east--snap--none--snapshot-{uuid.uuid4()}", {}, "prefix east"),
    )
    @ddt.unpack
    def test_those_that_cannot(
        self, name: str, how: dict[str, Any], why: str
    ) -> None:
        global_id = self.foreign(name, **how)
        raised = self.assertRaises(
            exception.ManageExistingInvalidReference,
            self.take,
            {"source-id": global_id},
        )
        self.assertIn(why, raised.msg)
        [entry] = self.listed()
        self.assertIs(False, entry["safe_to_manage"])
        self.assertIn(why, entry["reason_not_safe"])

    def listed(self, *snapshots: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.get_manageable_snapshots(
            list(snapshots), None, 10, 0, ["reference"], ["asc"]
        )
        # As the manager does with what it hands on to the API.
        taken = ManageableSnapshotList.from_primitives(self.admin, found)
        self.assertEqual(len(found), len(taken))
        return found

    def test_the_list(self) -> None:
        self.foreign("free")
        self.foreign("held")
        self.attach_snapshot("held", base.COMPUTE_1)
        mine = self.snapped(self.volume)
        elsewhere = self.snapped(self.volume)
        self.driver.create_cloned_volume(self.record(), self.volume)
        found = {e["reference"]["source-name"]: e for e in self.listed(mine)}
        self.assertEqual(4, len(found))
        self.assertIs(True, found["free"]["safe_to_manage"])
        self.assertEqual(
            {"source-name": f"~{self.volume.provider_id}"},
            found["free"]["source_reference"],
        )
        self.assertEqual("it is attached", found["held"]["reason_not_safe"])
        for each in (mine, elsewhere):
            entry = found[base.snapshot_name_of(each)]
            self.assertEqual(
                (each.id, False), (entry["cinder_id"], entry["safe_to_manage"])
            )

    def test_unmanage_twice(self) -> None:
        snapshot = self.snapped(self.volume)
        self.driver.unmanage_snapshot(snapshot)
        self.assertEqual(["SnapshotUpdate"], self.calls())
        self.driver.unmanage_snapshot(snapshot)
        self.assertEqual(
            {f"os-unmanaged--snapshot-{snapshot.id}"}, set(self.snapshots())
        )


class ManagedTest(managed.ManagedTestCase):
    def test_manage_and_unmanage(self) -> None:
        manager = self.start_manager()
        volume = self.make()
        self.cluster.snapshot_create(
            base.name_of(volume), VolumeSnapshotDesc(name="theirs")
        )
        snapshot = self.snapshot_record(volume)
        manager.manage_existing_snapshot(
            self.admin, snapshot, ref={"source-name": "theirs"}
        )
        snapshot.refresh()
        self.assertEqual(
            ("available", 1), (snapshot.status, snapshot.volume_size)
        )
        self.assertEqual(
            {base.snapshot_name_of(snapshot)}, set(self.snapshots())
        )
        listed = manager.get_manageable_snapshots(
            self.admin, None, 10, 0, ["size"], ["asc"]
        )
        self.assertEqual([snapshot.id], [e["cinder_id"] for e in listed])
        manager.delete_snapshot(self.admin, snapshot, unmanage_only=True)
        self.assertEqual(
            {f"os-unmanaged--snapshot-{snapshot.id}"}, set(self.snapshots())
        )
