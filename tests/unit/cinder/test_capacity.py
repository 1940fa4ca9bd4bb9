# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Statistics: room per template, and never an exception."""

from typing import Any

import ddt

from tests.unit.cinder import base
from tests.unit.cinder.wire import FAULTS


def pools_of(stats: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The pools of some statistics by name."""
    return {pool["pool_name"]: pool for pool in stats["pools"]}


@ddt.ddt
class StatsTest(base.ClusterTestCase):
    def stats(self, **options: Any) -> Any:
        self.driver = self.start_driver(**options)
        return self.driver.get_volume_stats(True)

    def test_one_call(self) -> None:
        self.stats()
        self.assertEqual(["VolumeTemplatesStatus"], self.calls())

    def test_asked_only_when_told(self) -> None:
        first = self.stats()
        self.simulator.clear_requests()
        self.assertEqual(first, self.driver.get_volume_stats())
        self.assertEqual([], self.calls())

    def test_a_pool_for_each_template_and_one_for_none(self) -> None:
        pools = pools_of(self.stats())
        self.assertEqual(
            {"default", "template_hybrid", "template_nvme"}, set(pools)
        )
        self.assertEqual("nvme", pools["template_nvme"]["storpool_template"])
        self.assertNotIn("storpool_template", pools["default"])

    def test_the_room_is_the_template_s(self) -> None:
        pools = pools_of(self.stats())
        for status in self.cluster.volume_templates_status():
            pool = pools[f"template_{status.name}"]
            self.assertEqual(
                status.stored.capacity / base.GIB, pool["total_capacity_gb"]
            )
            self.assertEqual(
                status.stored.free / base.GIB, pool["free_capacity_gb"]
            )

    def test_what_is_promised_is_counted(self) -> None:
        driver = self.start_driver()
        driver.create_volume(self.record(size=7))
        pools = pools_of(driver.get_volume_stats(True))
        hybrid = pools["template_hybrid"]
        self.assertEqual(7, hybrid["provisioned_capacity_gb"])
        self.assertEqual(1, hybrid["total_volumes"])
        self.assertEqual(0, pools["template_nvme"]["provisioned_capacity_gb"])

    def test_the_default_pool_is_the_option_s_template(self) -> None:
        pools = pools_of(self.stats(storpool_template="nvme"))
        for figure in ("total_capacity_gb", "free_capacity_gb"):
            self.assertEqual(
                pools["template_nvme"][figure], pools["default"][figure]
            )

    def test_the_default_pool_is_its_placement_group(self) -> None:
        default = pools_of(self.stats(storpool_replication=2))["default"]
        [status] = [
            each
            for each in self.cluster.volume_templates_status()
            if each.name == "hybrid"
        ]
        self.assertEqual("default", status.place_all)
        self.assertEqual(
            status.capacity_place_all / 2 / base.GIB,
            default["total_capacity_gb"],
        )

    def test_no_template_tells_of_the_default_pool(self) -> None:
        for template in ("hybrid", "nvme"):
            self.cluster.volume_template_delete(template)
        [default] = self.stats()["pools"]
        self.assertEqual("unknown", default["free_capacity_gb"])

    def test_configured_limits(self) -> None:
        pools = pools_of(
            self.stats(
                max_over_subscription_ratio="auto", reserved_percentage=9
            )
        )
        for pool in pools.values():
            self.assertEqual("auto", pool["max_over_subscription_ratio"])
            self.assertEqual(9, pool["reserved_percentage"])

    def test_the_backend(self) -> None:
        stats = self.stats()
        self.assertEqual("storpool", stats["volume_backend_name"])
        self.assertEqual("storpool", stats["storage_protocol"])
        self.assertEqual("up", stats["backend_state"])

    @ddt.data(*FAULTS)
    def test_down_with_the_last_figures(self, fault: str) -> None:
        before = self.stats()
        self.simulator.add_fault(call="*", count=99, **FAULTS[fault])
        after = self.driver.get_volume_stats(True)
        self.assertEqual({**before, "backend_state": "down"}, after)
        self.simulator.clear_faults()
        self.assertEqual(before, self.driver.get_volume_stats(True))

    def test_down_from_the_beginning(self) -> None:
        driver = self.start_driver()
        self.simulator.add_fault(call="*", count=99, **FAULTS["refused"])
        driver.init_capabilities()
        [pool] = driver.capabilities["pools"]
        self.assertEqual("down", driver.capabilities["backend_state"])
        self.assertEqual("default", pool["pool_name"])
        self.assertEqual(0, pool["free_capacity_gb"])


class PoolTest(base.ClusterTestCase):
    def test_of_a_record_that_names_none(self) -> None:
        driver = self.start_driver()
        volume = self.record(host=f"{base.BACKEND}#template_nvme")
        driver.create_volume(volume)
        volume.host = base.BACKEND
        self.assertEqual("template_nvme", driver.get_pool(volume))

    def test_of_no_template(self) -> None:
        driver = self.start_driver()
        volume = self.record(host=f"{base.BACKEND}#default")
        driver.create_volume(volume)
        self.assertEqual("default", driver.get_pool(volume))
