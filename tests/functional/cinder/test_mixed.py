# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in the middle of an upgrade: one half is of OpenStack's own trees.

Controllers and computes are upgraded one after the other, and may have to be
taken back, so each half has to work with the other's.
"""

import io
import os
import subprocess
import time
from typing import Any

from cinder import objects
from cinder.volume.drivers import storpool as in_tree_driver
import fixtures
from os_brick import exception
from os_brick.initiator.connectors import storpool as in_tree

from os_brick_storpool.connector import StorPoolConnector
from tests.functional.cinder import host

GIB = 1 << 30
DATA = b"written before the upgrade" * 100


class MixedTestCase(host.HostTestCase):
    """Both kinds of driver and connector, for one host and one cluster."""

    def setUp(self) -> None:
        super().setUp()
        self.use_in_tree_configuration(client_id=3)
        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick.initiator.connectors.storpool.DEV_STORPOOL_BYID",
                self.directory / "storpool-byid",
            )
        )

    def old_driver(self) -> Any:
        """The driver of Cinder's own tree."""
        return self.start_driver(
            in_tree_driver.StorPoolDriver, storpool_template="hybrid"
        )

    def old_connector(self) -> Any:
        """The connector of os-brick's own tree."""
        return in_tree.StorPoolConnector("", execute=self.execute)

    def execute(self, *command: str, **options: Any) -> tuple[str, str]:
        """Run what it runs, with this host's directory for /dev."""
        here = [
            word.replace("/dev/storpool/", f"{self.directory}/storpool/")
            for word in command
        ]
        done = subprocess.run(here, capture_output=True, text=True, check=True)
        return done.stdout, done.stderr

    def wait_for(self, path: str) -> str:
        """Wait for what the old connector does not wait for."""
        deadline = time.monotonic() + 10
        while not os.path.exists(path) and time.monotonic() < deadline:
            time.sleep(0.02)
        return path

    def open(self, path: str) -> io.FileIO:
        """Open a device until the end of the test, or until it is closed."""
        opened = io.FileIO(path, "r+")
        self.addCleanup(opened.close)
        return opened

    def write(self, path: str) -> None:
        """Write to a device."""
        with open(path, "r+b") as device:
            device.write(DATA)

    def read(self, path: str) -> bytes:
        """Read that much from a device."""
        with open(path, "rb") as device:
            return device.read(len(DATA))


class OldCinderTest(MixedTestCase):
    """Cinder's own driver, and our connector on the host."""

    def setUp(self) -> None:
        super().setUp()
        self.old = self.old_driver()
        self.volume = self.record(status="available")
        self.old.create_volume(self.volume)

    def info(self) -> dict[str, Any]:
        """What Cinder tells the host."""
        return dict(
            self.old.initialize_connection(self.volume, host.HERE)["data"]
        )

    def test_our_connector_is_used(self) -> None:
        self.assertIsInstance(self.connector(), StorPoolConnector)

    def test_attach_and_detach(self) -> None:
        data = self.info()
        device = self.connector().connect_volume(data)
        self.write(device["path"])
        self.assertEqual(DATA, self.read(device["path"]))
        self.connector().disconnect_volume(data, device)
        self.old.terminate_connection(self.volume, host.HERE)
        self.expect_nothing_attached()

    def test_read_again_from_cinder(self) -> None:
        """Nova may come back with nothing but what Cinder has."""
        self.connector().connect_volume(self.info())
        self.connector().disconnect_volume(self.info(), None)
        self.expect_nothing_attached()

    def test_extension_of_what_is_open(self) -> None:
        data = self.info()
        device = self.connector().connect_volume(data)
        opened = self.open(device["path"])
        self.old.extend_volume(self.volume, 2)
        self.assertEqual(2 * GIB, self.connector().extend_volume(data))
        self.assertEqual(2 * GIB, opened.seek(0, os.SEEK_END))
        opened.close()
        self.connector().disconnect_volume(data, device)
        self.expect_nothing_attached()

    def test_an_open_device_is_not_cut_off(self) -> None:
        self.set_limit("SP_OPENSTACK_DETACH_TIMEOUT", "0.3")
        data = self.info()
        connector = self.connector()
        device = connector.connect_volume(data)
        opened = self.open(device["path"])
        self.assertRaises(
            exception.VolumePathNotRemoved,
            connector.disconnect_volume,
            data,
            device,
        )
        opened.write(DATA)
        os.fsync(opened)
        opened.close()
        connector.disconnect_volume(data, device)
        self.expect_nothing_attached()

    def test_force(self) -> None:
        self.set_limit("SP_OPENSTACK_DETACH_GRACE", "0.2")
        data = self.info()
        device = self.connector().connect_volume(data)
        self.open(device["path"])
        self.connector().disconnect_volume(data, device, force=True)
        self.expect_nothing_attached()

    def set_limit(self, name: str, seconds: str) -> None:
        """Add a variable to storpool.conf."""
        with open(os.environ["STORPOOL_CONF"]) as file:
            text = file.read()
        self.write_file(f"{text}{name}={seconds}\n")


