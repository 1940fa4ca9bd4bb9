# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A backend that says itself which cluster it is."""

import pathlib
from typing import Any

from cinder import exception
from cinder.scheduler.filters import capabilities_filter
import ddt
import fixtures

from storpool_common import client
from storpool_simulator import testing
from tests.unit.cinder import base


@ddt.ddt
class SettingsTest(base.ClusterTestCase):
    def token_file(self, content: str) -> str:
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        file = directory / "token"
        file.write_text(content)
        return str(file)

    def of(self, simulator: Any, **options: Any) -> dict[str, Any]:
        """What a backend's section says about a cluster."""
        return {
            "storpool_api_addresses": [str(simulator.settings.addresses[0])],
            "storpool_api_token_file": self.token_file(simulator.token + "\n"),
            **options,
        }

    def refusal(self, **options: Any) -> str:
        made = self.make_driver(**options)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, made.do_setup, self.admin
        )
        return str(raised.msg)

    def test_two_clusters_in_one_service(self) -> None:
        second = self.useFixture(testing.SimulatorFixture())
        other = client.Client(second.settings)
        self.addCleanup(other.close)
        here = self.start_driver()
        there = self.make_driver(group="second", **self.of(second))
        there.do_setup(self.admin)
        there.check_for_setup_error()
        volumes = self.record(), self.record()
        here.create_volume(volumes[0])
        there.create_volume(volumes[1])
        self.assertEqual({base.name_of(volumes[0])}, set(self.volumes()))
        self.assertEqual(
            [base.name_of(volumes[1])], [v.name for v in other.volumes_list()]
        )

    def test_storpool_conf_is_not_looked_at(self) -> None:
        for name in ("STORPOOL_CONF", "STORPOOL_CONF_DIR"):
            self.useFixture(fixtures.EnvironmentVariable(name, "/nowhere"))
        self.useFixture(
            fixtures.EnvironmentVariable("SP_AUTH_TOKEN", "not-this-one")
        )
        driver = self.start_driver(
            **self.of(self.simulator, storpool_cluster_id="x.y")
        )
        volume = self.record()
        driver.create_volume(volume)
        info = driver.initialize_connection(volume, base.old_connector("c"))
        self.assertEqual("x.y", info["data"]["cluster_id"])
        self.assertEqual(65, info["data"]["client_id"])

    def test_a_cluster_that_says_no_id_gets_none(self) -> None:
        """That of storpool.conf is another cluster's."""
        driver = self.start_driver(**self.of(self.simulator))
        for pool in driver.get_volume_stats(True)["pools"]:
            self.assertNotIn("location_info", pool)

    @ddt.data({}, {"storpool_volume_prefix": "west"})
    def test_the_prefix(self, options: dict[str, str]) -> None:
        driver = self.start_driver(**options)
        volume = self.record()
        driver.create_volume(volume)
        prefix = options.get("storpool_volume_prefix", "os")
        self.assertEqual(
            [f"{prefix}--volume-{volume.id}"], list(self.volumes())
        )

    def test_a_prefix_with_a_cluster_of_its_own(self) -> None:
        driver = self.start_driver(
            **self.of(self.simulator, storpool_volume_prefix="west")
        )
        volume = self.record()
        driver.create_volume(volume)
        self.assertEqual([f"west--volume-{volume.id}"], list(self.volumes()))

    def test_https(self) -> None:
        made = self.make_driver(
            **self.of(
                self.simulator,
                storpool_api_tls=True,
                storpool_api_ca_file="/etc/ssl/storpool.pem",
            )
        )
        made.do_setup(self.admin)
        tls = made._client._settings.tls
        self.assertIs(True, tls.verify)
        self.assertEqual("/etc/ssl/storpool.pem", tls.ca_file)

    @ddt.data("storpool_api_addresses", "storpool_api_token_file")
    def test_one_without_the_other(self, name: str) -> None:
        options = self.of(self.simulator)
        said = self.refusal(**{name: options[name]})
        self.assertIn("storpool_api_addresses", said)
        self.assertIn("storpool_api_token_file", said)

    @ddt.data("", " \n", "tök")
    def test_a_file_without_a_token(self, content: str) -> None:
        options = self.of(self.simulator)
        file = self.token_file(content)
        said = self.refusal(**{**options, "storpool_api_token_file": file})
        self.assertIn(f"storpool_api_token_file = {file}", said)
        self.assertNotIn("tök", said)

    def test_no_such_file(self) -> None:
        options = self.of(self.simulator)
        said = self.refusal(**{**options, "storpool_api_token_file": "/no/t"})
        self.assertIn("/no/t", said)

    def test_a_wrong_token_names_its_file(self) -> None:
        file = self.token_file("987654321")
        options = self.of(self.simulator)
        made = self.make_driver(**{**options, "storpool_api_token_file": file})
        made.do_setup(self.admin)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, made.check_for_setup_error
        )
        self.assertIn(file, raised.msg)
        self.assertNotIn("987654321", raised.msg)

    def test_an_address_that_is_none(self) -> None:
        options = self.of(self.simulator)
        said = self.refusal(
            **{**options, "storpool_api_addresses": ["http://x"]}
        )
        self.assertIn("http://x", said)

    def test_nobody_listens_there(self) -> None:
        options = self.of(self.simulator)
        made = self.make_driver(
            **{**options, "storpool_api_addresses": ["127.0.0.1:1"]}
        )
        made.do_setup(self.admin)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, made.check_for_setup_error
        )
        self.assertIn("storpool_api_addresses", raised.msg)


