# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Disconnecting a volume, encrypted ones too."""

import fixtures
from os_brick.exception import VolumePathNotRemoved

from os_brick_storpool.errors import StorPoolAPIError
from tests.cluster_devices import MIB
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME
from tests.unit.brick.base import OPEN


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
