# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
import ddt
import fixtures
import testtools

from storpool_common.attachments.parts import Parts
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Devices
from storpool_common.errors import ConfigurationError

#: What SQLite's ``PRAGMA synchronous`` answers.
NORMAL = 1
FULL = 2


@ddt.ddt
class SynchronousTest(testtools.TestCase):
    def parts(self, **variables):
        configuration = load(
            host="comp1",
            values={
                "SP_AUTH_TOKEN": "1",
                "SP_API_HTTP_HOST": "127.0.0.1",
                "SP_OURID": "1",
                "SP_OPENSTACK_STATE_DIR": self.useFixture(
                    fixtures.TempDir()
                ).join("state"),
                **variables,
            },
            environ={},
        )
        return Parts.of(configuration, Client(configuration.api), Devices())

    @ddt.data(("", NORMAL), ("NORMAL", NORMAL), ("full", FULL))
    @ddt.unpack
    def test_of_each_connection(self, given, expected):
        records = self.parts(SP_OPENSTACK_SYNCHRONOUS=given).records
        self.addCleanup(records.close)
        (found,) = records._database.read(
            lambda connection: connection.execute(
                "PRAGMA synchronous"
            ).fetchone()
        )
        self.assertEqual(expected, found)

    def test_unknown(self):
        error = self.assertRaises(
            ConfigurationError, self.parts, SP_OPENSTACK_SYNCHRONOUS="OFF"
        )
        self.assertIn("SP_OPENSTACK_SYNCHRONOUS=OFF", str(error))
