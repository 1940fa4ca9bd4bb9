# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What os-brick's own tests expect of a StorPool connector, and of any.

Its tests of the in-tree connector replace the API's client and the devices
by mocks, so they cannot be run as they are. What they expect that a caller
can see is here, under the same names; where ours differs on purpose, the
test says what it does instead.
"""

import subprocess  # nosec B404
import sys

from os_brick.exception import BrickException
from os_brick.initiator.connectors.base import BaseLinuxConnector
from os_brick.tests.initiator.connectors import test_storpool

from storpool_common import api
from storpool_common import config
from storpool_common import hook
from tests.cluster_devices import MIB
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME

#: Their suites that a registered connector must not disturb.
SUITES = (
    "os_brick.tests.initiator.test_connector",
    "os_brick.tests.initiator.connectors.test_storpool",
)
RUN = """
import sys
import unittest

from storpool_common import hook

registration = hook.install()
program = unittest.main(None, argv=sys.argv, exit=False)
print(*registration.registered.values())
sys.exit(not program.result.wasSuccessful())
"""


class ExpectationsTest(ConnectorTestCase):
    """Their tests of the StorPool connector."""

    def without_a_client(self):
        values = dict(self.fixture.configuration.values)
        del values["SP_OURID"]
        self.fixture.configuration = config.load(
            host="comp1",
            values=values,
            environ={"STORPOOL_STATE_DIR": self.fixture.directory.path},
        )
        return self.make()

    def test_every_one_is_here(self):
        theirs = vars(test_storpool.StorPoolConnectorTestCase)
        expected = {name for name in theirs if name.startswith("test_")}
        self.assertEqual(set(), expected - set(dir(self)))

    def test_raise_if_sp_ourid_missing(self):
        """Ours is made without it, and refuses to attach."""
        self.assertIsInstance(self.without_a_client(), BaseLinuxConnector)

    def test_connect_volume(self):
        device = self.connector.connect_volume(self.old_properties())
        self.assertEqual(
            ("block", self.fixture.devices.path(self.global_id)),
            (device["type"], device["path"]),
        )
        self.assertEqual(
            [(NAME, 1)],
            [
                (each.volume, each.client)
                for each in self.fixture.api.attachments_list()
            ],
        )

    def test_disconnect_volume(self):
        for described in ("device_info", "device_path"):
            properties = self.old_properties()
            device = self.connector.connect_volume(properties)
            if described == "device_path":
                properties["device_path"] = device.pop("path")
            self.connector.disconnect_volume(properties, device)
            self.assert_attached(None)

    def test_connect_exceptions(self):
        """The volume is needed; the client is this host, whatever is said."""
        lacking = self.old_properties()
        del lacking["volume"]
        self.assertRaises(
            BrickException, self.connector.connect_volume, lacking
        )
        # Nothing is detached, and a guest can be destroyed.
        self.connector.disconnect_volume(lacking, None)
        self.assertRaises(
            BrickException,
            self.connector.connect_volume,
            self.old_properties(access_mode="any"),
        )
        self.assert_attached(None)

    def test_sp_ourid_exceptions(self):
        error = self.assertRaises(
            BrickException,
            self.without_a_client().connect_volume,
            self.old_properties(),
        )
        self.assertIn("SP_OURID", str(error))

    def test_sp_api_exceptions(self):
        for call in ("VolumesReassignWait", "Volume"):
            self.fault(call=call, action="error", count=None)
            self.assertRaises(
                BrickException,
                self.connector.connect_volume,
                self.old_properties(),
            )
            self.fixture.simulator.clear_faults()
            self.assert_attached(None)
        device = self.connector.connect_volume(self.old_properties())
        self.fault(call="VolumesReassignWait", action="error", count=None)
        self.assertRaises(
            BrickException,
            self.connector.disconnect_volume,
            self.old_properties(),
            device,
        )
        self.assert_attached("rw")

    def test_extend_volume(self):
        properties = self.properties()
        self.connector.connect_volume(properties)
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(size=2 * MIB)
        )
        self.fixture.devices.sizes[self.global_id] = MIB
        self.fixture.clock.on_sleep = self.fixture.devices.sizes.clear
        self.assertEqual(2 * MIB, self.connector.extend_volume(properties))


class RegisteredTest(ConnectorTestCase):
    """Their own suites, in a process where ours is registered."""

    def test_theirs_pass(self):
        for suite in SUITES:
            found = subprocess.run(  # nosec B603
                [sys.executable, "-W", "ignore", "-c", RUN, suite],
                capture_output=True,
                check=False,
                text=True,
            )
            self.assertEqual(0, found.returncode, found.stderr)
            self.assertRegex(found.stderr, r"Ran [1-9]\d* tests")
            self.assertIn(hook.CONNECTOR, found.stdout)
