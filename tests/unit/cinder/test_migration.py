# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What update_migrated_volume says, and what it does not do."""

import itertools
from typing import Any

from cinder import exception
import ddt

from tests.unit.cinder import base
from tests.unit.cinder.test_volumes import VolumesTestCase
from tests.unit.cinder.wire import FAULTS

ELSEWHERE = "ctl@lvm#lvm"


@ddt.ddt
class MigrationTest(VolumesTestCase):
    def finish(self, volume: Any, new: Any, status: str = "available") -> Any:
        return self.driver.update_migrated_volume(
            self.admin, volume, new, status
        )

    def test_in_the_cluster_nothing_is_asked(self) -> None:
        volume, new = self.created(), self.created()
        self.assertEqual({"_name_id": new.id}, self.finish(volume, new))
        self.assertEqual([], self.calls())

    def test_between_backends_of_a_cluster_nothing_is_asked(self) -> None:
        volume = self.created(host="ctl@second#default")
        new = self.created()
        self.assertEqual({"_name_id": new.id}, self.finish(volume, new))
        self.assertEqual([], self.calls())

    def test_in_use_it_keeps_its_name(self) -> None:
        volume, new = self.record(host=ELSEWHERE), self.created()
        self.assertEqual(
            {"_name_id": new.id}, self.finish(volume, new, "in-use")
        )
        self.assertEqual([], self.calls())

    def test_a_second_time_it_is_the_newest(self) -> None:
        volume = self.created(_name_id=self.created().id)
        new = self.created()
        self.assertEqual({"_name_id": new.id}, self.finish(volume, new))

    def test_from_elsewhere_it_gets_the_user_s_name(self) -> None:
        volume, new = self.record(host=ELSEWHERE), self.created()
        self.assertEqual({"_name_id": None}, self.finish(volume, new))
        self.assertEqual([f"os--volume-{volume.id}"], list(self.volumes()))

    def test_the_name_is_taken_and_nobody_knew(self) -> None:
        volume, new = self.created(), self.created()
        volume.update({"host": ELSEWHERE, "provider_id": None})
        self.assertEqual({"_name_id": new.id}, self.finish(volume, new))
        self.assertEqual(
            {base.name_of(volume), base.name_of(new)}, set(self.volumes())
        )

    def test_renamed_before_and_nobody_heard(self) -> None:
        volume, new = self.record(host=ELSEWHERE), self.created()
        self.simulator.add_fault(
            call="*", nth=2, count=99, **FAULTS["dropped_after"]
        )
        self.assertRaises(
            exception.VolumeBackendAPIException, self.finish, volume, new
        )
        self.simulator.clear_faults()
        self.assertEqual([f"os--volume-{volume.id}"], list(self.volumes()))
        self.assertEqual({"_name_id": None}, self.finish(volume, new))

    @ddt.data(*itertools.product(FAULTS, (1, 2, 3), (1, 99)))
    @ddt.unpack
    def test_with_a_fault_the_answer_is_true(
        self, fault: str, nth: int, count: int
    ) -> None:
        """Whatever happens, the record names the object, or stays as it is."""
        volume, new = self.record(host=ELSEWHERE), self.created()
        self.simulator.add_fault(
            call="*", nth=nth, count=count, **FAULTS[fault]
        )
        try:
            update = self.finish(volume, new)
        except exception.CinderException:
            update = None
        self.simulator.clear_faults()
        [name] = self.volumes()
        if update is None:
            self.assertIn(
                name,
                {f"os--volume-{volume.id}", f"os--volume-{new.id}"},
            )
            return
        chosen = update["_name_id"] or volume.id
        self.assertEqual(f"os--volume-{chosen}", name)
