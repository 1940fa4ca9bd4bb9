# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Records of another driver learn their global ids at the start."""

from tests.unit.cinder import managed


class ProviderInfoTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()
        self.snapshot = self.make_snapshot(self.volume)

    def forget(self) -> None:
        for record in (self.volume, self.snapshot):
            record.provider_id = None
            record.save()

    def test_learnt(self) -> None:
        wanted = self.volume.provider_id, self.snapshot.provider_id
        self.forget()
        missing = self.snapshot_record(self.volume)
        self.start_manager()
        for record in (self.volume, self.snapshot, missing):
            record.refresh()
        self.assertEqual(
            wanted, (self.volume.provider_id, self.snapshot.provider_id)
        )
        self.assertIsNone(missing.provider_id)

    def test_known_ones_cost_nothing(self) -> None:
        driver = self.manager.driver
        self.simulator.clear_requests()
        self.assertEqual(
            (None, None),
            driver.update_provider_info([self.volume], [self.snapshot]),
        )
        self.assertEqual([], self.calls())

    def test_without_the_api_the_service_starts(self) -> None:
        self.forget()
        self.simulator.add_fault(
            call="VolumesList", action="error", name="x", count=99
        )
        self.assertTrue(self.start_manager().driver.initialized)
