# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The classes that os-brick and Cinder ship find what they expect."""

from unittest import mock
import uuid

from cinder.volume import configuration
from cinder.volume.drivers import storpool as in_tree_driver
import fixtures
from os_brick import exception
from os_brick.initiator.connectors import storpool as in_tree_connector
import testtools

from storpool_simulator import testing
from tests.functional.simulator import base

GET_CONF = "os_brick.initiator.storpool_utils.get_conf"


def values(simulator, client):
    """What os-brick reads from storpool.conf."""
    return {
        "SP_API_HTTP_HOST": simulator.host,
        "SP_API_HTTP_PORT": str(simulator.port),
        "SP_AUTH_TOKEN": simulator.token,
        "SP_OURID": str(client),
        "SP_OPENSTACK_VOLUME_PREFIX": "os",
    }


class BrickTest(base.LoopTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MockPatch(
                GET_CONF, return_value=values(self.simulator, 1)
            )
        )
        self.useFixture(
            fixtures.MockPatchObject(
                in_tree_connector,
                "DEV_STORPOOL_BYID",
                self.dev / "storpool-byid",
            )
        )
        self.connector = in_tree_connector.StorPoolConnector("sudo")
        self.volume_id = str(uuid.uuid4())
        self.name = f"os--volume-{self.volume_id}"
        self.create(self.name)

    def connect(self, mode="rw"):
        properties = {
            "client_id": 1,
            "volume": self.volume_id,
            "access_mode": mode,
        }
        return properties, self.connector.connect_volume(properties)

    def test_attach_list_detach(self):
        properties, info = self.connect()
        disk = self.disk(info["path"])
        disk.write(0, "through os-brick")
        (attachment,) = self.api.attachments_list()
        self.assertEqual(
            (self.name, 1, "rw"),
            (attachment.volume, attachment.client, attachment.rights),
        )
        disk.close()
        self.connector.disconnect_volume(properties, info)
        self.assertEqual([], self.api.attachments_list())
        self.assertEqual({}, self.links())

    def test_detach_of_an_open_device_ends_in_force(self):
        properties, info = self.connect()
        disk = self.disk(info["path"])
        with mock.patch("time.sleep"):
            self.connector.disconnect_volume(properties, info)
        self.assertEqual([], self.api.attachments_list())
        self.assertRaises(OSError, disk.write, 0, "lost")
        calls = [
            each["body"]["reassign"][0]["force"]
            for each in self.simulator.requests()
            if each["path"].endswith("VolumesReassignWait")
            and "detach" in each["body"]["reassign"][0]
        ]
        self.assertEqual([False] * 10 + [True], calls)

    def test_errors_are_understood(self):
        self.volume_id = "none"
        raised = self.assertRaises(exception.BrickException, self.connect)
        self.assertIn("objectDoesNotExist", str(raised))

    def test_client_class(self):
        api = self.connector._sp_api
        api.volumes_reassign([{"volume": self.name, "rw": ["2"]}])
        self.assertEqual([2], [x.client for x in self.api.attachments_list()])
        api.volumes_reassign_wait([{"volume": self.name, "detach": "all"}])
        info = api.volume_get_info(self.name)
        (listed,) = api.volume(self.name)
        self.assertEqual(info["globalId"], listed["globalId"])
        self.assertEqual({}, listed["tags"])
        api.volume_update(self.name, {"tags": {"qc": "gold"}})
        (listed,) = api.volumes_list()
        self.assertEqual({"qc": "gold"}, listed["tags"])


class CinderTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.simulator = self.useFixture(testing.SimulatorFixture())
        self.useFixture(
            fixtures.MockPatch(
                GET_CONF, return_value=values(self.simulator, 3)
            )
        )
        options = mock.create_autospec(configuration.Configuration)
        options.storpool_template = "hybrid"
        options.storpool_replication = 3
        options.safe_get.return_value = None
        self.database = mock.Mock()
        self.driver = in_tree_driver.StorPoolDriver(
            configuration=options, host="ctl@storpool"
        )
        self.driver.db = self.database
        self.driver.check_for_setup_error()
        self.api = self.driver._sp_api

    def volume(self, size=1):
        return {"id": str(uuid.uuid4()), "size": size, "volume_type": None}

    def names(self):
        return {each["name"] for each in self.api.volumes_list()}

    def test_life_of_a_volume(self):
        volume, clone, restored = (self.volume() for _ in range(3))
        self.driver.create_volume(volume)
        self.driver.extend_volume(volume, 2)
        snapshot = {"id": str(uuid.uuid4()), "volume_id": volume["id"]}
        self.driver.create_snapshot(snapshot)
        restored["size"] = clone["size"] = 2
        self.driver.create_volume_from_snapshot(restored, snapshot)
        self.database.volume_get.return_value = volume
        self.driver.create_cloned_volume(clone, volume)
        self.driver.revert_to_snapshot(None, volume, snapshot)
        everything = (volume, clone, restored)
        self.assertEqual(
            {f"os--volume-{each['id']}" for each in everything}, self.names()
        )
        self.driver.delete_snapshot(snapshot)
        for each in everything:
            self.driver.delete_volume(each)
        self.driver.delete_volume(volume)
        self.assertEqual(set(), self.names())

    def test_capacity(self):
        stats = self.driver.get_volume_stats(refresh=True)
        self.assertEqual(
            ["default", "template_hybrid", "template_nvme"],
            [pool["pool_name"] for pool in stats["pools"]],
        )
        for pool in stats["pools"]:
            self.assertEqual(192, pool["total_capacity_gb"])
            self.assertAlmostEqual(
                64 * 4096 / 4224, pool["free_capacity_gb"], places=6
            )

    def test_names_are_swapped_after_a_migration(self):
        old, new = self.volume(), self.volume()
        new["_name_id"] = None
        for each in (old, new):
            self.driver.create_volume(each)
        (wanted,) = self.api.volume(f"os--volume-{new['id']}")
        self.driver.update_migrated_volume(None, old, new, "available")
        (found,) = self.api.volume(f"os--volume-{old['id']}")
        self.assertEqual(wanted["globalId"], found["globalId"])
