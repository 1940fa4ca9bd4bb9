# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a host says when something is wrong, and that nothing is lost by it.

One line each, with the thing that is wrong and the way out in it.
"""

import errno
import os

import ddt
import fixtures
from os_brick import exception

from os_brick_storpool.connector import StorPoolConnector
from storpool_common import api
from storpool_common import errors
from tests.functional.brick import base

#: A pool this small is filled in a second.
SMALL_POOL = "320M"
CHUNK = 4 * base.MIB


@ddt.ddt
class HostTest(base.LoopTestCase):
    """storpool.conf is a file here, as it is on a host."""

    def setUp(self):
        super().setUp()
        self.conf = self.directory.join("storpool.conf")
        self.setenv("STORPOOL_CONF", self.conf)
        self.setenv("STORPOOL_CONF_DIR", self.directory.join("none"))
        self.volume = self.make_volume()

    def setenv(self, name, value):
        self.useFixture(fixtures.EnvironmentVariable(name, value))

    def write_conf(self, **replaced):
        """What the host has; None leaves a variable out."""
        values = {**self.values(), **replaced}
        with open(self.conf, "w") as file:
            for name, value in values.items():
                if value is not None:
                    file.write(f"{name}={value}\n")

    def refusal(self, *words):
        """What connecting says; each of the words is in it."""
        connector = StorPoolConnector(None, execute=base.no_privileges)
        raised = self.assertRaises(
            exception.BrickException,
            connector.connect_volume,
            dict(self.volume),
        )
        said = str(raised)
        self.assertEqual(1, len(said.splitlines()), said)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual({}, self.attached())
        return said

    def test_no_storpool_conf(self):
        self.refusal(self.conf, "STORPOOL_CONF")

    def test_an_unreadable_storpool_conf(self):
        os.mkdir(self.conf)
        self.refusal(self.conf, "directory")

    def test_no_client_id(self):
        self.write_conf(SP_OURID=None)
        self.refusal("SP_OURID")

    def test_a_wrong_token(self):
        self.write_conf(SP_AUTH_TOKEN="20304050")
        said = self.refusal("SP_AUTH_TOKEN", self.conf)
        self.assertNotIn("20304050", said)

    def test_a_client_that_is_not_registered(self):
        self.write_conf(SP_OURID="77")
        self.refusal("77", "os--volume-1")

    @ddt.data(200, 403, 404)
    def test_a_page_of_a_proxy(self, status):
        self.write_conf()
        self.simulator.add_fault(
            call="VolumesReassignWait",
            action="raw",
            status=status,
            content_type="text/html",
            body="<html><body>Blocked by policy</body></html>",
        )
        self.refusal("SP_API_HTTP_HOST", "text/html")


class PoolTest(base.LoopTestCase):
    """A cluster with little room."""

    POOL_SIZE = SMALL_POOL

    def fill(self, path):
        """Write until there is no room left."""
        descriptor = self.open_device(path)
        try:
            for offset in range(0, 512 * base.MIB, CHUNK):
                os.pwrite(descriptor, os.urandom(CHUNK), offset)
                os.fsync(descriptor)
        except OSError as error:
            return error.errno
        finally:
            self.close_device(descriptor)
        return None

    def test_full(self):
        name = "os--volume-large"
        made = self.api.volume_create(
            api.volumes.VolumeCreateDesc(
                name=name, size=512 * base.MIB, template="hybrid"
            )
        )
        small = self.make_volume()
        connector = self.connector()
        kept = connector.connect_volume(dict(small))
        data = os.urandom(4096)
        self.write(self.open_device(kept["path"]), data)
        large = {**small, "volume": "large", "name": name}
        large |= {"global_id": made.global_id, "size": 512 * base.MIB}
        path = connector.connect_volume(large)["path"]
        self.assertIn(self.fill(path), (errno.ENOSPC, errno.EIO))

        raised = self.assertRaises(
            errors.InsufficientResources, self.make_volume, 2
        )
        self.assertIn("os--volume-2", str(raised))
        with open(kept["path"], "rb") as device:
            self.assertEqual(data, device.read(4096))

        connector.disconnect_volume(large, None)
        self.api.volume_delete(name)
        self.make_volume(2)


class AwayTest(base.LoopTestCase):
    """A host whose cluster is away."""

    def test_the_api_is_down(self):
        volume = self.make_volume()
        connector = self.connector()
        self.simulator.kill()
        raised = self.assertRaises(
            exception.BrickException, connector.connect_volume, volume
        )
        for word in (str(self.simulator.port), "SP_API_HTTP_PORT"):
            self.assertIn(word, str(raised))
