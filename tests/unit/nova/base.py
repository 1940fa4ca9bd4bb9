# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A volume in a simulator, and the driver of nova-compute for it."""

import functools
import types

import fixtures
import testtools

from nova_storpool.volume import StorPoolVolumeDriver
from os_brick_storpool.connector import StorPoolConnector
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB
from tests.unit.nova.libvirt import LibvirtHost

VOLUME = "5d1e6f2c-0b1a-4b7e-9a57-0f3b3f0a8e11"
NAME = f"os--volume-{VOLUME}"
OTHER = "8a7e2d8e-54b5-4a3c-8a0e-9f3f1d7a2c44"
#: A fault: a guest has the device open.
OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}


def instance(name, task_state=None):
    """What the driver reads of an instance."""
    return types.SimpleNamespace(
        uuid=name, name=name, host="comp1", task_state=task_state
    )


def connection_info(global_id, volume=VOLUME, **data):
    """What Nova has got from Cinder."""
    return {
        "driver_volume_type": "storpool",
        "serial": volume,
        "data": {
            "client_id": 1,
            "volume": volume,
            "access_mode": "rw",
            "global_id": global_id,
            "name": f"os--volume-{volume}",
            "size": MIB,
            "cluster_id": None,
            "snapshot": False,
            "discard": True,
            **data,
        },
    }


class VolumeTestCase(testtools.TestCase):
    """A simulator with a volume, and this host's records."""

    def setUp(self):
        super().setUp()
        self.fixture = self.useFixture(HostFixture())
        self.global_id = self.fixture.make_volume(NAME)
        self.fixture.simulator.clear_requests()

    def use_records(self, opened=None):
        """Let drivers that are made from now on use the fixture's host."""
        self.useFixture(
            fixtures.MonkeyPatch(
                "nova_storpool.volume.StorPoolConnector",
                functools.partial(
                    StorPoolConnector,
                    storpool_host=opened or self.fixture.open(),
                ),
            )
        )

    def connection_info(self, **data):
        return connection_info(self.global_id, **data)

    def other_volume(self):
        """Make one more volume; what Nova has got about it."""
        return connection_info(
            self.fixture.make_volume(f"os--volume-{OTHER}"), OTHER
        )

    def assert_attached(self, rights):
        expected = {} if rights is None else {(self.global_id, 1): rights}
        self.assertEqual(expected, self.fixture.attached())

    def requests(self):
        return [one.key for one in self.fixture.open().requests()]


class DriverTestCase(VolumeTestCase):
    """The driver alone."""

    def setUp(self):
        super().setUp()
        self.host = LibvirtHost()
        self.driver = self.make_driver()

    def make_driver(self):
        """The driver of a nova-compute that has just been started."""
        self.use_records()
        return StorPoolVolumeDriver(self.host)
