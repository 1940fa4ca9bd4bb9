# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What was written is there, in the volume and in what was made of it."""

import os

from cinder import objects

from os_brick_storpool.connector import StorPoolConnector
from tests.functional.cinder import host
from tests.unit.cinder import base

COUNT = host.MIB


class DataTest(host.HostTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.volume = self.make()
        self.first = self.written()

    def written(self) -> bytes:
        """Write something new into the volume; returns it."""
        content = os.urandom(COUNT)
        with self.attached(self.volume) as device:
            os.pwrite(device, content, 0)
            os.fsync(device)
        return content

    def read(self, volume: objects.Volume) -> bytes:
        """What a volume begins with."""
        with self.attached(volume) as device:
            return os.pread(device, COUNT, 0)

    def snapped(self) -> objects.Snapshot:
        snapshot = self.snapshot_record(self.volume)
        self.driver.create_snapshot(snapshot)
        return snapshot

    def test_our_connector_did_it(self) -> None:
        self.assertIsInstance(self.connector(), StorPoolConnector)

    def test_a_volume_of_a_snapshot(self) -> None:
        snapshot = self.snapped()
        second = self.written()
        child = self.record(size=2, host="ctl@storpool#template_nvme")
        self.driver.create_volume_from_snapshot(child, snapshot)
        self.assertEqual(self.first, self.read(child))
        self.assertEqual(second, self.read(self.volume))

    def test_a_volume_of_a_snapshot_in_another_template(self) -> None:
        snapshot = self.snapped()
        child = self.record(
            host="ctl@storpool#default",
            volume_type_id=self.typed(storpool_template="nvme"),
        )
        self.driver.create_volume_from_snapshot(child, snapshot)
        found = self.volumes()[base.name_of(child)]
        self.assertEqual("nvme", found.template_name)
        self.assertEqual(self.first, self.read(child))

    def test_without_its_snapshot_a_volume_keeps_its_data(self) -> None:
        snapshot = self.snapped()
        child = self.record()
        self.driver.create_volume_from_snapshot(child, snapshot)
        self.driver.delete_snapshot(snapshot)
        self.driver.delete_volume(self.volume)
        self.assertEqual(self.first, self.read(child))

    def test_a_clone(self) -> None:
        clone = self.record()
        self.driver.create_cloned_volume(clone, self.volume)
        second = self.written()
        self.assertEqual(self.first, self.read(clone))
        self.assertEqual(second, self.read(self.volume))

    def test_a_clone_into_another_template(self) -> None:
        clone = self.record(size=2, host="ctl@storpool#template_nvme")
        self.driver.create_cloned_volume(clone, self.volume)
        second = self.written()
        self.assertEqual(self.first, self.read(clone))
        self.assertEqual(second, self.read(self.volume))

    def test_revert(self) -> None:
        snapshot = self.snapped()
        self.written()
        self.driver.revert_to_snapshot(self.admin, self.volume, snapshot)
        self.assertEqual(self.first, self.read(self.volume))

    def test_another_type_and_pool_while_it_is_open(self) -> None:
        nvme = {"host": "ctl@storpool#template_nvme"}
        hybrid = {"host": "ctl@storpool#template_hybrid"}
        plain = objects.VolumeType.get_by_id(self.admin, self.typed())
        with self.attached(self.volume) as device:
            self.assertIs(
                True,
                self.driver.retype(self.admin, self.volume, plain, {}, nvme),
            )
            self.assertEqual(self.first, os.pread(device, COUNT, 0))
        self.driver.migrate_volume(self.admin, self.volume, hybrid)
        self.assertEqual(self.first, self.read(self.volume))

    def test_a_group_at_one_instant(self) -> None:
        group = self.group_record(self.group_type())
        other, self.volume = self.volume, self.make()
        members = [other, self.volume]
        for member in members:
            member.update({"group_id": group.id})
            member.save()
        contents = [self.first, self.written()]
        record, snapshots = self.group_snapshot_record(group, members)
        self.driver.create_group_snapshot(self.admin, record, snapshots)
        self.written()
        for source in (
            {"group_snapshot": record, "snapshots": snapshots},
            {"source_group": group, "source_vols": members},
        ):
            copies = [self.record(), self.record()]
            self.driver.create_group_from_src(
                self.admin, group, copies, **source
            )
            self.assertEqual(contents, [self.read(copy) for copy in copies])
            contents[1] = self.read(self.volume)

    def test_managed_and_unmanaged_it_keeps_its_data(self) -> None:
        self.driver.unmanage(self.volume)
        again = self.record()
        self.driver.manage_existing(
            again, {"source-name": f"os-unmanaged--{self.volume.id}"}
        )
        self.assertEqual(self.first, self.read(again))

    def test_migrated_it_is_the_copy_that_is_kept(self) -> None:
        """As Cinder exchanges the records when its copy is complete."""
        old, self.volume = self.volume, self.make()
        copied = self.written()
        update = self.driver.update_migrated_volume(
            self.admin, old, self.volume, "available"
        )
        new, self.volume = self.volume, old
        new.update({"_name_id": old.id})
        old.update(update)
        for record in (new, old):
            record.save()
        self.driver.delete_volume(new)
        self.assertEqual(copied, self.read(old))

    def test_extension_of_what_is_open(self) -> None:
        with self.attached(self.volume) as device:
            self.driver.extend_volume(self.volume, 2)
            self.assertEqual(2 << 30, os.lseek(device, 0, os.SEEK_END))
            self.assertEqual(self.first, os.pread(device, COUNT, 0))

    def test_deleted_and_made_again_it_is_empty(self) -> None:
        self.driver.delete_volume(self.volume)
        self.driver.create_volume(self.volume)
        self.assertEqual(bytes(COUNT), self.read(self.volume))