class OldConnectorTest(MixedTestCase):
    """Our Cinder driver, and os-brick's own connector on the host."""

    def setUp(self) -> None:
        super().setUp()
        self.volume = self.make()

    def info(self, volume: objects.Volume) -> dict[str, Any]:
        """What Cinder tells the host, with an attachment on record."""
        self.attached_record(volume, host.HERE)
        return dict(
            self.driver.initialize_connection(volume, host.HERE)["data"]
        )

    def attach(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Attach the volume; returns what the host was told and has."""
        data = self.info(self.volume)
        device = self.old_connector().connect_volume(data)
        self.wait_for(device["path"])
        return data, device

    def test_attach_and_detach(self) -> None:
        data, device = self.attach()
        self.write(device["path"])
        self.assertEqual(DATA, self.read(device["path"]))
        self.old_connector().disconnect_volume(data, device)
        self.driver.terminate_connection(self.volume, host.HERE)
        self.expect_nothing_attached()

    def test_extension_of_what_is_open(self) -> None:
        data, device = self.attach()
        opened = self.open(device["path"])
        self.driver.extend_volume(self.volume, 2)
        self.assertEqual(2 * GIB, self.old_connector().extend_volume(data))
        self.assertEqual(2 * GIB, opened.seek(0, os.SEEK_END))
        opened.close()
        self.old_connector().disconnect_volume(data, device)
        self.expect_nothing_attached()

    def test_force(self) -> None:
        data, device = self.attach()
        self.open(device["path"])
        self.old_connector().disconnect_volume(data, device, force=True)
        self.expect_nothing_attached()

    def test_a_migrated_volume(self) -> None:
        """It is found by its name_id, which the old connector names too."""
        other = self.make()
        self.volume._name_id = other.id
        data, device = self.attach()
        [attached] = self.cluster.attachments_list()
        self.assertEqual(f"os--volume-{other.id}", attached.volume)
        self.old_connector().disconnect_volume(data, device)
        self.expect_nothing_attached()

    def test_upgraded_while_attached(self) -> None:
        """What the old connector attached, ours detaches, and the reverse."""
        data, device = self.attach()
        data["device_path"] = device["path"]
        self.connector().disconnect_volume(data, None)
        self.expect_nothing_attached()

        device = self.connector().connect_volume(self.info(self.volume))
        self.old_connector().disconnect_volume(data, device)
        self.expect_nothing_attached()

    def test_restarted_guest_after_the_upgrade(self) -> None:
        data, device = self.attach()
        data |= {"device_path": device["path"], "storpool_owner": "nova:i"}
        self.connector().connect_volume(data)
        self.connector().disconnect_volume(data, None)
        self.expect_nothing_attached()
