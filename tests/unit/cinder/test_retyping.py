# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Other types for a volume that stays where it is."""

from typing import Any

from cinder import exception
from cinder import objects
from cinder.volume import volume_types
import ddt

from storpool_common.api.templates import VolumeTemplateCreateDesc
from storpool_common.api.volumes import VolumeUpdateDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.test_volumes import VolumesTestCase

NVME = f"{base.BACKEND}#template_nvme"
HYBRID = f"{base.BACKEND}#template_hybrid"
DEFAULT = f"{base.BACKEND}#default"


@ddt.ddt
class RetypeTest(VolumesTestCase):
    def type_of(self, **specs: str) -> objects.VolumeType:
        return objects.VolumeType.get_by_id(self.admin, self.typed(**specs))

    def retype(self, volume: Any, host: str = NVME, **specs: str) -> Any:
        new = self.type_of(**specs)
        diff, _ = volume_types.volume_types_diff(
            self.admin, volume.volume_type_id, new.id
        )
        return self.driver.retype(
            self.admin, volume, new, diff, {"host": host}
        )

    def test_another_template_in_one_call(self) -> None:
        volume = self.created()
        self.assertIs(True, self.retype(volume, storpool_template="nvme"))
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.assertEqual([{"template": "nvme"}], self.bodies("VolumeUpdate"))
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_attached_it_stays_attached(self) -> None:
        volume = self.created()
        self.attach(base.name_of(volume), base.COMPUTE_1)
        self.assertIs(True, self.retype(volume))
        self.assertEqual("nvme", self.found(volume).template_name)
        self.assertEqual(
            [base.COMPUTE_1], self.clients_of(base.name_of(volume))
        )

    def test_after_a_migration_it_is_the_volume_s_own_object(self) -> None:
        volume = self.created()
        other = self.created()
        volume.update({"_name_id": other.id})
        self.assertIs(True, self.retype(volume))
        self.assertEqual("nvme", self.found(other).template_name)
        self.assertEqual(
            "hybrid", self.volumes()[f"os--volume-{volume.id}"].template_name
        )

    def test_a_scoped_spec_needs_no_other_pool(self) -> None:
        volume = self.created()
        self.retype(volume, HYBRID, **{"storpool:template": "nvme"})
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_template_and_limits_together(self) -> None:
        volume = self.created()
        self.retype(
            volume,
            **{
                "storpool:iops": "500",
                "storpool:bandwidth": "2048",
                "storpool:limit_type": "perGiB",
            },
        )
        self.assertEqual(["VolumeUpdate"], self.calls())
        found = self.found(volume)
        self.assertEqual(
            ("nvme", 500, 2048, "perGiB"),
            (found.template_name, found.iops, found.bw, found.limit_type),
        )

    def test_limits_of_the_old_type_go(self) -> None:
        """What the template says comes in their place."""
        self.cluster.volume_template_create(
            VolumeTemplateCreateDesc(
                name="slow", replication=2, place_all="default", iops=100
            )
        )
        volume = self.created(
            volume_type_id=self.typed(
                **{"storpool:iops": "5", "storpool:limit_type": "perGiB"}
            )
        )
        self.retype(volume, f"{base.BACKEND}#template_slow")
        found = self.found(volume)
        self.assertEqual((100, "total"), (found.iops, found.limit_type))

    def test_limits_go_where_there_is_no_template(self) -> None:
        volume = self.created(
            host=DEFAULT, volume_type_id=self.typed(**{"storpool:iops": "5"})
        )
        self.assertIs(True, self.retype(volume, DEFAULT))
        self.assertEqual("-", self.found(volume).iops)
        self.assertEqual([{"iops": "-"}], self.bodies("VolumeUpdate"))

    def test_another_class_and_none(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:qos_class": "gold"})
        )
        self.retype(volume, **{"storpool:qos_class": "silver"})
        self.assertEqual({"qc": "silver"}, self.found(volume).tags)
        self.retype(volume)
        self.assertEqual({}, self.found(volume).tags)

    def test_from_a_template_to_its_class(self) -> None:
        """The way of a site from a template for each class to one."""
        self.driver = self.start_driver(
            storpool_qos_classes=["nvme"], storpool_template_as_qos_class=True
        )
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:template": "nvme"})
        )
        self.simulator.clear_requests()
        for _ in range(2):
            self.retype(
                volume,
                **{
                    "storpool:template": "hybrid",
                    "storpool:qos_class": "nvme",
                },
            )
        self.assertEqual(["VolumeUpdate"] * 2, self.calls())
        found = self.found(volume)
        self.assertEqual(
            ("hybrid", {"qc": "nvme"}), (found.template_name, found.tags)
        )

    def test_tags_of_others_stay(self) -> None:
        volume = self.created()
        self.tag(volume, {"vc-policy": "daily", "qc": "by-hand"})
        self.retype(volume)
        self.assertEqual(
            {"vc-policy": "daily", "qc": "by-hand"}, self.found(volume).tags
        )

    def tag(self, volume: Any, tags: dict[str, str]) -> None:
        self.cluster.volume_update(
            base.name_of(volume), VolumeUpdateDesc(tags=tags)
        )

    def test_out_of_a_type_that_cannot_be(self) -> None:
        """Nothing of it was ever applied, and this is the way out."""
        volume = self.created()
        volume.volume_type_id = self.typed(**{"storpool:iops": "many"})
        volume.save()
        volume.refresh()
        self.assertIs(True, self.retype(volume, **{"storpool:iops": "7"}))
        self.assertEqual(7, self.found(volume).iops)

    @ddt.data(
        ({}, "-"),
        ({"storpool:iops": "100"}, 100),
    )
    @ddt.unpack
    def test_out_of_a_class_that_is_not_listed(
        self, specs: dict[str, str], iops: object
    ) -> None:
        """The volume got it before the classes were listed."""
        volume = self.created(
            volume_type_id=self.typed(**{"storpool:qos_class": "old"})
        )
        self.driver = self.start_driver(storpool_qos_classes=["gold"])
        self.assertIs(True, self.retype(volume, **specs))
        found = self.found(volume)
        self.assertEqual((iops, {}), (found.iops, found.tags))

    def test_a_backend_s_name_is_the_scheduler_s_matter(self) -> None:
        volume = self.created(
            volume_type_id=self.typed(volume_backend_name="storpool")
        )
        self.assertIs(True, self.retype(volume))

    def test_nothing_to_change_is_no_call(self) -> None:
        volume = self.created(host=DEFAULT)
        self.assertIs(True, self.retype(volume, DEFAULT, description="x"))
        self.assertEqual([], self.calls())

    def test_out_of_any_template_it_has_to_be_copied(self) -> None:
        volume = self.created()
        self.assertIs(False, self.retype(volume, DEFAULT))
        self.assertEqual([], self.calls())

    @ddt.data(
        {"storpool:iops": "many"},
        {"storpool:iops": "0"},
        {"storpool:bandwidth": "-5"},
        {"storpool:bandwidth": "٣"},
        {"storpool:limit_type": "per GiB"},
        {"storpool:qos_class": "über"},
        {"storpool:qos_class": ""},
        {"storpool:qos_class": "gold", "storpool:iops": "5"},
    )
    def test_impossible_limits(self, specs: dict[str, str]) -> None:
        volume = self.created()
        raised = self.assertRaises(
            exception.InvalidVolumeType, self.retype, volume, **specs
        )
        for key in specs:
            self.assertIn(key.removeprefix("storpool:"), raised.msg)
        self.assertIn(volume.id, raised.msg)
        self.assertEqual([], self.calls())


class ManagedTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()
        self.simulator.clear_requests()

    def retype(self, host: str, policy: str = "never", **specs: str) -> str:
        new = self.typed(**specs)
        self.volume.previous_status = self.volume.status
        self.volume.status = "retyping"
        self.volume.save()
        self.manager.retype(
            self.admin,
            self.volume,
            new,
            {"host": host},
            migration_policy=policy,
        )
        self.volume.refresh()
        self.assertEqual(new, self.volume.volume_type_id)
        return str(self.volume.status)

    def test_retype(self) -> None:
        self.assertEqual(
            "available", self.retype(NVME, storpool_template="nvme")
        )
        self.assertEqual(NVME, self.volume.host)
        self.assertEqual("VolumeUpdate", self.calls()[0])
        found = self.volumes()[base.name_of(self.volume)]
        self.assertEqual("nvme", found.template_name)

    def test_retype_in_use_with_a_snapshot(self) -> None:
        self.make_snapshot(self.volume)
        self.volume.update({"status": "in-use"})
        self.volume.save()
        self.assertEqual("in-use", self.retype(NVME))

    def test_retype_to_a_type_without_backend_name(self) -> None:
        self.volume.volume_type_id = self.typed(volume_backend_name="storpool")
        self.volume.save()
        self.volume.refresh()
        self.assertEqual("available", self.retype(HYBRID))
