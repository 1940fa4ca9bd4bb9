# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Two hosts of a simulator with loop devices."""

import os

import fixtures
import testtools

from os_brick_storpool.connector import StorPoolConnector
from storpool_common import api
from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Devices
from storpool_simulator.testing import SimulatorProcess

MIB = 1024 * 1024
SIZE = 16 * MIB


def no_privileges(*command, **options):
    """What os-brick would run as root."""
    raise AssertionError(f"run as root: {command}")


class LoopTestCase(testtools.TestCase):
    """A simulator, its clients 1 and 2, and volumes of 16 MiB."""

    POOL_SIZE = "1G"

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("loop devices are made by root only")
        self._open_devices = set()
        self.directory = self.useFixture(fixtures.TempDir())
        self.simulator = self.useFixture(
            SimulatorProcess(
                *("--data-plane", "loop", "--pool-size", self.POOL_SIZE),
                *("--dev-dir", self.dev_dir(1)),
                *("--client-dev-dir", f"2:{self.dev_dir(2)}"),
            )
        )
        self.api = Client(self.simulator.settings)
        self.addCleanup(self.api.close)

    def dev_dir(self, client):
        return self.directory.join(f"dev{client}")

    def by_id(self, client):
        return os.path.join(self.dev_dir(client), "storpool-byid")

    def values(self, client=1, **limits):
        """The storpool.conf of a host."""
        return {
            "SP_AUTH_TOKEN": self.simulator.token,
            "SP_API_HTTP_HOST": self.simulator.host,
            "SP_API_HTTP_PORT": str(self.simulator.port),
            "SP_OURID": str(client),
            "SP_OPENSTACK_STATE_DIR": self.directory.join(f"state{client}"),
            **{f"SP_OPENSTACK_{name}": str(s) for name, s in limits.items()},
        }

    def host(self, client=1, **limits):
        """The attachments of a host, as one more service of it."""
        configuration = load(values=self.values(client, **limits), environ={})
        opened = open_host(
            configuration,
            Client(configuration.api),
            devices=Devices(
                os.path.join(self.dev_dir(client), "storpool-byid")
            ),
        )
        self.addCleanup(opened.close)
        return opened

    def connector(self, client=1, **limits):
        """The connector of a host, as one more service of it has it."""
        return StorPoolConnector(
            None,
            execute=no_privileges,
            storpool_host=self.host(client, **limits),
        )

    def make_volume(self, number=1):
        """Make a volume; returns its connection properties."""
        name = f"os--volume-{number}"
        made = self.api.volume_create(
            api.volumes.VolumeCreateDesc(
                name=name, size=SIZE, template="hybrid"
            )
        )
        return {
            "client_id": 1,
            "volume": str(number),
            "access_mode": "rw",
            "global_id": made.global_id,
            "name": name,
            "size": SIZE,
        }

    def attached(self):
        """What is attached where: (name, client) to rights."""
        return {
            (each.volume, each.client): each.rights
            for each in self.api.attachments_list()
        }

    def links(self, client=1):
        """The objects that a host has links for."""
        directory = self.by_id(client)
        return os.listdir(directory) if os.path.isdir(directory) else []

    def open_device(self, path):
        """Open a device until the end of the test, or earlier."""
        descriptor = os.open(path, os.O_RDWR)
        self._open_devices.add(descriptor)
        self.addCleanup(self.close_device, descriptor)
        return descriptor

    def close_device(self, descriptor):
        # Its number may be that of something else by now.
        if descriptor in self._open_devices:
            self._open_devices.remove(descriptor)
            os.close(descriptor)

    def write(self, descriptor, data):
        """Write to the start of a device, and not only to its cache."""
        os.pwrite(descriptor, data, 0)
        os.fsync(descriptor)
