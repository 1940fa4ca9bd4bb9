# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes of images as the manager makes them, with the data in them."""

from typing import Any

from cinder import objects

from storpool_common.api.snapshots import VolumeSnapshotDesc
from tests.functional.cinder import host
from tests.unit.cinder import base
from tests.unit.cinder import managed

IMAGE = "6b0f4c5e-63b5-4b5e-9a44-0d1f0c5a7e11"


class LocatedImages(host.Images):
    """The image service, where the image has locations too."""

    def __init__(self, content: bytes, owner: str) -> None:
        super().__init__(content)
        self.owner = owner
        self.locations: list[dict[str, Any]] = []
        self.downloads = 0

    def show(self, context: Any, image_id: str) -> dict[str, Any]:
        """What the image is, with its owner."""
        return {
            **super().show(context, image_id),
            "name": "debian",
            "owner": self.owner,
            "properties": {},
            "min_ram": 0,
        }

    def get_location(self, context: Any, image_id: str) -> Any:
        """Where it is."""
        return None, self.locations

    def download(self, context: Any, image_id: str, data: Any) -> None:
        """Write the image into a file, and count."""
        self.downloads += 1
        super().download(context, image_id, data)


class ImagePathTest(host.HostTestCase, managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.driver = self.manager.driver
        self.content = host.random_bytes(8)
        self.images = LocatedImages(self.content, self.admin.project_id)
        self.patch(
            "cinder.image.glance.get_remote_image_service",
            side_effect=lambda context, href: (self.images, IMAGE),
        )

    def made_of_image(self) -> objects.Volume:
        """A volume of the image, larger than that."""
        volume = self.record(size=2)
        self.manager.create_volume(
            self.admin,
            volume,
            request_spec={"image_id": IMAGE, "volume_id": volume.id},
            allow_reschedule=False,
        )
        volume.refresh()
        self.assertEqual("available", volume.status)
        return volume

    def expect_the_image_in(self, volume: objects.Volume) -> None:
        path = self.attach_guest(volume)
        with open(path, "rb") as device:
            self.assertEqual(self.content, device.read(len(self.content)))
            device.seek(base.GIB)
            self.assertEqual(bytes(host.MIB), device.read(host.MIB))

    def holder(self, metadata: dict[str, str]) -> objects.Volume:
        """A volume that the image was copied into."""
        made = self.made_of_image()
        self.assertEqual(1, self.images.downloads)
        made.metadata = metadata
        made.project_id = self.admin.project_id
        made.save()
        return made

    def test_copied(self) -> None:
        volume = self.made_of_image()
        self.assertEqual(1, self.images.downloads)
        self.expect_nothing_attached()
        self.expect_the_image_in(volume)

    def test_cloned_from_a_volume_that_holds_it(self) -> None:
        held = self.holder({"glance_image_id": IMAGE})
        self.images.locations = [{"url": f"cinder://{held.id}"}]
        volume = self.made_of_image()
        self.assertEqual(1, self.images.downloads)
        self.expect_the_image_in(volume)

    def test_copied_where_a_volume_does_not_say_that_it_holds_it(self) -> None:
        other = self.holder({})
        self.images.locations = [{"url": f"cinder://{other.id}"}]
        self.images.content = self.content = host.random_bytes(8)
        volume = self.made_of_image()
        self.assertEqual(2, self.images.downloads)
        self.expect_the_image_in(volume)

    def test_cloned_from_a_stored_snapshot(self) -> None:
        held = self.holder({})
        self.cluster.snapshot_create(
            base.name_of(held), VolumeSnapshotDesc(name=f"os--image-{IMAGE}")
        )
        self.images.locations = [{"url": f"storpool://a.b/~a.b.1/{IMAGE}"}]
        volume = self.made_of_image()
        self.assertEqual(1, self.images.downloads)
        self.expect_the_image_in(volume)
