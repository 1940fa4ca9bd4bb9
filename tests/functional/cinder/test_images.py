# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Images go into volumes and come out of them, byte for byte."""

from typing import Any
import uuid

from tests.functional.cinder import host

SIZE = 8 * host.MIB


def first_bytes(path: str) -> bytes:
    """What a device begins with, past the page cache of other openers."""
    with open(path, "rb") as device:
        return device.read(SIZE)


class ImagesTest(host.HostTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.volume = self.make()
        self.content = host.random_bytes(8)

    def fill(self) -> None:
        self.volume.update({"status": "downloading"})
        self.volume.save()
        self.driver.copy_image_to_volume(
            self.admin,
            self.volume,
            host.Images(self.content),
            str(uuid.uuid4()),
        )

    def upload(self) -> bytes:
        images = host.Images()
        meta: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "disk_format": "raw",
            "container_format": "bare",
        }
        self.volume.update({"status": "uploading"})
        self.volume.save()
        self.driver.copy_volume_to_image(self.admin, self.volume, images, meta)
        return images.content

    def test_into_a_volume_and_out_of_it(self) -> None:
        self.fill()
        self.expect_nothing_attached()
        uploaded = self.upload()
        self.assertTrue(uploaded.startswith(self.content))
        self.assertEqual(bytes(SIZE), uploaded[SIZE:])
        self.expect_nothing_attached()
        self.assertEqual([], self.forced())

    def test_a_guest_on_this_host_keeps_its_volume(self) -> None:
        self.fill()
        path = self.attach_guest(self.volume)
        with open(path, "rb") as guest:
            uploaded = self.upload()
            self.assertTrue(uploaded.startswith(self.content))
            self.assertEqual([], self.forced())
            self.assertEqual(self.content, guest.read(SIZE))
        self.assertEqual(self.content, first_bytes(path))

    def test_a_guest_that_has_not_opened_it_yet_keeps_it_too(self) -> None:
        self.fill()
        path = self.attach_guest(self.volume)
        self.upload()
        self.assertEqual(self.content, first_bytes(path))

    def test_a_snapshot_is_read_as_it_was(self) -> None:
        self.fill()
        snapshot = self.snapshot_record(self.volume)
        self.driver.create_snapshot(snapshot)
        before, self.content = self.content, host.random_bytes(8)
        self.fill()
        conn = self.driver._attach_snapshot(self.admin, snapshot, host.HERE)
        device = self.connector().connect_volume(conn["data"])
        self.assertEqual(before, first_bytes(device["path"]))
        self.connector().disconnect_volume(conn["data"], device)
        self.driver.terminate_connection_snapshot(
            snapshot, host.HERE, force=True
        )
        self.expect_nothing_attached()
