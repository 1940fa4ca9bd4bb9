# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes and snapshots: what is asked of the cluster, and how often."""

from typing import Any

from cinder import exception
import ddt

from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base


class VolumesTestCase(base.ClusterTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver()

    def created(self, **fields: Any) -> Any:
        """A volume with its record, and the log cleared after it."""
        volume = self.record(**fields)
        volume.update(dict(self.driver.create_volume(volume)))
        volume.save()
        self.simulator.clear_requests()
        return volume

    def snapped(self, volume: Any) -> Any:
        """A snapshot with its record, and the log cleared after it."""
        snapshot = self.snapshot_record(volume)
        self.driver.create_snapshot(snapshot)
        self.simulator.clear_requests()
        return snapshot

    def found(self, volume: Any) -> Any:
        """The StorPool volume behind a record."""
        return self.volumes()[base.name_of(volume)]


@ddt.ddt
class CreateTest(VolumesTestCase):
    def template_of(self, volume: Any) -> str:
        self.driver.create_volume(volume)
        return str(self.volumes()[base.name_of(volume)].template_name)

    def test_one_call_and_the_global_id(self) -> None:
        volume = self.record(size=3)
        update = self.driver.create_volume(volume)
        self.assertEqual(["VolumeCreate"], self.calls())
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual({"provider_id": found.global_id}, update)
        self.assertEqual(3 * base.GIB, found.size)

    def test_the_pool_decides(self) -> None:
        volume = self.record(host=f"{base.BACKEND}#template_nvme")
        self.assertEqual("nvme", self.template_of(volume))

    def test_the_type_decides_where_no_pool_does(self) -> None:
        volume = self.record(
            host=f"{base.BACKEND}#default",
            volume_type_id=self.typed(storpool_template="nvme"),
        )
        self.assertEqual("nvme", self.template_of(volume))

    def test_a_scoped_spec_is_ours_alone(self) -> None:
        volume = self.record(
            host=f"{base.BACKEND}#template_hybrid",
            volume_type_id=self.typed(**{"storpool:template": "nvme"}),
        )
        self.assertEqual("nvme", self.template_of(volume))

    def test_an_expression_for_the_scheduler_is_no_name(self) -> None:
        volume = self.record(
            host=f"{base.BACKEND}#template_nvme",
            volume_type_id=self.typed(
                storpool_template="<or> hybrid <or> nvme"
            ),
        )
        self.assertEqual("nvme", self.template_of(volume))

    def test_the_option_decides_last(self) -> None:
        self.driver = self.start_driver(storpool_template="nvme")
        volume = self.record(host=f"{base.BACKEND}#default")
        self.assertEqual("nvme", self.template_of(volume))

    def test_without_any_template_the_replication_is_said(self) -> None:
        self.driver = self.start_driver(storpool_replication=2)
        volume = self.record(host=f"{base.BACKEND}#default")
        self.assertEqual("", self.template_of(volume))
        [body] = self.bodies("VolumeCreate")
        self.assertEqual(
            {
                "name": base.name_of(volume),
                "size": base.GIB,
                "replication": 2,
            },
            body,
        )

    def test_a_template_that_is_not_there(self) -> None:
        volume = self.record(host=f"{base.BACKEND}#template_gone")
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_volume,
            volume,
        )
        self.assertIn(volume.id, raised.msg)
        self.assertIn("objectDoesNotExist", raised.msg)

    def test_delivered_twice_it_is_the_same_volume(self) -> None:
        volume = self.record()
        first = self.driver.create_volume(volume)
        self.assertEqual(first, self.driver.create_volume(volume))
        self.assertEqual([base.name_of(volume)], list(self.volumes()))

    def test_delivered_twice_after_it_was_written(self) -> None:
        """What an unfinished copy left would shine through a new one."""
        volume = self.record()
        update = self.driver.create_volume(volume)
        self.simulator.write(update["provider_id"], 1 << 20)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_volume,
            volume,
        )
        self.assertIn("it has data already", raised.msg)

    @ddt.data(
        {"size": 2 * base.GIB, "template": "hybrid"},
        {"size": base.GIB, "template": "nvme"},
    )
    def test_another_volume_of_that_name(self, other: Any) -> None:
        volume = self.record()
        name = base.name_of(volume)
        self.cluster.volume_create(VolumeCreateDesc(name=name, **other))
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_volume,
            volume,
        )
        self.assertIn("cannot be taken over", raised.msg)
        self.assertEqual(other["size"], self.volumes()[name].size)

    def test_a_clone_is_not_taken_for_an_empty_volume(self) -> None:
        source, volume = self.created(), self.record()
        self.driver.create_cloned_volume(volume, source)
        other = self.created()
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_cloned_volume,
            volume,
            other,
        )
        self.assertIn("no clone of", raised.msg)


