# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The connector's interface: what makes it, and what it says of its host."""

import logging
import os

import fixtures
from os_brick.exception import BrickException
from os_brick.initiator import connector as factory
from os_brick.initiator import STORPOOL

from os_brick_storpool.connector import _announce
from os_brick_storpool.connector import StorPoolConnector
from storpool_common.version import version
from tests.unit.brick.base import ConnectorTestCase

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
