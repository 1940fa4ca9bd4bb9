# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is in the way of the driver of Cinder's own tree."""

from typing import Any

from cinder import objects
from cinder.volume.drivers import storpool as in_tree
import ddt
from oslo_config import cfg

from cinder_storpool import departure
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import Status
from tests.unit.cinder import base
from tests.unit.cinder import managed

OTHER = "11111111-2222-4333-8444-555555555555"


@ddt.ddt
class DepartureTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.driver = self.manager.driver
        self.override_config("host", "ctl")
        self.override_config("enabled_backends", ["storpool"])
        self.override_config("volume_driver", managed.OURS, group="storpool")

    def found(self, *statuses: Status) -> list[Finding]:
        """What is to be done, or what has one of the statuses."""
        wanted = statuses or (Status.FAILED, Status.WARNING)
        return [
            each
            for each in departure.findings(cfg.CONF)
            if each.status in wanted
        ]

    def one(self) -> Finding:
        [finding] = self.found()
        return finding

    def migrated(self, **fields: Any) -> objects.Volume:
        volume = self.make()
        self.migrate(volume, self.make())
        volume.update(fields)
        volume.save()
        return volume

    def test_nothing_is_to_be_done(self) -> None:
        volume = self.make()
        self.make_snapshot(volume)
        self.make(source_volid=volume.id)
        self.record(status="error")
        self.record(host="other@storpool#default", status="available")
        self.assertEqual([], self.found())
        [summary] = self.found(Status.OK)
        self.assertIn("3 volumes and 1 snapshots", summary.found)

    def test_a_migrated_volume_and_what_is_told_does_it(self) -> None:
        volume = self.migrated()
        finding = self.one()
        self.assertIs(Status.FAILED, finding.status)
        self.assertEqual(f"volume {volume.id}", finding.check)
        name, wanted = base.name_of(volume), f"os--volume-{volume.id}"
        self.assertIn(f"VolumeUpdate {name}", finding.advice)
        self.assertIn(f'{{"rename": "{wanted}"}}', finding.advice)
        self.cluster.volume_update(name, VolumeUpdateDesc(rename=wanted))
        volume.update({"_name_id": None})
        volume.save()
        self.assertEqual([], self.found())
        self.expect_in_tree_to_extend(volume)

    def expect_in_tree_to_extend(self, volume: objects.Volume) -> None:
        """The other driver finds the volume's data."""
        self.use_in_tree_configuration()
        driver = self.start_driver(in_tree.StorPoolDriver)
        driver.extend_volume(volume, 5)
        found = self.volumes()[f"os--volume-{volume.id}"]
        self.assertEqual(5 * base.GIB, found.size)

    def test_a_migrated_volume_in_use(self) -> None:
        self.migrated(status="in-use")
        finding = self.one()
        self.assertIn("it is in-use", finding.found)
        self.assertTrue(finding.advice.startswith("detach it; "))

    def test_a_migrated_volume_whose_name_is_taken(self) -> None:
        volume = self.migrated()
        other = self.make()
        self.cluster.volume_update(
            base.name_of(other),
            VolumeUpdateDesc(rename=f"os--volume-{volume.id}"),
        )
        other.destroy()
        finding = self.one()
        self.assertIn("which is there too", finding.found)
        self.assertNotIn("VolumeUpdate", finding.advice)

    @ddt.data(
        ({"migration_status": "migrating"}, "lose the data"),
        ({"status": "creating"}, "wait"),
        ({"status": "deleting"}, "wait"),
    )
    @ddt.unpack
    def test_a_volume_on_its_way(
        self, fields: dict[str, Any], word: str
    ) -> None:
        volume = self.make()
        volume.update(fields)
        volume.save()
        self.assertIn(word, self.one().advice)

    def test_objects_that_are_not_there(self) -> None:
        volume = self.make()
        snapshot = self.make_snapshot(volume)
        self.empty_the_cluster()
        self.assertEqual(
            [f"volume {volume.id}", f"snapshot {snapshot.id}"],
            [each.check for each in self.found()],
        )

    def test_a_snapshot_on_its_way(self) -> None:
        snapshot = self.make_snapshot(self.make())
        snapshot.update({"status": "deleting"})
        snapshot.save()
        self.assertEqual(f"snapshot {snapshot.id}", self.one().check)

    @ddt.data(
        ({"storpool:template": "nvme"}, "storpool_template = nvme"),
        (
            {"storpool:template": "nvme", "storpool_template": "hybrid"},
            "storpool_template = nvme",
        ),
        ({"storpool:iops": "5"}, "limits"),
        ({"storpool:qos_class": "gold"}, "limits"),
    )
    @ddt.unpack
    def test_types_that_say_more(
        self, specs: dict[str, str], word: str
    ) -> None:
        self.typed(**specs)
        finding = self.one()
        self.assertIs(Status.WARNING, finding.status)
        self.assertIn(word, finding.advice)

    @ddt.data(
        {"storpool_template": "nvme"},
        {"storpool:template": "nvme", "storpool_template": "nvme"},
        {"multiattach": "<is> True"},
    )
    def test_types_that_it_understands(self, specs: dict[str, str]) -> None:
        self.typed(**specs)
        self.assertEqual([], self.found())

    @ddt.data(("<is> True", 1), ("<is> False", 0))
    @ddt.unpack
    def test_groups_at_one_instant(self, consistent: str, count: int) -> None:
        group = self.group_record(self.group_type(consistent))
        self.assertEqual(
            [f"group {group.id}"] * count,
            [each.check for each in self.found()],
        )

    @ddt.data(
        ("storpool_volume_prefix", "cloud2", "SP_OPENSTACK_VOLUME_PREFIX"),
        ("storpool_tag_instances", True, "storpool_tag_instances = False"),
        ("storpool_qos_class", "gold", "template"),
        ("storpool_template_as_qos_class", True, "class of that name"),
    )
    @ddt.unpack
    def test_options(self, name: str, value: Any, word: str) -> None:
        self.override_config(name, value, group="storpool")
        finding = self.one()
        self.assertEqual("back end storpool", finding.check)
        self.assertIn(word, finding.advice)

    def test_the_same_prefix(self) -> None:
        self.override_config("storpool_volume_prefix", "os", group="storpool")
        self.assertEqual([], self.found())

    def test_a_cluster_of_its_own(self) -> None:
        self.override_config(
            "storpool_api_addresses", ["127.0.0.1:1"], group="storpool"
        )
        first, second = self.found()
        self.assertIn("storpool.conf is of this cluster", first.advice)
        self.assertIn("storpool_api_token_file", second.found)

    def test_a_cluster_of_services(self) -> None:
        volume = self.make(cluster_name="c@storpool#template_hybrid")
        self.record(status="available")
        volume.update({"_name_id": OTHER})
        volume.save()
        list(departure.findings(cfg.CONF))
        self.override_config("cluster", "c")
        first, second = self.found()
        self.assertIn(
            "cinder-manage cluster rename c@storpool ''", first.advice
        )
        self.assertEqual(f"volume {volume.id}", second.check)

    def test_the_api_is_away(self) -> None:
        self.write_conf(port=1)
        self.override_config("storpool_api_deadline", 1.0, group="storpool")
        self.assertIn("doctor", self.one().advice)

    @ddt.data("cinder.volume.drivers.lvm.LVM", departure.IN_TREE)
    def test_no_backend_of_ours(self, volume_driver: str) -> None:
        self.override_config("volume_driver", volume_driver, group="storpool")
        finding = self.one()
        self.assertEqual("back ends", finding.check)
        self.assertIs(Status.FAILED, finding.status)
