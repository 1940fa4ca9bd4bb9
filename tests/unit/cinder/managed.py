# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A VolumeManager with its DB, around a driver and a simulator."""

from typing import Any

from cinder import exception
from cinder import objects
from cinder.volume import manager

from tests.unit.cinder import base

OURS = "cinder_storpool.driver.StorPoolDriver"
IN_TREE = "cinder.volume.drivers.storpool.StorPoolDriver"


class ManagedTestCase(base.ClusterTestCase):
    """What cinder-volume does with a driver, without RPC in between."""

    def start_manager(
        self, volume_driver: str = OURS, **options: Any
    ) -> manager.VolumeManager:
        """A manager that has initialized its backend, as a service does."""
        made = manager.VolumeManager(
            volume_driver=volume_driver,
            service_name="storpool",
            host=base.BACKEND,
        )
        for name, value in options.items():
            self.override_config(name, value, group="storpool")
        made.init_host(added_to_cluster=False, service_id=1)
        self.manager = made
        for name in ("update_migrated_volume", "delete_volume"):
            self.patch(
                f"cinder.volume.rpcapi.VolumeAPI.{name}",
                side_effect=getattr(made, name),
            )
        self.simulator.clear_requests()
        return made

    def make(self, **fields: Any) -> objects.Volume:
        """A volume that the manager made."""
        volume = self.record(**fields)
        self.manager.create_volume(self.admin, volume, allow_reschedule=False)
        volume.refresh()
        return volume

    def make_snapshot(self, volume: objects.Volume) -> objects.Snapshot:
        """A snapshot that the manager made."""
        snapshot = self.snapshot_record(volume)
        self.manager.create_snapshot(self.admin, snapshot)
        snapshot.refresh()
        return snapshot

    def assert_no_record(self, volume: objects.Volume) -> None:
        """Cinder has forgotten a volume."""
        self.assertRaises(
            exception.VolumeNotFound,
            objects.Volume.get_by_id,
            self.admin,
            volume.id,
        )

    def migrate(self, volume: objects.Volume, new: objects.Volume) -> None:
        """Finish a migration whose data has been copied already."""
        volume.update({"migration_status": "migrating"})
        volume.previous_status = volume.status
        volume.save()
        new.update({"migration_status": f"target:{volume.id}"})
        new.save()
        self.manager.migrate_volume_completion(self.admin, volume, new)
        volume.refresh()
