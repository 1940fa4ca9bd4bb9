# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The connector's interface, as Nova, Cinder and Glance use it."""

import logging
import os
import pathlib
import sys

import ddt
import fixtures
from os_brick.exception import BrickException
from os_brick.exception import NotFound
from os_brick.exception import VolumeDeviceNotFound
from os_brick.exception import VolumePathNotRemoved
from os_brick.initiator import connector as factory
from os_brick.initiator import STORPOOL

from os_brick_storpool.connector import _announce
from os_brick_storpool.connector import StorPoolConnector
from os_brick_storpool.errors import StorPoolAPIError
from os_brick_storpool.errors import StorPoolInvalid
from storpool_common.version import version
from tests.cluster_devices import MIB
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME
from tests.unit.brick.base import OPEN
from tests.unit.brick.base import VOLUME

REASSIGN = ("POST", "VolumesReassignWait")
ASK = ("GET", "Volume")
CLASS = "os_brick_storpool.connector.StorPoolConnector"


class ConstructionTest(ConnectorTestCase):
    def test_by_the_factory(self):
        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick.initiator.connector._connector_mapping_linux",
                {STORPOOL: CLASS},
            )
        )
        made = factory.InitiatorConnector.factory(
            STORPOOL,
            None,
            use_multipath=True,
            device_scan_attempts=7,
            conn={},
            expect_raw_disk=True,
            arch="x86_64",
        )
        self.assertIsInstance(made, StorPoolConnector)
        self.assertEqual(7, made.device_scan_attempts)
        self.assertFalse(made.supports_multipath())

    def test_without_a_configuration(self):
        self.useFixture(
            fixtures.EnvironmentVariable("STORPOOL_CONF", "/no/such.conf")
        )
        made = StorPoolConnector(None)
        error = self.assertRaises(
            BrickException, made.connect_volume, self.properties()
        )
        self.assertIn("/no/such.conf", str(error))

    def test_makes_nothing(self):
        before = set(os.listdir("/proc/self/fd"))
        self.make()
        self.assertEqual(before, set(os.listdir("/proc/self/fd")))
        self.assertFalse(os.path.exists(self.fixture.configuration.state_dir))
        self.assertEqual([], self.fixture.simulator.requests())

    def test_says_once_which_class_it_is(self):
        _announce.cache_clear()
        log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.make()
        self.make()
        self.assertEqual(1, log.output.count(CLASS))
        self.assertIn(version(), log.output)


class PropertiesOfTheHostTest(ConnectorTestCase):
    def setUp(self):
        super().setUp()
        self.file = self.useFixture(fixtures.TempDir()).join("storpool.conf")
        for name, value in (
            ("STORPOOL_CONF", self.file),
            ("STORPOOL_CONF_DIR", os.path.dirname(self.file) + "/none"),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))

    def _write(self, text):
        with open(self.file, "w") as file:
            file.write(text)

    def _properties(self):
        return StorPoolConnector.get_connector_properties(
            None, host="comp1", multipath=True, enforce_multipath=True
        )

    def test_complete(self):
        self._write("SP_AUTH_TOKEN=1\nSP_OURID=7\nSP_CLUSTER_ID=a.b\n")
        self.assertEqual(
            {
                "storpool_client_id": 7,
                "storpool_cluster_id": "a.b",
                "storpool_connector": version(),
            },
            self._properties(),
        )

    def test_iscsi_only(self):
        self._write("SP_AUTH_TOKEN=1\n")
        self.assertEqual({"storpool_connector": version()}, self._properties())

    def test_no_storpool(self):
        self.assertEqual({}, self._properties())

    def test_malformed(self):
        self._write("SP_AUTH_TOKEN=1\nSP_OURID=many\n")
        self.assertEqual({}, self._properties())

    def test_merged_by_os_brick(self):
        self._write("SP_AUTH_TOKEN=1\nSP_OURID=7\n")
        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick.initiator.connector.unix_connector_list", [CLASS]
            )
        )
        found = factory.get_connector_properties(
            None, "192.0.2.1", True, True, host="comp1"
        )
        self.assertEqual(7, found["storpool_client_id"])
        self.assertEqual("comp1", found["host"])


