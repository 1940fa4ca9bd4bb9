# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What hosts are told, and which hosts are refused."""

import json
import uuid

from cinder import exception
import ddt

from tests.unit.cinder import base
from tests.unit.cinder.test_volumes import VolumesTestCase

#: As long as Linux lets a host's name be.
LONGEST_HOST = "compute-012.".ljust(64, "x")


class VolumeTest(VolumesTestCase):
    def test_everything_a_host_needs(self) -> None:
        volume = self.created(size=2)
        info = self.driver.initialize_connection(volume, base.COMP1)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(
            {
                "driver_volume_type": "storpool",
                "data": {
                    "client_id": 1,
                    "volume": volume.id,
                    "access_mode": "rw",
                    "global_id": found.global_id,
                    "name": base.name_of(volume),
                    "size": 2 * base.GIB,
                    "cluster_id": "a.b",
                    "snapshot": False,
                    "discard": True,
                },
            },
            json.loads(json.dumps(info)),
        )

    def test_one_question_and_nothing_changes(self) -> None:
        volume = self.created()
        self.driver.initialize_connection(volume, base.COMP1)
        self.assertEqual(["Volume"], self.calls())
        self.assertEqual([], self.cluster.attachments_list())

    def test_read_only_stays_read_only(self) -> None:
        """Cinder makes access_mode rw afterwards, and keeps the rest."""
        connector = {**base.COMP1, "mode": "ro"}
        data = self.driver.initialize_connection(self.created(), connector)[
            "data"
        ]
        self.assertEqual("ro", data["storpool_mode"])

    def test_after_a_migration_it_is_the_object(self) -> None:
        holder = self.created()
        volume = self.record(_name_id=holder.id)
        info = self.driver.initialize_connection(volume, base.COMP1)
        self.assertEqual(holder.id, info["data"]["volume"])
        self.assertEqual(base.name_of(holder), info["data"]["name"])

    def test_a_volume_that_is_gone(self) -> None:
        volume = self.record()
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.driver.initialize_connection,
            volume,
            base.COMP1,
        )
        self.assertIn(volume.id, raised.msg)


class SnapshotTest(VolumesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.snapshot = self.snapped(self.created())

    def test_read_only_by_name_and_global_id(self) -> None:
        data = self.driver.initialize_connection_snapshot(
            self.snapshot, base.CTL
        )["data"]
        name = base.snapshot_name_of(self.snapshot)
        self.assertEqual(name, data["name"])
        self.assertEqual(self.snapshots()[name].global_id, data["global_id"])
        self.assertEqual("ro", data["access_mode"])
        self.assertTrue(data["snapshot"])

    def test_os_brick_s_own_connector_cannot(self) -> None:
        raised = self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.initialize_connection_snapshot,
            self.snapshot,
            base.old_connector("ctl"),
        )
        self.assertIn("backup_use_temp_snapshot", raised.msg)

    def test_a_host_that_is_through_is_left_alone(self) -> None:
        name = base.snapshot_name_of(self.snapshot)
        self.attach_snapshot(name, base.CONTROLLER)
        self.simulator.clear_requests()
        self.driver.terminate_connection_snapshot(
            self.snapshot, base.CTL, force=True
        )
        self.assertEqual([], self.calls())

    def test_no_host_is_every_host(self) -> None:
        name = base.snapshot_name_of(self.snapshot)
        self.attach_snapshot(name, base.CONTROLLER, base.COMPUTE_2)
        self.driver.terminate_connection_snapshot(
            self.snapshot, None, force=True
        )
        self.assertEqual([], self.clients_of(name))


@ddt.ddt
class ClientTest(VolumesTestCase):
    def client_told(self, connector: dict[str, object]) -> int:
        volume = self.created()
        info = self.driver.initialize_connection(volume, connector)
        return int(info["data"]["client_id"])

    def test_the_host_s_own_word(self) -> None:
        told = self.client_told(base.our_connector("comp1", 2))
        self.assertEqual(2, told)

    def test_its_section_of_storpool_conf(self) -> None:
        self.assertEqual(2, self.client_told(base.old_connector("comp2")))

    def test_one_that_nobody_knows(self) -> None:
        self.assertEqual(65, self.client_told(base.old_connector("comp9")))

    @ddt.data({}, {"host": None}, {"host": ""})
    def test_without_a_host(self, connector: dict[str, object]) -> None:
        raised = self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.validate_connector,
            connector,
        )
        self.assertIn("host", raised.msg)

    def test_a_number_in_words_of_the_db(self) -> None:
        connector = {**base.COMP1, "storpool_client_id": "2"}
        self.assertEqual(2, self.client_told(connector))

    @ddt.data("one", "", True, -1)
    def test_no_number(self, client: object) -> None:
        connector = {**base.COMP1, "storpool_client_id": client}
        raised = self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.validate_connector,
            connector,
        )
        self.assertIn("SP_OURID", raised.msg)

    @ddt.data(base.COMP1, base.old_connector("comp1"))
    def test_both_connectors_will_do(
        self, connector: dict[str, object]
    ) -> None:
        self.driver.validate_connector(connector)


@ddt.ddt
class RequiredTest(VolumesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver(storpool_require_connector=True)

    def test_ours_will_do(self) -> None:
        self.driver.validate_connector(base.COMP1)

    def test_os_brick_s_own_will_not(self) -> None:
        raised = self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.validate_connector,
            base.old_connector("comp1"),
        )
        for word in ("comp1", "storpool_require_connector", "install"):
            self.assertIn(word, raised.msg)

    def shown(self, host: str, before: str = "") -> str:
        """What Nova shows of the refusal of a host.

        :param before: what Nova itself says first.
        """
        raised = self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.validate_connector,
            base.old_connector(host),
        )
        invalid = str(exception.InvalidInput(reason=""))
        return f"{before}{invalid}{invalid}{raised.msg}"[:255]

    @ddt.data("comp1", LONGEST_HOST)
    def test_what_to_do_is_in_what_nova_shows(self, host: str) -> None:
        self.assertIn(
            "install storpool-openstack, set config_source and restart, or"
            " unset storpool_require_connector:",
            self.shown(host),
        )

    def test_what_to_do_is_in_the_fault_of_a_server(self) -> None:
        shown = self.shown(
            LONGEST_HOST, f"Build of instance {uuid.uuid4()} aborted: "
        )
        self.assertIn("openstack, set config_source and restart", shown)

    def test_a_host_s_name_is_in_what_nova_shows(self) -> None:
        host = "compute-012.region-1.cloud.example.com"
        self.assertIn(f"host {host}", self.shown(host))

    def test_nor_where_cinder_asks_without_checking(self) -> None:
        self.assertRaises(
            exception.InvalidConnectorException,
            self.driver.initialize_connection,
            self.created(),
            base.old_connector("comp1"),
        )
