# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Our connector, and the in-tree one, against one simulator."""

import types

import fixtures
from os_brick.initiator.connectors import storpool as intree
import testtools

from os_brick_storpool.connector import StorPoolConnector
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB

VOLUME = "5d1e6f2c-0b1a-4b7e-9a57-0f3b3f0a8e11"
NAME = f"os--volume-{VOLUME}"
OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}


def no_privileges(*command, **options):
    """What os-brick would run as root."""
    raise AssertionError(f"run as root: {command}")


class ConnectorTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.fixture = self.useFixture(HostFixture())
        self.global_id = self.fixture.make_volume(NAME)
        self.connector = self.make()
        self.fixture.simulator.clear_requests()

    def make(self):
        connector = StorPoolConnector(
            None,
            execute=no_privileges,
            storpool_host=self.fixture.open(),
        )
        self.addCleanup(connector.close)
        return connector

    def make_intree(self, execute=no_privileges):
        values = self.fixture.configuration.values
        self.useFixture(
            fixtures.MockPatchObject(
                intree.storpool_utils, "get_conf", lambda: dict(values)
            )
        )
        self.useFixture(
            fixtures.MockPatchObject(
                intree,
                "time",
                types.SimpleNamespace(sleep=self.fixture.clock.sleep),
            )
        )
        return intree.StorPoolConnector(None, execute=execute)

    def old_properties(self, **others):
        """What the in-tree Cinder driver sends."""
        return {
            "client_id": 1,
            "volume": VOLUME,
            "access_mode": "rw",
            **others,
        }

    def properties(self, **others):
        """What our Cinder driver sends."""
        return self.old_properties(
            global_id=self.global_id,
            name=NAME,
            size=MIB,
            cluster_id=None,
            snapshot=False,
            discard=True,
            **others,
        )

    def assert_attached(self, rights):
        expected = {} if rights is None else {(self.global_id, 1): rights}
        self.assertEqual(expected, self.fixture.attached())

    def fault(self, **fault):
        self.fixture.simulator.add_fault(**fault)
