# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Into other pools and backends of one cluster, and nothing is copied."""

from typing import Any

from cinder import objects

from cinder_storpool.locations import Location
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.test_volumes import VolumesTestCase

NVME = f"{base.BACKEND}#template_nvme"
DEFAULT = f"{base.BACKEND}#default"


class MigrateTest(VolumesTestCase):
    def migrate(self, volume: Any, host: str, location: str = "") -> Any:
        capabilities = {"location_info": location} if location else {}
        return self.driver.migrate_volume(
            self.admin, volume, {"host": host, "capabilities": capabilities}
        )

    def test_to_another_pool_in_one_call(self) -> None:
        volume = self.created()
        self.assertEqual((True, None), self.migrate(volume, NVME))
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_to_a_pool_of_another_service_of_the_cluster(self) -> None:
        """The services of a cluster have a host each, and one backend."""
        volume = self.created(cluster_name="cloud@storpool#template_hybrid")
        there = {
            "host": "other@storpool#template_nvme",
            "cluster_name": "cloud@storpool#template_nvme",
        }
        self.assertEqual(
            (True, None),
            self.driver.migrate_volume(self.admin, volume, there),
        )
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_to_another_cluster_of_services(self) -> None:
        volume = self.created(cluster_name="cloud@storpool#template_hybrid")
        there = {"host": NVME, "cluster_name": "other@storpool#template_nvme"}
        self.assertEqual(
            (False, None),
            self.driver.migrate_volume(self.admin, volume, there),
        )

    def test_to_a_backend_of_this_cluster(self) -> None:
        volume = self.created()
        there = Location("a.b", "os", "nvme")
        self.assertEqual(
            (True, None),
            self.migrate(volume, "ctl@second#default", str(there)),
        )
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_to_a_backend_of_one_pool_its_type_decides(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(storpool_template="nvme")
        )
        there = Location("a.b", "os", "hybrid")
        self.migrate(volume, "ctl@second#default", str(there))
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_the_limits_of_its_type_stay(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:iops": "5"})
        )
        self.migrate(volume, NVME)
        self.assertEqual(5, self.found(volume).iops)

    def test_a_class_that_is_not_listed_stays(self) -> None:
        """The volume got it before the classes were listed."""
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:qos_class": "old"})
        )
        self.driver = self.start_driver(storpool_qos_classes=["gold"])
        self.assertEqual((True, None), self.migrate(volume, NVME))
        found = self.found(volume)
        self.assertEqual(
            ("nvme", {"qc": "old"}), (found.template_name, found.tags)
        )

    def test_elsewhere_it_has_to_be_copied(self) -> None:
        for location in (
            Location("c.d", "os", "nvme"),
            Location("a.b", "another", "nvme"),
            Location("a.b", "os", ""),
            "LVMVolumeDriver:ctl:vg:thin:0",
            "",
        ):
            volume = self.created()
            self.assertEqual(
                (False, None),
                self.migrate(volume, "ctl@other#x", str(location)),
            )
            self.assertEqual([], self.calls())

    def test_into_the_pool_of_no_template_it_has_to_be_copied(self) -> None:
        volume = self.created()
        self.assertEqual((False, None), self.migrate(volume, DEFAULT))

    def test_pools_say_where_they_are(self) -> None:
        stats = self.driver.get_volume_stats(True)
        self.assertEqual(
            {
                "default": "storpool/a.b/os/",
                "template_hybrid": "storpool/a.b/os/hybrid",
                "template_nvme": "storpool/a.b/os/nvme",
            },
            {p["pool_name"]: p["location_info"] for p in stats["pools"]},
        )


class ManagedTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()
        self.simulator.clear_requests()

    def test_migrate(self) -> None:
        self.patch(
            "cinder.volume.manager.VolumeManager._get_service",
            return_value=objects.Service(
                self.admin,
                availability_zone="nova",
                uuid="7dd1a8a4-9a58-4bb1-9a76-b2b1b5d67e0c",
            ),
        )
        self.manager.migrate_volume(
            self.admin, self.volume, {"host": NVME, "capabilities": {}}
        )
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.volume.refresh()
        self.assertEqual(
            ("success", NVME),
            (self.volume.migration_status, self.volume.host),
        )
