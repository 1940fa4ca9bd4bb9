# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Groups: one instant, all or none, and what became of each."""

from typing import Any

from cinder import exception
from cinder import objects
import ddt

from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.test_volumes import VolumesTestCase
from tests.unit.cinder.wire import FAULTS


@ddt.ddt
class GroupsTest(VolumesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = self.group_record(self.group_type())

    def members(self, count: int) -> list[Any]:
        return [self.created(group_id=self.group.id) for _ in range(count)]

    def snap(self, volumes: list[Any]) -> tuple[Any, list[Any], Any]:
        """Take a group snapshot; returns the outcome too."""
        record, snapshots = self.group_snapshot_record(self.group, volumes)
        outcome = self.driver.create_group_snapshot(
            self.admin, record, snapshots
        )
        return record, snapshots, outcome

    def copy(self, copies: list[Any], **source: Any) -> Any:
        return self.driver.create_group_from_src(
            self.admin, self.group, copies, **source
        )

    @ddt.data(1, 2, 10)
    def test_a_snapshot_is_one_call(self, count: int) -> None:
        volumes = self.members(count)
        _, snapshots, (model, updates) = self.snap(volumes)
        self.assertEqual(["VolumesGroupSnapshot"], self.calls())
        self.assertEqual({"status": "available"}, model)
        found = self.snapshots()
        for volume, snapshot, update in zip(
            volumes, snapshots, updates, strict=True
        ):
            taken = found[base.snapshot_name_of(snapshot)]
            self.assertEqual(volume.provider_id, taken.created_from_global_id)
            self.assertEqual(
                {
                    "id": snapshot.id,
                    "status": "available",
                    "provider_id": taken.global_id,
                },
                update,
            )

    def test_attached_and_migrated_volumes(self) -> None:
        volumes = self.members(2)
        self.attach(base.name_of(volumes[0]), base.COMPUTE_1)
        volumes[1].update({"_name_id": self.created().id})
        volumes[1].save()
        _, snapshots, _ = self.snap(volumes)
        taken = self.snapshots()[base.snapshot_name_of(snapshots[1])]
        self.assertEqual(
            self.volumes()[base.name_of(volumes[1])].global_id,
            taken.created_from_global_id,
        )

    def test_one_is_missing_and_none_is_taken(self) -> None:
        volumes = [*self.members(1), self.record(group_id=self.group.id)]
        self.assertRaises(
            exception.VolumeBackendAPIException, self.snap, volumes
        )
        self.assertEqual({}, self.snapshots())

    def test_a_name_is_taken_by_another_s(self) -> None:
        volumes = self.members(2)
        record, snapshots = self.group_snapshot_record(self.group, volumes)
        self.driver.create_snapshot(snapshots[0])
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_group_snapshot,
            self.admin,
            record,
            snapshots,
        )
        self.assertIn("objectExists", raised.msg)

    def test_a_lost_answer_is_found_out(self) -> None:
        self.simulator.add_fault(
            call="VolumesGroupSnapshot", **FAULTS["dropped_after"]
        )
        _, _, (model, updates) = self.snap(self.members(3))
        self.assertEqual("available", model["status"])
        self.assertEqual(
            {each.global_id for each in self.snapshots().values()},
            {update["provider_id"] for update in updates},
        )

    def test_from_snapshots(self) -> None:
        record, snapshots, _ = self.snap(self.members(2))
        copies = [
            self.record(size=3),
            self.record(
                volume_type_id=self.typed(**{"storpool:template": "nvme"})
            ),
        ]
        self.simulator.clear_requests()
        _, updates = self.copy(
            copies, group_snapshot=record, snapshots=snapshots
        )
        self.assertEqual(["VolumeCreate"] * 2, self.calls())
        first, second = (self.volumes()[base.name_of(c)] for c in copies)
        self.assertEqual(3 * base.GIB, first.size)
        self.assertEqual("nvme", second.template_name)
        self.assertEqual(
            base.snapshot_name_of(snapshots[0]), first.parent_name
        )
        self.assertEqual(
            [first.global_id, second.global_id],
            [update["provider_id"] for update in updates],
        )

    def test_from_a_group(self) -> None:
        volumes = self.members(2)
        copies = [self.record(), self.record()]
        model, updates = self.copy(
            copies, source_group=self.group, source_vols=volumes
        )
        self.assertEqual(
            ["VolumesGroupSnapshot"]
            + ["VolumeCreate"] * 2
            + ["SnapshotDelete"] * 2,
            self.calls(),
        )
        self.assertEqual({}, self.snapshots())
        self.assertEqual({"status": "available"}, model)
        self.assertEqual([c.id for c in copies], [u["id"] for u in updates])

    def test_from_a_group_delivered_twice(self) -> None:
        """What the first try completed stays as it is by now."""
        volumes = self.members(2)
        copies = [self.record(), self.record()]
        how = {"source_group": self.group, "source_vols": volumes}
        first = self.copy(copies, **how)
        made = self.volumes()[base.name_of(copies[0])].global_id
        self.simulator.write(made, 4096)
        self.assertEqual(first, self.copy(copies, **how))
        self.assertEqual({}, self.snapshots())
        self.assertEqual(
            made, self.volumes()[base.name_of(copies[0])].global_id
        )

    def test_from_a_group_where_another_volume_has_a_name(self) -> None:
        volumes = self.members(2)
        copies = [self.record(), self.record()]
        other = self.record(size=5)
        other.update({"_name_id": copies[0].id})
        self.driver.create_volume(other)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.copy,
            copies,
            source_group=self.group,
            source_vols=volumes,
        )
        self.assertIn("cannot be taken over", raised.msg)
        self.assertEqual({}, self.snapshots())

    @ddt.data(*FAULTS)
    def test_one_cannot_be_made_and_none_stays(self, fault: str) -> None:
        record, snapshots, _ = self.snap(self.members(3))
        before = set(self.volumes())
        self.simulator.clear_requests()
        self.simulator.add_fault(
            call="VolumeCreate", nth=2, count=6, **FAULTS[fault]
        )
        self.assertRaises(
            exception.CinderException,
            self.copy,
            [self.record() for _ in range(3)],
            group_snapshot=record,
            snapshots=snapshots,
        )
        self.assertEqual(before, set(self.volumes()))

    def test_what_is_somebody_else_s_stays(self) -> None:
        record, snapshots, _ = self.snap(self.members(2))
        taken = self.created(size=5)
        self.assertRaises(
            exception.VolumeBackendAPIException,
            self.copy,
            [self.record(), taken],
            group_snapshot=record,
            snapshots=snapshots,
        )
        self.assertEqual(
            5 * base.GIB, self.volumes()[base.name_of(taken)].size
        )
        self.assertEqual(3, len(self.volumes()))

    def test_a_wrong_type_makes_nothing(self) -> None:
        wrong = self.record(
            volume_type_id=self.typed(**{"storpool:iops": "x"})
        )
        self.assertRaises(
            exception.InvalidVolumeType,
            self.copy,
            [self.record(), wrong],
            source_group=self.group,
            source_vols=self.members(2),
        )
        self.assertEqual([], self.calls())

    def test_busy_ones_stay_and_are_told(self) -> None:
        volumes = self.members(2)
        self.attach(base.name_of(volumes[0]), base.COMPUTE_1)
        self.assertEqual(
            (
                {"status": "error_deleting"},
                [
                    {"id": volumes[0].id, "status": "available"},
                    {"id": volumes[1].id, "status": "deleted"},
                ],
            ),
            self.driver.delete_group(self.admin, self.group, volumes),
        )
        self.assertEqual({base.name_of(volumes[0])}, set(self.volumes()))

    def test_a_busy_snapshot_stays_and_is_told(self) -> None:
        record, snapshots, _ = self.snap(self.members(2))
        self.attach_snapshot(
            base.snapshot_name_of(snapshots[1]), base.COMPUTE_1
        )
        model, updates = self.driver.delete_group_snapshot(
            self.admin, record, snapshots
        )
        self.assertEqual("error_deleting", model["status"])
        self.assertEqual(
            ["deleted", "available"], [u["status"] for u in updates]
        )

    def test_other_group_types_are_cinder_s_matter(self) -> None:
        group = self.group_record(self.group_type("<is> False"))
        member = self.created(group_id=group.id)
        record, snapshots = self.group_snapshot_record(group, [member])
        for hook, arguments in (
            (self.driver.create_group, (group,)),
            (self.driver.update_group, (group, [], [])),
            (self.driver.delete_group, (group, [])),
            (self.driver.create_group_snapshot, (record, snapshots)),
            (self.driver.delete_group_snapshot, (record, snapshots)),
            (self.driver.create_group_from_src, (group, [])),
        ):
            self.assertRaises(
                NotImplementedError, hook, self.admin, *arguments
            )

    def test_pools_say_that_they_have_it(self) -> None:
        for pool in self.driver.get_volume_stats(True)["pools"]:
            self.assertIs(True, pool["consistent_group_snapshot_enabled"])


class ManagedTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.kind = self.group_type()
        self.group = self.group_record(self.kind, status="creating")
        self.manager.create_group(self.admin, self.group)
        self.volumes_ = [self.make(), self.make()]
        self.manager.update_group(
            self.admin,
            self.group,
            add_volumes=",".join(each.id for each in self.volumes_),
        )
        for volume in self.volumes_:
            volume.refresh()
        self.simulator.clear_requests()

    def status(self, record: Any) -> str:
        record.refresh()
        return str(record.status)

    def snap(self) -> tuple[Any, list[Any]]:
        record, snapshots = self.group_snapshot_record(
            self.group, self.volumes_
        )
        self.manager.create_group_snapshot(self.admin, record)
        return record, snapshots

    def test_from_the_beginning_to_the_end(self) -> None:
        self.assertEqual("available", self.status(self.group))
        record, snapshots = self.snap()
        self.assertEqual(["VolumesGroupSnapshot"], self.calls())
        self.assertEqual("available", self.status(record))
        copies = self.copies(
            [{"snapshot_id": snapshot.id} for snapshot in snapshots],
            group_snapshot=record,
        )
        for copy in copies:
            self.assertEqual("available", self.status(copy))
            self.assertEqual(
                self.volumes()[base.name_of(copy)].global_id, copy.provider_id
            )
        self.manager.delete_group_snapshot(self.admin, record)
        self.assertEqual({}, self.snapshots())
        self.manager.delete_group(self.admin, self.group)
        self.assertEqual(
            {base.name_of(copy) for copy in copies}, set(self.volumes())
        )

    def copies(
        self, origins: list[dict[str, str]], **source: Any
    ) -> list[objects.Volume]:
        group = self.group_record(self.kind, status="creating")
        copies = [
            self.record(group_id=group.id, **origin) for origin in origins
        ]
        self.manager.create_group_from_src(self.admin, group, **source)
        self.assertEqual("available", self.status(group))
        return copies

    def test_a_copy_of_a_group(self) -> None:
        copies = self.copies(
            [{"source_volid": volume.id} for volume in self.volumes_],
            source_group=self.group,
        )
        for copy in copies:
            self.assertEqual("available", self.status(copy))
        self.assertEqual({}, self.snapshots())

    def test_a_failure_leaves_nothing_in_between(self) -> None:
        self.simulator.add_fault(call="*", count=99, **FAULTS["refused"])
        record, snapshots = self.group_snapshot_record(
            self.group, self.volumes_
        )
        self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.create_group_snapshot,
            self.admin,
            record,
        )
        for each in (record, *snapshots):
            self.assertEqual("error", self.status(each))

    def test_a_busy_volume_keeps_its_record(self) -> None:
        self.attach(base.name_of(self.volumes_[0]), base.COMPUTE_1)
        self.assertRaises(
            exception.VolumeDriverException,
            self.manager.delete_group,
            self.admin,
            self.group,
        )
        self.assertEqual("error", self.status(self.group))
        self.assertEqual("available", self.status(self.volumes_[0]))
        self.detach_all(base.name_of(self.volumes_[0]))
        self.manager.delete_group(self.admin, self.group)
        self.assertEqual({}, self.volumes())
