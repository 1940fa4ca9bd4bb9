# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A deployment goes from the in-tree driver to this one, and back.

Nothing in the cluster is touched by it, and what either driver has made the
other one serves.
"""

from typing import Any

import ddt

from tests.unit.cinder import base
from tests.unit.cinder import managed

WAYS = (
    (managed.IN_TREE, managed.OURS),
    (managed.OURS, managed.IN_TREE),
    (managed.IN_TREE, managed.OURS, managed.IN_TREE),
    (managed.OURS, managed.IN_TREE, managed.OURS),
)


@ddt.ddt
class SwitchTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.use_in_tree_configuration()
        # A snapshot that is still going would change what is compared.
        self.simulator.set_switches(snapshot_delete_seconds=0)

    def use(self, volume_driver: str) -> Any:
        self.start_manager(volume_driver)
        driver = self.manager.driver
        self.assertTrue(driver.initialized)
        return driver

    def seen(self) -> list[Any]:
        """All that the cluster has of us."""
        return [
            sorted(self.volumes().items()),
            sorted(self.snapshots().items()),
            self.cluster.attachments_list(),
        ]

    def changes(self) -> list[str]:
        return [
            base.call_of(entry)
            for entry in self.simulator.requests()
            if entry["method"] == "POST"
        ]

    @ddt.data(*WAYS)
    def test_what_one_made_the_next_serves(self, way: tuple[str, ...]) -> None:
        self.use(way[0])
        volume, attached = self.make(), self.make()
        snapshot = self.make_snapshot(volume)
        self.attach(base.name_of(attached), base.COMPUTE_1)
        for size, volume_driver in enumerate(way[1:], start=2):
            before = self.seen()
            self.simulator.clear_requests()
            driver = self.use(volume_driver)
            self.assertEqual([], self.changes())
            self.assertEqual(before, self.seen())
            self.serve(driver, volume, attached, snapshot, size)
        for each in (volume, attached):
            self.detach_all(base.name_of(each))
        driver.delete_snapshot(snapshot)
        driver.delete_volume(volume)
        driver.delete_volume(attached)
        self.assertEqual(({}, {}), (self.volumes(), self.snapshots()))

    def serve(
        self, driver: Any, volume: Any, attached: Any, snapshot: Any, size: int
    ) -> None:
        """Do with what is there what is done every day."""
        for each in (volume, attached):
            driver.extend_volume(each, size)
            self.assertEqual(
                size * base.GIB, self.volumes()[base.name_of(each)].size
            )
        copies = [self.record(size=size), self.record(size=1)]
        driver.create_cloned_volume(copies[0], volume)
        driver.create_volume_from_snapshot(copies[1], snapshot)
        again = self.snapshot_record(volume)
        driver.create_snapshot(again)
        self.assertEqual(
            {base.snapshot_name_of(each) for each in (snapshot, again)},
            set(self.snapshots()),
        )
        driver.delete_snapshot(again)
        for copy in copies:
            self.assertIn(base.name_of(copy), self.volumes())
            driver.delete_volume(copy)
        info = driver.initialize_connection(attached, base.COMP1)
        self.assertEqual(
            (attached.id, "rw"),
            (info["data"]["volume"], info["data"]["access_mode"]),
        )
        self.assertEqual(
            [base.COMPUTE_1], self.clients_of(base.name_of(attached))
        )