class OnePoolTest(base.ClusterTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver(
            storpool_one_pool=True, storpool_template="hybrid"
        )

    def test_it_has_every_template_and_volume(self) -> None:
        for template in ("hybrid", "nvme"):
            self.driver.create_volume(
                self.record(
                    size=2,
                    host=f"{base.BACKEND}#default",
                    volume_type_id=self.typed(storpool_template=template),
                )
            )
        [pool] = self.driver.get_volume_stats(True)["pools"]
        self.assertEqual("default", pool["pool_name"])
        self.assertEqual(["hybrid", "nvme"], pool["storpool_template"])
        self.assertEqual(
            (4, 2), (pool["provisioned_capacity_gb"], pool["total_volumes"])
        )
        self.assertLess(0, pool["free_capacity_gb"])

    def test_the_type_chooses_the_template(self) -> None:
        volume = self.record(
            host=f"{base.BACKEND}#default",
            volume_type_id=self.typed(storpool_template="nvme"),
        )
        self.driver.create_volume(volume)
        [found] = self.volumes().values()
        self.assertEqual("nvme", found.template_name)

    def test_the_scheduler_keeps_a_retyped_volume_where_it_is(self) -> None:
        [pool] = self.driver.get_volume_stats(True)["pools"]
        scheduler = capabilities_filter.CapabilitiesFilter()
        for template, fits in (("nvme", True), ("gold", False)):
            wanted = {"extra_specs": {"storpool_template": template}}
            self.assertIs(
                fits,
                scheduler._satisfies_extra_specs(
                    pool, {"resource_type": wanted}
                ),
            )

    def test_volumes_of_former_pools_stay_theirs(self) -> None:
        volume = self.record(host=f"{base.BACKEND}#template_nvme")
        self.driver.create_volume(volume)
        [found] = self.volumes().values()
        self.assertEqual("nvme", found.template_name)
        volume.host = base.BACKEND
        self.assertEqual("default", self.driver.get_pool(volume))

    def test_an_expression_names_no_template(self) -> None:
        volume = self.record(
            host=f"{base.BACKEND}#default",
            volume_type_id=self.typed(
                storpool_template="<or> hybrid <or> nvme"
            ),
        )
        raised = self.assertRaises(
            exception.InvalidVolumeType, self.driver.create_volume, volume
        )
        self.assertIn("Name one template", raised.msg)


class PropertiesTest(base.ClusterTestCase):
    def test_the_api_s_users_can_look_them_up(self) -> None:
        driver = self.start_driver()
        driver.init_capabilities()
        properties = driver.capabilities["properties"]
        self.assertEqual(
            ["hybrid", "nvme"], properties["storpool:template"]["enum"]
        )
        for name in ("qos_class", "iops", "bandwidth", "limit_type"):
            self.assertIn(f"storpool:{name}", properties)

    def test_classes_are_named_where_they_are_known(self) -> None:
        driver = self.start_driver(storpool_qos_classes=["gold", "bronze"])
        driver.init_capabilities()
        properties = driver.capabilities["properties"]
        self.assertEqual(
            ["bronze", "gold"], properties["storpool:qos_class"]["enum"]
        )

    def test_without_the_api_there_are_fewer(self) -> None:
        driver = self.start_driver()
        self.simulator.add_fault(
            call="*", action="error", name="x", count=99, transient=False
        )
        driver.init_capabilities()
        properties = driver.capabilities["properties"]
        self.assertEqual([], properties["storpool:template"]["enum"])