@ddt.ddt
class ConnectTest(ConnectorTestCase):
    def test_result(self):
        properties = self.properties()
        result = self.connector.connect_volume(properties)
        key = result.pop("storpool_request")
        self.assertEqual(
            {
                "type": "block",
                "path": self.fixture.devices.path(self.global_id),
            },
            result,
        )
        self.assertEqual(key, properties["storpool_request"])
        self.assertTrue(key.startswith(os.path.basename(sys.argv[0]) + ":"))
        self.assertEqual([REASSIGN], self.fixture.calls())
        self.assert_attached("rw")

    def test_old_cinder(self):
        self.connector.connect_volume(self.old_properties())
        self.assertEqual([ASK, REASSIGN], self.fixture.calls())
        self.assert_attached("rw")

    def test_same_properties_again(self):
        properties = self.properties()
        first = self.connector.connect_volume(properties)
        self.assertEqual(first, self.connector.connect_volume(properties))
        self.connector.disconnect_volume(properties, None)
        self.assert_attached(None)

    def test_owner(self):
        properties = self.properties(storpool_owner="nova:i")
        self.connector.connect_volume(properties)
        self.assertEqual(f"nova:i:{VOLUME}", properties["storpool_request"])

    def test_owner_with_an_attachment_id(self):
        properties = self.properties(
            storpool_owner="nova:i", attachment_id="7"
        )
        self.connector.connect_volume(properties)
        self.assertEqual(f"nova:i:{VOLUME}", properties["storpool_request"])

    def test_attachment_id(self):
        result = self.connector.connect_volume(
            self.properties(attachment_id="7")
        )
        self.assertEqual("attachment:7", result["storpool_request"])

    def test_given_request(self):
        properties = self.properties(storpool_request="nova:i:v")
        result = self.connector.connect_volume(properties)
        self.assertEqual("nova:i:v", result["storpool_request"])

    @ddt.data(
        ({"access_mode": "ro"}, "ro"),
        ({"access_mode": "rw", "storpool_mode": "ro"}, "ro"),
        ({"access_mode": "rw", "storpool_mode": "rw"}, "rw"),
    )
    @ddt.unpack
    def test_mode(self, given, expected):
        self.connector.connect_volume(self.properties(**given))
        self.assert_attached(expected)

    @ddt.data(None, "", "w", "wr")
    def test_no_mode(self, mode):
        self.assertRaises(
            StorPoolInvalid,
            self.connector.connect_volume,
            self.properties() | {"access_mode": mode},
        )
        self.assert_attached(None)

    def test_snapshot(self):
        name = "os--snap--none--snapshot-1"
        global_id = self.fixture.make_snapshot(NAME, name)
        properties = {
            "client_id": 1,
            "volume": VOLUME,
            "access_mode": "ro",
            "global_id": global_id,
            "name": name,
            "size": MIB,
            "snapshot": True,
        }
        result = self.connector.connect_volume(properties)
        self.assertEqual({(global_id, 1): "ro"}, self.fixture.attached())
        self.connector.disconnect_volume(properties, result)
        self.assertEqual({}, self.fixture.attached())

    def test_no_volume(self):
        self.assertRaises(
            StorPoolInvalid,
            self.connector.connect_volume,
            {"client_id": 1, "access_mode": "rw"},
        )

    def test_other_client(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.connector.connect_volume(self.properties() | {"client_id": 65})
        self.assertIn("client 65", log.output)
        self.assert_attached("rw")

    def test_no_such_volume(self):
        error = self.assertRaises(
            NotFound,
            self.connector.connect_volume,
            self.old_properties() | {"volume": "none"},
        )
        self.assertIn("os--volume-none", str(error))

    def test_device_never_appears(self):
        self.fixture.devices.absent.add(self.global_id)
        properties = self.properties()
        error = self.assertRaises(
            VolumeDeviceNotFound,
            self.connector.connect_volume,
            properties,
        )
        self.assertIn(NAME, str(error))
        self.assertIn("client 1", str(error))
        self.assertNotIn("storpool_request", properties)
        self.assert_attached(None)

    def test_error_of_the_api(self):
        self.fault(
            call="VolumesReassignWait",
            action="error",
            name="insufficientResources",
            status=507,
            count=None,
        )
        error = self.assertRaises(
            StorPoolAPIError,
            self.connector.connect_volume,
            self.properties(),
        )
        self.assertEqual("insufficientResources", error.name)
        self.assertEqual((507, False), (error.status, error.transient))
        self.assertEqual(1, error.work.client_id)

    def test_token_is_nowhere(self):
        self.fault(call="VolumesReassignWait", action="drop_before", count=99)
        log = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        error = self.assertRaises(
            StorPoolAPIError,
            self.connector.connect_volume,
            self.properties(),
        )
        self.assertTrue(error.transient)
        token = self.fixture.simulator.token
        for text in (log.output, str(error), repr(error), repr(vars(error))):
            self.assertNotIn(token, text)


class LostRecordsTest(ConnectorTestCase):
    """The records were damaged while volumes were attached."""

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.data = self.properties(storpool_owner="nova:i")
        self.data["device_path"] = self.connector.connect_volume(self.data)[
            "path"
        ]
        self.connector.close()
        state = pathlib.Path(self.fixture.configuration.state_dir)
        for file in state.glob("attachments.sqlite*"):
            file.unlink()
        (state / "attachments.sqlite").write_text("lost" * 999)

    def requests(self):
        return [one.key for one in self.fixture.open().requests()]

    def test_guest_leaves(self):
        self.connector.disconnect_volume(self.data, None)
        self.assert_attached(None)
        self.assertEqual([], self.requests())

    def test_guest_leaves_of_which_cinder_tells(self):
        data = self.properties(storpool_owner="nova:i")
        self.connector.disconnect_volume(data, None)
        self.assert_attached(None)

    def test_guest_is_started_again(self):
        self.connector.connect_volume(self.data)
        self.assertEqual([f"nova:i:{VOLUME}"], self.requests())
        self.connector.disconnect_volume(self.data, None)
        self.assert_attached(None)

    def test_guest_that_shares_it_keeps_it(self):
        self.fault(**OPEN)
        self.assertRaises(
            VolumePathNotRemoved,
            self.connector.disconnect_volume,
            self.data,
            None,
            force=True,
        )
        self.assert_attached("rw")

    def test_another_guest_comes_and_goes(self):
        data = self.properties(storpool_owner="nova:j")
        self.connector.connect_volume(data)
        self.connector.disconnect_volume(data, None)
        self.assert_attached("rw")


class DisconnectTest(ConnectorTestCase):
    def _connect(self, **others):
        properties = self.properties(**others)
        return properties, self.connector.connect_volume(properties)

    def test_as_cinder_does(self):
        _, device = self._connect()
        self.make().disconnect_volume(
            self.properties(), device, force=False, ignore_errors=False
        )
        self.assert_attached(None)

    def test_as_glance_does(self):
        self._connect(attachment_id="7")
        self.connector.disconnect_volume(
            self.properties(attachment_id="7"), None, force=True
        )
        self.assert_attached(None)

    def test_device_info_left_out(self):
        properties, _ = self._connect()
        self.connector.disconnect_volume(properties)
        self.assert_attached(None)

    def test_result_as_properties(self):
        _, device = self._connect()
        self.connector.disconnect_volume(
            device, force=True, ignore_errors=True
        )
        self.assert_attached(None)

    def test_key_lost(self):
        self._connect()
        self.connector.disconnect_volume(self.properties(), None)
        self.assert_attached(None)

    def test_key_and_properties_lost(self):
        _, device = self._connect()
        self.connector.disconnect_volume({}, {"path": device["path"]})
        self.assert_attached(None)

    def test_twice(self):
        properties, device = self._connect()
        self.connector.disconnect_volume(properties, device)
        log = self.useFixture(fixtures.FakeLogger())
        self.connector.disconnect_volume(properties, device)
        self.assertIn("nothing to detach", log.output)

    def test_key_of_nobody_takes_nothing_from_others(self):
        self._connect()
        self.connector.disconnect_volume(
            self.properties(storpool_request="cinder-volume:x"),
            None,
            force=True,
        )
        self.assert_attached("rw")

    def test_never_connected(self):
        self.connector.disconnect_volume(
            self.properties(), None, force=True, ignore_errors=True
        )
        self.connector.disconnect_volume(self.old_properties(), None)
        self.assert_attached(None)

    def test_foreign_attachment_is_left_alone(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.connector.disconnect_volume(self.properties(), None, force=True)
        self.assert_attached("rw")

    def test_attached_by_the_intree_connector(self):
        properties = self.old_properties()
        device = self.make_intree().connect_volume(properties)
        # As Nova keeps it.
        properties["device_path"] = device["path"]
        self.connector.disconnect_volume(properties, None, force=True)
        self.assert_attached(None)

    def test_two_owners(self):
        first, _ = self._connect(storpool_owner="nova:i")
        second, _ = self._connect(storpool_owner="nova:j")
        self.connector.disconnect_volume(first, None, force=True)
        self.assert_attached("rw")
        self.connector.disconnect_volume(second, None, force=True)
        self.assert_attached(None)

    def test_open_device(self):
        properties, device = self._connect()
        self.fault(**OPEN)
        error = self.assertRaises(
            VolumePathNotRemoved,
            self.connector.disconnect_volume,
            properties,
            device,
        )
        self.assertIn("is open at client 1", str(error))
        self.assert_attached("rw")

    def test_errors_are_ignored_only_with_force(self):
        properties, device = self._connect()
        self.fault(call="VolumesReassignWait", action="error", count=None)
        self.assertRaises(
            StorPoolAPIError,
            self.connector.disconnect_volume,
            properties,
            device,
            force=True,
        )
        self.assertRaises(
            StorPoolAPIError,
            self.connector.disconnect_volume,
            properties,
            device,
            ignore_errors=True,
        )
        log = self.useFixture(fixtures.FakeLogger())
        self.connector.disconnect_volume(
            properties, device, force=True, ignore_errors=True
        )
        self.assertIn(NAME, log.output)


class EncryptedTest(ConnectorTestCase):
    """os-brick gives encryptors a link of their own, and takes it back."""

    def setUp(self):
        super().setUp()
        self.links = {}
        self.useFixture(
            fixtures.MockPatch("os_brick.utils.priv_rootwrap", self)
        )

    def link_root(self, target, link, force):
        if self.links is None:
            raise OSError("read-only file system")
        self.links[link] = target

    def unlink_root(self, link):
        del self.links[link]

    def test_link(self):
        properties = self.properties(encrypted=True)
        result = self.connector.connect_volume(properties)
        self.assertEqual([result["path"]], list(self.links))
        self.connector.disconnect_volume(
            self.properties(encrypted=True, device_path=result["path"]), None
        )
        self.assertEqual({}, self.links)
        self.assert_attached(None)

    def test_extend(self):
        properties = self.properties(encrypted=True)
        result = self.connector.connect_volume(properties)
        self.assertEqual(
            MIB,
            self.connector.extend_volume(
                self.properties(encrypted=True, device_path=result["path"])
            ),
        )

    def test_link_stays_while_attached(self):
        properties = self.properties(encrypted=True)
        result = self.connector.connect_volume(properties)
        self.fault(**OPEN)
        self.assertRaises(
            VolumePathNotRemoved,
            self.connector.disconnect_volume,
            properties,
            result,
        )
        self.assertEqual([result["path"]], list(self.links))

    def test_link_fails(self):
        self.links = None
        self.assertRaises(
            OSError,
            self.connector.connect_volume,
            self.properties(encrypted=True),
        )
        self.assert_attached(None)


class PathsTest(ConnectorTestCase):
    def test_search_path(self):
        self.assertEqual(
            "/dev/storpool-byid", self.connector.get_search_path()
        )

    def test_volume_paths(self):
        directory = os.path.dirname(self.fixture.devices.path("a"))
        os.mkdir(directory)
        path = os.path.join(directory, self.global_id)
        self.assertEqual(
            [], self.connector.get_volume_paths(self.properties())
        )
        os.symlink("/dev/null", path)
        for properties in (
            self.properties(),
            self.properties(device_path=path),
            self.old_properties(device_path=path),
        ):
            self.assertEqual(
                [path], self.connector.get_volume_paths(properties)
            )

    def test_volume_paths_of_nothing(self):
        for properties in ({}, self.old_properties()):
            self.assertEqual([], self.connector.get_volume_paths(properties))

    def test_all_available_volumes(self):
        directory = self.useFixture(fixtures.TempDir()).path
        path = os.path.join(directory, self.global_id)
        os.symlink("/dev/null", path)
        self.useFixture(
            fixtures.MockPatchObject(
                self.connector, "get_search_path", lambda: directory
            )
        )
        self.assertEqual([path], self.connector.get_all_available_volumes())
