# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the connector of os-brick's own tree does wrong, and ours does not.

Each test shows the fault in the one and its absence in the other.
"""

import logging
import os

import fixtures
from os_brick.encryptors.luks import is_luks
from os_brick.exception import BrickException
from os_brick.exception import VolumeDeviceNotFound
from os_brick.exception import VolumePathNotRemoved
from os_brick.initiator.connectors import storpool as intree
from oslo_concurrency.processutils import ProcessExecutionError

from os_brick_storpool.connector import StorPoolConnector
from storpool_common import api
from tests.cluster_devices import MIB
from tests.unit.brick.base import ConnectorTestCase
from tests.unit.brick.base import NAME
from tests.unit.brick.base import OPEN
from tests.unit.brick.base import VOLUME


class IntreeTest(ConnectorTestCase):
    def reassign_requests(self):
        return [
            request["body"]["reassign"][0]
            for request in self.fixture.simulator.requests()
            if request["path"].endswith("VolumesReassignWait")
        ]

    def test_path_that_does_not_exist(self):
        """It returns a path without a look at it; W1."""
        device = self.make_intree().connect_volume(self.old_properties())
        self.assertFalse(os.path.exists(device["path"]))
        self.fixture.reassign(volume=NAME, detach=[1])

        self.fixture.devices.absent.add(self.global_id)
        self.assertRaises(
            VolumeDeviceNotFound,
            self.connector.connect_volume,
            self.old_properties(),
        )
        self.assert_attached(None)

    def test_encrypted_volume_is_taken_for_an_empty_one(self):
        """An absent device is "not LUKS", and Nova formats what is not; W2."""

        def run(*command, **options):
            # cryptsetup's answer for a path that is not there.
            raise ProcessExecutionError(exit_code=4)

        device = self.make_intree().connect_volume(self.old_properties())
        self.assertFalse(is_luks(None, device["path"], run))
        self.fixture.reassign(volume=NAME, detach=[1])

        # No path, so nothing to ask cryptsetup about, and to format.
        self.fixture.devices.absent.add(self.global_id)
        self.assertRaises(
            BrickException,
            self.connector.connect_volume,
            self.properties(encrypted=True),
        )

    def test_transient_error(self):
        """It sends a string of JSON in JSON when it tries again; W3."""
        transient = {
            "call": "VolumesReassignWait",
            "action": "error",
            "transient": True,
            "status": 503,
        }
        self.fault(**transient)
        self.assertRaises(
            BrickException,
            self.make_intree().connect_volume,
            self.old_properties(),
        )
        self.assert_attached(None)

        self.fault(**transient)
        self.connector.connect_volume(self.old_properties())
        self.assert_attached("rw")

    def test_failure_after_the_attachment(self):
        """It leaves the volume attached; W7."""
        question = {"action": "error", "count": None}
        self.fault(call="VolumeGetInfo", **question)
        self.assertRaises(
            BrickException,
            self.make_intree().connect_volume,
            self.old_properties(),
        )
        self.assert_attached("rw")
        self.fixture.reassign(volume=NAME, detach=[1])

        self.fault(call="Volume", **question)
        self.assertRaises(
            BrickException,
            self.connector.connect_volume,
            self.old_properties(),
        )
        self.assert_attached(None)

    def test_open_device_without_force(self):
        """It forces every detach in the end; W8, W9."""
        properties = self.old_properties()
        theirs = self.make_intree()
        device = theirs.connect_volume(properties)
        self.fault(**OPEN)
        self.fixture.simulator.clear_requests()
        theirs.disconnect_volume(properties, device, force=False)
        self.assertTrue(self.reassign_requests()[-1]["force"])
        self.assert_attached(None)
        self.fixture.simulator.clear_faults()

        device = self.connector.connect_volume(properties)
        self.fault(**OPEN)
        self.fixture.simulator.clear_requests()
        self.assertRaises(
            VolumePathNotRemoved,
            self.connector.disconnect_volume,
            properties,
            device,
            force=False,
        )
        for request in self.reassign_requests():
            self.assertNotIn("force", request)
        self.assert_attached("rw")

    def test_two_users(self):
        """The first to leave takes the volume from the other; W10."""
        theirs = self.make_intree()
        first = self.old_properties()
        second = self.old_properties()
        device = theirs.connect_volume(first)
        theirs.connect_volume(second)
        theirs.disconnect_volume(first, device)
        self.assert_attached(None)

        device = self.connector.connect_volume(first)
        self.connector.connect_volume(second)
        self.connector.disconnect_volume(first, device)
        self.assert_attached("rw")
        self.connector.disconnect_volume(second, None)
        self.assert_attached(None)

    def test_path_was_lost(self):
        """It cannot detach without it, not even by force; W12."""
        theirs = self.make_intree()
        theirs.connect_volume(self.old_properties())
        self.assertRaises(
            BrickException,
            theirs.disconnect_volume,
            self.old_properties(),
            None,
            force=True,
            ignore_errors=True,
        )
        self.fixture.reassign(volume=NAME, detach=[1])

        self.connector.connect_volume(self.old_properties())
        self.connector.disconnect_volume(self.old_properties(), None)
        self.assert_attached(None)

    def test_path_was_resolved(self):
        """It knows no path outside of its two directories; W13."""
        self.assertRaises(
            BrickException,
            self.make_intree().disconnect_volume,
            self.old_properties(),
            {"path": "/dev/sp-7"},
        )

        device = self.connector.connect_volume(self.old_properties())
        device["path"] = "/dev/sp-7"
        self.connector.disconnect_volume(self.old_properties(), device)
        self.assert_attached(None)

    def test_volume_is_gone(self):
        """It raises for what has nothing to be detached; W14."""
        path = {"path": f"/dev/storpool-byid/{self.global_id}"}
        properties = self.old_properties()
        device = self.connector.connect_volume(properties)
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.assertRaises(
            BrickException,
            self.make_intree().disconnect_volume,
            self.old_properties(),
            path,
            force=True,
            ignore_errors=True,
        )

        self.connector.disconnect_volume(properties, device)
        self.connector.disconnect_volume(self.old_properties(), path)

    def test_paths_of_its_own_volume(self):
        """It refuses the path that it has returned; W15."""
        theirs = self.make_intree()
        properties = self.old_properties()
        device = theirs.connect_volume(properties)
        properties["device_path"] = device["path"]
        self.assertRaises(BrickException, theirs.get_volume_paths, properties)

        self.assertEqual([], self.connector.get_volume_paths(properties))

    def test_host_without_a_number(self):
        """It cannot even be made; W21."""
        values = dict(self.fixture.configuration.values)
        del values["SP_OURID"]
        self.useFixture(
            fixtures.MockPatchObject(
                intree.storpool_utils, "get_conf", lambda: values
            )
        )
        self.assertRaises(BrickException, intree.StorPoolConnector, None)

        StorPoolConnector(None)

    def test_link_for_an_encryptor_fails(self):
        """A TypeError of its own hides why, and it stays attached; W24."""
        self.useFixture(
            fixtures.MockPatch(
                "os_brick.utils.priv_rootwrap.link_root",
                side_effect=OSError("read-only file system"),
            )
        )
        encrypted = self.old_properties(encrypted=True)
        theirs = self.make_intree()
        self.assertRaises(TypeError, theirs.connect_volume, encrypted)
        self.assert_attached("rw")
        self.fixture.reassign(volume=NAME, detach=[1])

        self.assertRaises(OSError, self.connector.connect_volume, encrypted)
        self.assert_attached(None)

    def test_extend_that_does_not_arrive(self):
        """It returns the old size as the new one; W17."""
        properties = self.old_properties()
        self.connector.connect_volume(properties)
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(size=2 * MIB)
        )
        theirs = self.make_intree(lambda *command, **options: (str(MIB), ""))
        self.assertEqual(MIB, theirs.extend_volume(properties))

        self.fixture.devices.sizes[self.global_id] = MIB
        self.assertRaises(
            VolumeDeviceNotFound,
            self.connector.extend_volume,
            properties,
        )
        self.fixture.devices.sizes.clear()
        self.assertEqual(2 * MIB, self.connector.extend_volume(properties))

    def test_size_that_cannot_be_read(self):
        """It logs None as a number, and returns it as the size; W18."""
        properties = self.old_properties()
        self.connector.connect_volume(properties)
        theirs = self.make_intree(lambda *command, **options: ("", ""))
        with fixtures.FakeLogger(level=logging.DEBUG):
            self.assertRaises(TypeError, theirs.extend_volume, properties)
        self.assertIsNone(theirs.extend_volume(properties))

        self.fixture.devices.absent.add(self.global_id)
        self.assertRaises(
            VolumeDeviceNotFound, self.connector.extend_volume, properties
        )

    def test_all_available_volumes(self):
        """It returns ids where paths are due; W16."""
        directory = self.useFixture(fixtures.TempDir())
        for name in (NAME, self.global_id):
            os.symlink("/dev/null", directory.join(name))

        def here(original):
            return lambda path: original(
                path.replace("/dev/storpool", directory.path)
            )

        for name in ("isdir", "islink"):
            self.useFixture(
                fixtures.MonkeyPatch(
                    f"os.path.{name}", here(getattr(os.path, name))
                )
            )
        self.useFixture(fixtures.MonkeyPatch("os.listdir", here(os.listdir)))
        [found] = self.make_intree().get_all_available_volumes()
        self.assertEqual(VOLUME, found)

        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick_storpool.connector.BY_ID_DIRECTORY", directory.path
            )
        )
        self.assertIn(
            directory.join(self.global_id),
            self.connector.get_all_available_volumes(),
        )
