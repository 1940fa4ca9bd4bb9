# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How the in-tree connector talks to the cluster and reads storpool.conf.

Each test shows the fault in the one and its absence in the other.
"""

import configparser
import pathlib
import socket

import fixtures
from os_brick.exception import BrickException
from os_brick.exception import NotFound
from os_brick.initiator import storpool_utils
from urllib3.util import connection

from os_brick_storpool.connector import StorPoolConnector
from os_brick_storpool.errors import StorPoolAPIError
from storpool_common.config import load
from storpool_common.version import version
from tests.unit.brick.base import ConnectorTestCase

CYCLES = 5


class ApiTest(ConnectorTestCase):
    def test_page_of_a_proxy(self):
        """It takes the page for JSON, and does not try again; W4."""
        page = {
            "call": "VolumesReassignWait",
            "action": "raw",
            "status": 502,
            "body": "<html>Bad gateway</html>",
        }
        self.fault(**page)
        error = self.assertRaises(
            BrickException,
            self.make_intree().connect_volume,
            self.old_properties(),
        )
        self.assertIn("Expecting value", str(error))
        self.assert_attached(None)

        self.fault(**page)
        self.connector.connect_volume(self.old_properties())
        self.assert_attached("rw")

    def count_connections(self, work):
        """How many connections to the API something makes."""
        made = []

        def counting(original):
            def counted(address, *arguments, **options):
                made.append(address)
                return original(address, *arguments, **options)

            return counted

        with (
            fixtures.MonkeyPatch(
                "socket.create_connection",
                counting(socket.create_connection),
            ),
            fixtures.MonkeyPatch(
                "urllib3.util.connection.create_connection",
                counting(connection.create_connection),
            ),
        ):
            work()
        return len(made)

    def test_connections(self):
        """It makes a connection for each of its calls; W6."""
        theirs = self.make_intree()

        def cycles_of(connector):
            for _ in range(CYCLES):
                properties = self.old_properties()
                device = connector.connect_volume(properties)
                connector.disconnect_volume(properties, device)

        self.assertEqual(
            3 * CYCLES, self.count_connections(lambda: cycles_of(theirs))
        )
        self.assertLessEqual(
            self.count_connections(lambda: cycles_of(self.connector)), 1
        )

    def test_client_id(self):
        """It sends a string, and never looks at what Cinder says; W20."""

        def sent():
            [request] = [
                request
                for request in self.fixture.simulator.requests()
                if request["path"].endswith("VolumesReassignWait")
            ]
            return request["body"]["reassign"][0]["rw"]

        log = self.useFixture(fixtures.FakeLogger())
        self.make_intree().connect_volume(self.old_properties(client_id=65))
        self.assertEqual(["1"], sent())
        self.assertNotIn("client 65", log.output)
        self.fixture.reassign(volume=f"~{self.global_id}", detach=[1])
        self.fixture.simulator.clear_requests()

        self.connector.connect_volume(self.old_properties(client_id=65))
        self.assertEqual([1], sent())
        self.assertIn("client 65", log.output)

    def test_failures_are_told_apart(self):
        """Whatever happens, it is a BrickException with a text; W23."""

        def raised_by(connector, **others):
            error = self.assertRaises(
                BrickException,
                connector.connect_volume,
                self.old_properties(**others),
            )
            return type(error)

        refused = {"call": "VolumesReassignWait", "action": "error"}
        theirs = self.make_intree()
        self.fault(**refused)
        self.assertIs(BrickException, raised_by(theirs))
        self.assertIs(BrickException, raised_by(theirs, volume="none"))

        self.fault(**refused)
        self.assertIs(StorPoolAPIError, raised_by(self.connector))
        gone = raised_by(self.connector, volume="none")
        self.assertTrue(issubclass(gone, NotFound))


class ConfigurationTest(ConnectorTestCase):
    def setUp(self):
        super().setUp()
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = directory / "storpool.conf"
        self.parts = directory / "storpool.conf.d"
        self.parts.mkdir()
        self.file.write_text("SP_AUTH_TOKEN=1\nSP_OURID=7\n")
        for name, path in (
            ("STORPOOL_CONF", self.file),
            ("STORPOOL_CONF_DIR", self.parts),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, str(path)))

    def theirs(self):
        """What the in-tree parser makes of the files."""
        moved = {
            "/etc/storpool.conf": self.file,
            "/etc/storpool.conf.d": self.parts,
        }
        with fixtures.MonkeyPatch(
            "os_brick.initiator.storpool_utils.pathlib.Path",
            lambda path: moved[path],
        ):
            return storpool_utils.get_conf("comp1", use_env=False)

    def ours(self):
        """What ours makes of them."""
        return load(host="comp1", environ=self.environment()).values

    def environment(self):
        return {
            "STORPOOL_CONF": str(self.file),
            "STORPOOL_CONF_DIR": str(self.parts),
        }

    def test_hidden_files(self):
        """It reads what an editor has left behind; W22."""
        (self.parts / ".saved.conf").write_text("SP_OURID=8\n")
        self.assertEqual("8", self.theirs()["SP_OURID"])
        self.assertEqual("7", self.ours()["SP_OURID"])

    def test_percent_sign(self):
        """It takes it for something to be replaced; W22."""
        self.file.write_text("SP_AUTH_TOKEN=1\nSP_OURID=7\nSP_NOTE=5%\n")
        self.assertRaises(configparser.InterpolationSyntaxError, self.theirs)
        self.assertEqual("5%", self.ours()["SP_NOTE"])

    def test_missing_file(self):
        """Its message names no file; W22."""
        self.file.unlink()
        error = self.assertRaises(BrickException, self.theirs)
        self.assertNotIn(str(self.file), str(error))
        error = self.assertRaises(
            BrickException,
            StorPoolConnector(None).connect_volume,
            self.properties(),
        )
        self.assertIn(str(self.file), str(error))

    def test_what_a_host_says_of_itself(self):
        """It says nothing, and Cinder has to know every host; W19."""
        theirs = self.make_intree()
        self.assertEqual({}, theirs.get_connector_properties(None))
        self.assertEqual(
            {"storpool_client_id": 7, "storpool_connector": version()},
            StorPoolConnector.get_connector_properties(None),
        )