class CopiesTest(VolumesTestCase):
    def test_a_clone_is_one_call(self) -> None:
        source = self.created()
        clone = self.record(size=2, host=f"{base.BACKEND}#template_nvme")
        update = self.driver.create_cloned_volume(clone, source)
        self.assertEqual(["VolumeCreate"], self.calls())
        found = self.volumes()[base.name_of(clone)]
        self.assertEqual("nvme", found.template_name)
        self.assertEqual(2 * base.GIB, found.size)
        self.assertEqual({"provider_id": found.global_id}, update)
        self.assertEqual({}, self.snapshots())

    def test_a_clone_without_template_says_none(self) -> None:
        source = self.created()
        clone = self.record(host=f"{base.BACKEND}#default")
        self.driver.create_cloned_volume(clone, source)
        [body] = self.bodies("VolumeCreate")
        self.assertEqual({"name", "size", "baseOn", "iops", "bw"}, set(body))

    def test_from_a_snapshot_is_one_call(self) -> None:
        snapshot = self.snapped(self.created())
        volume = self.record(size=2, host=f"{base.BACKEND}#template_nvme")
        self.driver.create_volume_from_snapshot(volume, snapshot)
        self.assertEqual(["VolumeCreate"], self.calls())
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual("nvme", found.template_name)
        self.assertEqual(2 * base.GIB, found.size)

    def test_after_a_migration_the_source_is_its_object(self) -> None:
        holder = self.created()
        source = self.record(_name_id=holder.id, status="available")
        clone = self.record()
        self.driver.create_cloned_volume(clone, source)
        [body] = self.bodies("VolumeCreate")
        self.assertEqual(base.name_of(holder), body["baseOn"])


class SnapshotTest(VolumesTestCase):
    def test_one_call_and_the_global_id(self) -> None:
        volume = self.created()
        snapshot = self.snapshot_record(volume)
        update = self.driver.create_snapshot(snapshot)
        self.assertEqual(["VolumeSnapshot"], self.calls())
        found = self.snapshots()[base.snapshot_name_of(snapshot)]
        self.assertEqual({"provider_id": found.global_id}, update)

    def test_after_a_migration_it_is_of_the_object(self) -> None:
        holder = self.created()
        volume = self.record(_name_id=holder.id, status="available")
        snapshot = self.snapshot_record(volume)
        self.driver.create_snapshot(snapshot)
        self.assertIn(base.snapshot_name_of(snapshot), self.snapshots())

    def test_of_another_volume(self) -> None:
        first, second = self.created(), self.created()
        snapshot = self.snapped(first)
        snapshot.volume = second
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.create_snapshot,
            snapshot,
        )
        self.assertIn("not of", raised.msg)

    def test_delete_is_one_call(self) -> None:
        snapshot = self.snapped(self.created())
        self.driver.delete_snapshot(snapshot)
        self.assertEqual(["SnapshotDelete"], self.calls())
        self.assertEqual({}, self.snapshots())

    def test_one_that_is_gone_is_deleted(self) -> None:
        self.driver.delete_snapshot(self.snapshot_record(self.created()))

    def test_one_that_is_read_is_busy(self) -> None:
        snapshot = self.snapped(self.created())
        name = base.snapshot_name_of(snapshot)
        self.attach_snapshot(name, base.COMPUTE_2)
        self.simulator.clear_requests()
        raised = self.assertRaises(
            exception.SnapshotIsBusy, self.driver.delete_snapshot, snapshot
        )
        self.assertIn("client 2", raised.msg)
        self.assertEqual(["SnapshotDelete", "AttachmentsList"], self.calls())
        self.assertEqual([base.COMPUTE_2], self.clients_of(name))


class ExtendTest(VolumesTestCase):
    def size_of(self, volume: Any) -> int:
        return int(self.volumes()[base.name_of(volume)].size)

    def test_one_call(self) -> None:
        volume = self.created()
        self.driver.extend_volume(volume, 5)
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.assertEqual(5 * base.GIB, self.size_of(volume))

    def test_attached(self) -> None:
        volume = self.created()
        self.attach(base.name_of(volume), base.COMPUTE_1)
        self.driver.extend_volume(volume, 5)
        self.assertEqual(5 * base.GIB, self.size_of(volume))
        self.assertEqual(
            [base.COMPUTE_1], self.clients_of(base.name_of(volume))
        )

    def test_again(self) -> None:
        volume = self.created()
        self.driver.extend_volume(volume, 5)
        self.driver.extend_volume(volume, 5)
        self.assertEqual(5 * base.GIB, self.size_of(volume))

    def test_what_is_larger_stays(self) -> None:
        volume = self.created(size=9)
        self.driver.extend_volume(volume, 5)
        self.assertEqual(9 * base.GIB, self.size_of(volume))

    def test_a_volume_that_is_gone(self) -> None:
        volume = self.record()
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.extend_volume,
            volume,
            5,
        )
        self.assertIn(volume.id, raised.msg)


class RevertTest(VolumesTestCase):
    def test_the_size_stays(self) -> None:
        volume = self.created()
        snapshot = self.snapped(volume)
        self.driver.extend_volume(volume, 4)
        volume.size = 4
        self.driver.revert_to_snapshot(self.admin, volume, snapshot)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(4 * base.GIB, found.size)
        self.assertEqual(base.snapshot_name_of(snapshot), found.parent_name)
