# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Connecting a volume, as Nova, Cinder and Glance do."""

import logging
import os
import pathlib
import sys

import ddt
import fixtures
from os_brick.exception import NotFound
from os_brick.exception import VolumeDeviceNotFound
from os_brick.exception import VolumePathNotRemoved

from os_brick_storpool.errors import StorPoolAPIError
from os_brick_storpool.errors import StorPoolInvalid
from tests.cluster_devices import MIB
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME
from tests.unit.brick.base import OPEN
from tests.unit.brick.base import VOLUME

REASSIGN = ("POST", "VolumesReassignWait")
ASK = ("GET", "Volume")


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
