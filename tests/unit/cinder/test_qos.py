# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Limits and QoS classes of new volumes, from types and QoS specs."""

from typing import Any

from cinder import exception
from cinder.volume import qos_specs
import ddt

from tests.unit.cinder import base
from tests.unit.cinder.test_volumes import VolumesTestCase

DEFAULT = f"{base.BACKEND}#default"


@ddt.ddt
class QosTest(VolumesTestCase):
    def with_qos(
        self, consumer: str, specs: dict[str, str], **extra: str
    ) -> str:
        """A type with QoS specs and extra specs."""
        type_id = self.typed(**extra)
        made = qos_specs.create(
            self.admin, f"of-{type_id}", {"consumer": consumer, **specs}
        )
        qos_specs.associate_qos_with_type(self.admin, made.id, type_id)
        return type_id

    def limits(self, volume: Any) -> Any:
        found = self.volumes()[base.name_of(volume)]
        return found.iops, found.bw, found.limit_type, found.tags

    def test_extra_specs(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(
                **{"storpool:iops": "100", "storpool:limit_type": "perGiB"}
            )
        )
        self.assertEqual((100, "-", "perGiB", {}), self.limits(volume))

    @ddt.data("back-end", "both")
    def test_qos_specs_for_the_back_end_win(self, consumer: str) -> None:
        volume = self.created(
            volume_type_id=self.with_qos(
                consumer,
                {"iops": "7", "storpool:bandwidth": "512"},
                **{"storpool:iops": "100"},
            )
        )
        self.assertEqual((7, 512, None, {}), self.limits(volume))

    def test_qos_specs_for_the_host_are_the_host_s(self) -> None:
        volume = self.created(
            volume_type_id=self.with_qos("front-end", {"iops": "7"})
        )
        self.assertEqual(("-", "-", None, {}), self.limits(volume))

    def test_a_user_who_is_no_admin_gets_them_too(self) -> None:
        type_id = self.with_qos("back-end", {"iops": "7"})
        volume = self.record(volume_type_id=type_id)
        volume._context = self.admin
        volume.volume_type._context.is_admin = False
        self.addCleanup(setattr, volume.volume_type._context, "is_admin", True)
        self.driver.create_volume(volume)
        self.assertEqual(7, self.limits(volume)[0])

    def test_a_class(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:qos_class": "tier-1"})
        )
        self.assertEqual({"qc": "tier-1"}, self.limits(volume)[3])

    def test_any_class_where_none_is_known_to_us(self) -> None:
        """The API tells no classes; the QoS service may know this one."""
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:qos_class": "unheard-of"})
        )
        self.assertEqual({"qc": "unheard-of"}, self.limits(volume)[3])

    @ddt.data("storpool_template", "storpool:template")
    def test_a_template_that_is_a_class(self, spec: str) -> None:
        self.driver = self.start_driver(
            storpool_qos_classes=["nvme"],
            storpool_qos_class="nvme",
            storpool_template_as_qos_class=True,
        )
        volume = self.created(volume_type_id=self.typed(**{spec: "nvme"}))
        self.assertEqual({"qc": "nvme"}, self.limits(volume)[3])

    def test_a_template_that_is_none(self) -> None:
        self.driver = self.start_driver(
            storpool_qos_classes=["gold"], storpool_template_as_qos_class=True
        )
        volume = self.created(
            volume_type_id=self.typed(storpool_template="nvme")
        )
        self.assertEqual({}, self.limits(volume)[3])

    def test_limits_of_the_type_take_the_place_of_that(self) -> None:
        self.driver = self.start_driver(
            storpool_qos_classes=["nvme"], storpool_template_as_qos_class=True
        )
        volume = self.created(
            volume_type_id=self.typed(
                **{"storpool:template": "nvme", "storpool:iops": "100"}
            )
        )
        self.assertEqual((100, {}), self.limits(volume)[::3])

    def test_the_option_is_for_types_that_say_nothing(self) -> None:
        self.driver = self.start_driver(storpool_qos_class="bronze")
        plain = self.created()
        limited = self.created(
            volume_type_id=self.typed(**{"storpool:iops": "100"})
        )
        self.assertEqual({"qc": "bronze"}, self.limits(plain)[3])
        self.assertEqual((100, {}), self.limits(limited)[::3])

    def test_a_clone_has_those_of_its_own_type(self) -> None:
        source = self.created(
            volume_type_id=self.typed(**{"storpool:iops": "100"})
        )
        clone = self.record(
            volume_type_id=self.typed(**{"storpool:iops": "200"})
        )
        self.driver.create_cloned_volume(clone, source)
        self.assertEqual(200, self.limits(clone)[0])

    @ddt.data("clone", "snapshot")
    def test_of_no_template_a_copy_inherits_none(self, way: str) -> None:
        source = self.created(
            host=DEFAULT, volume_type_id=self.typed(**{"storpool:iops": "1"})
        )
        copy = self.record(host=DEFAULT)
        if way == "clone":
            self.driver.create_cloned_volume(copy, source)
        else:
            self.driver.create_volume_from_snapshot(copy, self.snapped(source))
        self.assertEqual("-", self.limits(copy)[0])

    def test_an_extended_volume_keeps_them(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(
                **{"storpool:iops": "3", "storpool:limit_type": "perGiB"}
            )
        )
        self.driver.extend_volume(volume, 5)
        self.assertEqual((3, "-", "perGiB", {}), self.limits(volume))

    def test_what_is_wrong_is_said_with_the_way_out(self) -> None:
        volume = self.record(
            volume_type_id=self.typed(**{"storpool:iops": "1k"})
        )
        raised = self.assertRaises(
            exception.InvalidVolumeType, self.driver.create_volume, volume
        )
        for part in (
            volume.id,
            volume.volume_type.name,
            "storpool:iops = '1k'",
            "whole number",
            "make another type and retype them",
        ):
            self.assertIn(part, raised.msg)
        self.assertEqual([], self.calls())

    def test_pools_say_that_they_have_it(self) -> None:
        stats = self.driver.get_volume_stats(True)
        self.assertEqual(
            [True] * 3, [p["QoS_support"] for p in stats["pools"]]
        )
