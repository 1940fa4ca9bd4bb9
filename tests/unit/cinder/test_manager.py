# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The whole life of a volume, as the manager of cinder-volume drives it."""

from cinder import exception
from cinder import objects

from tests.unit.cinder import base
from tests.unit.cinder import managed


class LifeTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()

    def test_create(self) -> None:
        volume = self.make(size=2)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual("available", volume.status)
        self.assertEqual(found.global_id, volume.provider_id)

    def test_snapshot_and_a_volume_of_it(self) -> None:
        volume = self.make()
        snapshot = self.make_snapshot(volume)
        self.assertEqual("available", snapshot.status)
        child = self.make(snapshot_id=snapshot.id, size=2)
        self.assertEqual("available", child.status)
        found = self.volumes()[base.name_of(child)]
        self.assertEqual(base.snapshot_name_of(snapshot), found.parent_name)

    def test_clone(self) -> None:
        source = self.make()
        clone = self.make(source_volid=source.id)
        self.assertEqual("available", clone.status)
        self.assertEqual(
            {base.name_of(source), base.name_of(clone)}, set(self.volumes())
        )

    def test_extend(self) -> None:
        volume = self.make()
        volume.update({"status": "extending", "previous_status": "available"})
        volume.save()
        self.manager.extend_volume(self.admin, volume, 4, [])
        volume.refresh()
        self.assertEqual(("available", 4), (volume.status, volume.size))

    def test_revert(self) -> None:
        volume = self.make()
        snapshot = self.make_snapshot(volume)
        volume.status = "reverting"
        volume.save()
        snapshot.status = "restoring"
        snapshot.save()
        self.simulator.clear_requests()
        self.manager.revert_to_snapshot(self.admin, volume, snapshot)
        volume.refresh()
        self.assertEqual("available", volume.status)
        self.assertEqual("VolumeRevert", self.calls()[0])
        self.assertEqual(1, len(self.snapshots()))

    def test_delete(self) -> None:
        volume = self.make()
        snapshot = self.make_snapshot(volume)
        self.manager.delete_snapshot(self.admin, snapshot)
        self.manager.delete_volume(self.admin, volume)
        self.assertEqual({}, self.volumes())
        self.assertEqual({}, self.snapshots())
        self.assertRaises(
            exception.VolumeNotFound,
            objects.Volume.get_by_id,
            self.admin,
            volume.id,
        )

    def test_a_busy_volume_is_available_again(self) -> None:
        volume = self.make()
        self.attach(base.name_of(volume), base.COMPUTE_1)
        self.manager.delete_volume(self.admin, volume)
        volume.refresh()
        self.assertEqual("available", volume.status)

    def test_a_failed_creation_leaves_nothing_behind(self) -> None:
        volume = self.record(host=f"{base.BACKEND}#template_gone")
        self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.create_volume,
            self.admin,
            volume,
            allow_reschedule=False,
        )
        volume.refresh()
        self.assertEqual("error", volume.status)
        self.manager.delete_volume(self.admin, volume)
        self.assertEqual({}, self.volumes())


class AttachmentTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make(multiattach=True)

    def attach_as(
        self, connector: dict[str, object]
    ) -> objects.VolumeAttachment:
        """What Nova does: reserve, ask what to attach, attach it."""
        record = self.attached_record(self.volume, None)
        info = self.manager.attachment_update(
            self.admin, self.volume, dict(connector), record.id
        )
        self.assertEqual("storpool", info["driver_volume_type"])
        self.assertEqual("rw", info["access_mode"])
        self.assertIs(True, info["discard"])
        self.attach(info["name"], info["client_id"])
        record.refresh()
        return record

    def delete(self, record: objects.VolumeAttachment) -> None:
        self.manager.attachment_delete(self.admin, record.id, self.volume)
        record.destroy()

    def left(self) -> list[int]:
        return self.clients_of(base.name_of(self.volume))

    def test_attach_and_detach(self) -> None:
        record = self.attach_as(base.COMP1)
        self.volume.refresh()
        self.assertEqual("attaching", self.volume.status)
        self.assertEqual([base.COMPUTE_1], self.left())
        self.delete(record)
        self.assertEqual([], self.left())

    def test_two_instances_on_a_host(self) -> None:
        first = self.attach_as(base.COMP1)
        second = self.attach_as(base.COMP1)
        self.delete(first)
        self.assertEqual([base.COMPUTE_1], self.left())
        self.delete(second)
        self.assertEqual([], self.left())

    def test_live_migration_there(self) -> None:
        source = self.attach_as(base.COMP1)
        destination = self.attach_as(base.COMP2)
        self.delete(source)
        self.assertEqual([base.COMPUTE_2], self.left())
        self.delete(destination)
        self.assertEqual([], self.left())

    def reserved_for_the_instance_of(
        self, other: objects.VolumeAttachment
    ) -> objects.VolumeAttachment:
        """What Nova makes before it ends the attachment on a dead host."""
        made = self.attached_record(self.volume, None)
        made.instance_uuid = other.instance_uuid
        made.save()
        return made

    def test_evacuation_of_a_dead_host(self) -> None:
        old = self.attach_as(base.COMP1)
        self.reserved_for_the_instance_of(old)
        self.delete(old)
        self.assertEqual([], self.left())

    def test_evacuation_beside_another_instance(self) -> None:
        """The other one on that host is about to attach, or has attached."""
        old = self.attach_as(base.COMP1)
        self.reserved_for_the_instance_of(old)
        self.attached_record(self.volume, None)
        self.delete(old)
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_live_migration_back_beside_another_instance(self) -> None:
        """The abort of one instance's migration spares the other's volume."""
        other = self.attach_as(base.COMP2)
        self.attach_as(base.COMP1)
        destination = self.attach_as(base.COMP2)
        self.delete(destination)
        self.assertEqual([base.COMPUTE_1, base.COMPUTE_2], self.left())
        self.delete(other)
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_uploading_while_a_guest_on_this_host_runs(self) -> None:
        """The copy's forced end does not reach the guest's device."""
        self.attach_as(base.CTL)
        self.volume.refresh()
        self.volume.status = "uploading"
        self.volume.save()
        driver = self.manager.driver
        info = driver.initialize_connection(self.volume, base.CTL)
        self.assertEqual(base.name_of(self.volume), info["data"]["name"])
        driver._detach_volume(
            self.admin, None, self.volume, base.CTL, force=True
        )
        self.assertEqual([base.CONTROLLER], self.left())

    def test_a_connector_without_host(self) -> None:
        record = self.attached_record(self.volume, None)
        self.assertRaises(
            exception.InvalidInput,
            self.manager.attachment_update,
            self.admin,
            self.volume,
            {},
            record.id,
        )


class MigrationTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()

    def test_twice_and_the_right_data_goes(self) -> None:
        volume = self.make()
        for _ in range(2):
            new = self.make()
            kept = base.name_of(new)
            self.migrate(volume, new)
            self.assertEqual([kept], list(self.volumes()))
            self.assertEqual(kept, base.name_of(volume))
            found = self.volumes()[kept]
            self.assertEqual(found.global_id, volume.provider_id)

    def test_afterwards_everything_still_works(self) -> None:
        volume = self.make()
        self.migrate(volume, self.make())
        self.make_snapshot(volume)
        clone = self.make(source_volid=volume.id)
        self.assertEqual("available", clone.status)
        volume.update({"status": "extending", "previous_status": "available"})
        volume.save()
        self.manager.extend_volume(self.admin, volume, 4, [])
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(4 * base.GIB, found.size)


class StartTest(managed.ManagedTestCase):
    def test_the_pools_are_published(self) -> None:
        manager = self.start_manager()
        self.assertTrue(manager.driver.initialized)
        names = {
            pool["pool_name"] for pool in manager.last_capabilities["pools"]
        }
        self.assertEqual(
            {"default", "template_hybrid", "template_nvme"}, names
        )

    def test_without_the_api_the_service_starts_and_tries_again(self) -> None:
        self.write_conf(port=1)
        self.override_config("reinit_driver_count", 1)
        manager = self.start_manager()
        self.assertFalse(manager.driver.initialized)

    def test_a_volume_in_use_at_the_start(self) -> None:
        self.start_manager()
        volume = self.make()
        volume.status = "in-use"
        volume.save()
        self.start_manager()
        volume.refresh()
        self.assertEqual("in-use", volume.status)

    def test_a_record_without_pool_gets_it(self) -> None:
        self.start_manager()
        volume = self.make()
        volume.host = base.BACKEND
        volume.save()
        self.start_manager()
        volume.refresh()
        self.assertEqual(f"{base.BACKEND}#template_hybrid", volume.host)
