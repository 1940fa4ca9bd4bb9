# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes of images: cloned where that is safe, copied everywhere else."""

from typing import Any

from cinder import objects
import ddt

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from storpool_common.names import image_name
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder import operations
from tests.unit.cinder import trials

IMAGE = "6b0f4c5e-63b5-4b5e-9a44-0d1f0c5a7e11"
OTHER = "11111111-2222-4333-8444-555555555555"
STORED = f"storpool://a.b/~a.b.7/{IMAGE}"
COPIED: Any = (None, False)


class ImageService:
    """Glance, as far as the manager asks it when it makes a volume."""

    def __init__(self, meta: dict[str, Any], location: Any) -> None:
        self.meta = meta
        self.location = location

    def show(self, context: Any, image_id: str) -> dict[str, Any]:
        return dict(self.meta)

    def get_location(self, context: Any, image_id: str) -> Any:
        return self.location


class ImageTestCase(base.ClusterTestCase):
    """Images that the cluster has the data of."""

    def image(self, **replaced: Any) -> dict[str, Any]:
        """What Glance says about the image."""
        return {
            "id": IMAGE,
            "name": "debian",
            "owner": self.admin.project_id,
            "status": "active",
            "disk_format": "raw",
            "container_format": "bare",
            "size": base.GIB,
            "min_disk": 1,
            "min_ram": 0,
            "properties": {},
            **replaced,
        }

    def store_image(self, name: str = f"os--image-{IMAGE}") -> None:
        """Freeze an image, as its store does."""
        self.cluster.volume_create(
            VolumeCreateDesc(name="upload", size=base.GIB, template="hybrid")
        )
        self.cluster.snapshot_create("upload", VolumeSnapshotDesc(name=name))
        self.cluster.volume_delete("upload")

    def image_volume(self, **replaced: Any) -> objects.Volume:
        """A volume that holds the image, with its record."""
        values: dict[str, Any] = {
            "status": "available",
            "project_id": self.admin.project_id,
            "metadata": {"glance_image_id": IMAGE},
            **replaced,
        }
        made = self.record(**values)
        self.cluster.volume_create(
            VolumeCreateDesc(
                name=base.name_of(made),
                size=made.size * base.GIB,
                template="hybrid",
            )
        )
        return made


@ddt.ddt
class DriverTest(ImageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver()
        self.volume = self.record(size=2)

    def clone(self, location: Any, **replaced: Any) -> Any:
        """What the manager gets; the log has only what the driver asked."""
        self.simulator.clear_requests()
        return self.driver.clone_image(
            self.admin, self.volume, location, self.image(**replaced), None
        )

    def expect_copied(self, location: Any, **replaced: Any) -> None:
        self.assertEqual(COPIED, self.clone(location, **replaced))
        self.assertEqual([], self.calls())

    def expect_parent(self, name: str) -> None:
        found = self.volumes()[base.name_of(self.volume)]
        self.assertEqual(name, found.parent_name)
        self.assertEqual(2 * base.GIB, found.size)
        self.assertEqual(["VolumeCreate"], self.calls()[:1])

    @ddt.data(
        (STORED, None),
        (None, [{"url": STORED, "metadata": {}}]),
        ("file:///a", [{"url": "http://b/c"}, {"url": STORED}]),
    )
    def test_a_stored_image_in_one_call(self, location: Any) -> None:
        self.store_image()
        update, cloned = self.clone(location)
        self.assertIs(True, cloned)
        self.assertEqual(["VolumeCreate"], self.calls())
        self.expect_parent(f"os--image-{IMAGE}")
        found = self.volumes()[base.name_of(self.volume)]
        self.assertEqual({"provider_id": found.global_id}, update)

    def test_into_the_template_of_the_volume(self) -> None:
        self.store_image()
        self.volume.host = f"{base.BACKEND}#template_nvme"
        self.clone((STORED, None))
        found = self.volumes()[base.name_of(self.volume)]
        self.assertEqual("nvme", found.template_name)

    @ddt.data(
        None,
        (None, None),
        (None, []),
        ("file:///var/lib/glance/images/1", []),
        (f"storpool://c.d/~a.b.7/{IMAGE}", None),
        (f"storpool://a.b/~a.b.7/{OTHER}", None),
        (f"storpool://a.b/os--volume-{OTHER}", None),
        ("storpool://a.b", None),
        ("storpool://[a.b", None),
        (f"rbd://a.b/{IMAGE}", None),
        ("cinder://", None),
        (f"cinder://{OTHER}", None),
        ("cinder://nonsense/nonsense", None),
    )
    def test_a_location_that_is_not_the_image_s(self, location: Any) -> None:
        self.store_image()
        self.expect_copied(location)

    @ddt.data(
        {"disk_format": "qcow2"},
        {"disk_format": None},
        {"container_format": "compressed"},
        {"status": "queued"},
        {"status": None},
        {"id": None},
        {"properties": {"cinder_encryption_key_id": OTHER}},
    )
    def test_an_image_whose_bytes_are_others(
        self, replaced: dict[str, Any]
    ) -> None:
        self.store_image()
        held = self.image_volume()
        locations = [{"url": f"cinder://{held.id}"}]
        self.expect_copied((STORED, locations), **replaced)

    def test_nothing_is_said_of_the_image(self) -> None:
        self.assertEqual(
            COPIED,
            self.driver.clone_image(
                self.admin, self.volume, (STORED, None), {}, None
            ),
        )

    def test_an_encrypted_volume(self) -> None:
        self.store_image()
        self.volume.encryption_key_id = OTHER
        self.expect_copied((STORED, None))

    def test_a_cluster_without_an_id(self) -> None:
        self.store_image()
        address = self.simulator.settings.addresses[0]
        self.write_file(
            f"SP_AUTH_TOKEN={self.simulator.token}\n"
            f"SP_API_HTTP_HOST={address.host}\n"
            f"SP_API_HTTP_PORT={address.port}\n"
        )
        self.driver = self.start_driver()
        self.expect_copied((STORED, None))

    def test_the_snapshot_is_not_there(self) -> None:
        self.assertEqual(COPIED, self.clone((STORED, None)))
        self.assertEqual(["VolumeCreate"], self.calls())
        self.assertEqual({}, self.volumes())

    def test_the_snapshot_is_of_another_prefix(self) -> None:
        self.store_image(f"other--image-{IMAGE}")
        self.assertEqual(COPIED, self.clone((STORED, None)))

    def test_the_snapshot_is_larger_than_the_volume(self) -> None:
        self.store_image()
        self.cluster.volume_create(
            VolumeCreateDesc(name="big", size=4 * base.GIB, template="hybrid")
        )
        self.cluster.snapshot_delete(f"os--image-{IMAGE}")
        self.cluster.snapshot_create(
            "big", VolumeSnapshotDesc(name=f"os--image-{IMAGE}")
        )
        self.assertEqual(COPIED, self.clone((STORED, None)))
        self.assertEqual({"big"}, set(self.volumes()))

    def test_the_api_is_away(self) -> None:
        self.write_conf(port=1)
        self.driver = self.make_driver()
        self.driver.do_setup(self.admin)
        self.assertEqual(COPIED, self.clone((STORED, None)))

    @ddt.data("cinder://{}", "cinder://fast/{}")
    def test_a_volume_that_holds_it_in_one_call(self, url: str) -> None:
        held = self.image_volume()
        _, cloned = self.clone((None, [{"url": url.format(held.id)}]))
        self.assertIs(True, cloned)
        [body] = self.bodies("VolumeCreate")
        self.assertEqual(base.name_of(held), body["baseOn"])
        self.assertEqual(["VolumeCreate"], self.calls())

    def test_a_migrated_volume_that_holds_it(self) -> None:
        held = self.image_volume(_name_id=OTHER)
        self.clone((f"cinder://{held.id}", None))
        [body] = self.bodies("VolumeCreate")
        self.assertEqual(f"os--volume-{OTHER}", body["baseOn"])

    @ddt.data(
        {"status": "in-use"},
        {"project_id": OTHER},
        {"host": f"{base.BACKEND}#template_nvme"},
    )
    def test_volumes_that_may_hold_it(self, replaced: dict[str, Any]) -> None:
        held = self.image_volume(
            metadata={
                "glance_image_id": IMAGE,
                "image_owner": self.admin.project_id,
            },
            **replaced,
        )
        _, cloned = self.clone((f"cinder://{held.id}", None))
        self.assertIs(True, cloned)

    @ddt.data(
        {"metadata": {}},
        {"metadata": {"glance_image_id": OTHER}},
        {"project_id": OTHER},
        {
            "project_id": OTHER,
            "metadata": {"glance_image_id": IMAGE, "image_owner": OTHER},
        },
        {"status": "error"},
        {"status": "uploading"},
        {"status": "deleting"},
        {"size": 3},
        {"encryption_key_id": OTHER},
        {"host": "ctl@lvm#lvm"},
        {"host": "other@storpool#template_hybrid"},
    )
    def test_volumes_that_may_not(self, replaced: dict[str, Any]) -> None:
        held = self.image_volume(**replaced)
        self.expect_copied((f"cinder://{held.id}", None))

    def test_an_image_without_owner(self) -> None:
        held = self.image_volume()
        self.expect_copied((f"cinder://{held.id}", None), owner=None)

    def test_another_service_of_the_cluster_made_the_volume(self) -> None:
        held = self.image_volume(
            host="other@storpool#template_hybrid", cluster_name="c@storpool"
        )
        self.volume.cluster_name = "c@storpool"
        _, cloned = self.clone((f"cinder://{held.id}", None))
        self.assertIs(True, cloned)

    def test_the_next_location_is_tried(self) -> None:
        stolen = self.image_volume(metadata={})
        held = self.image_volume()
        urls = [{"url": f"cinder://{each.id}"} for each in (stolen, held)]
        self.clone((None, urls))
        [body] = self.bodies("VolumeCreate")
        self.assertEqual(base.name_of(held), body["baseOn"])


class ManagerTest(ImageTestCase, managed.ManagedTestCase):
    """The way of an image into a volume, as cinder-volume goes it."""

    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.copied: list[str] = []
        self.patch(
            "cinder.volume.flows.manager.create_volume"
            ".CreateVolumeFromSpecTask._create_from_image_cache_or_download",
            side_effect=self.copy,
        )

    def copy(self, context: Any, volume: Any, *args: Any, **kw: Any) -> Any:
        """Take the place of a download: the volume is made, and no more."""
        self.copied.append(volume.id)
        return self.manager.driver.create_volume(volume)

    def make_of_image(
        self, location: Any, **fields: Any
    ) -> tuple[objects.Volume, list[str]]:
        """A volume that the manager made of the image, and its calls."""
        service = ImageService(self.image(), location)
        self.patch(
            "cinder.image.glance.get_remote_image_service",
            side_effect=lambda context, href: (service, IMAGE),
        )
        volume = self.record(**fields)
        self.simulator.clear_requests()
        self.manager.create_volume(
            self.admin,
            volume,
            request_spec={"image_id": IMAGE, "volume_id": volume.id},
            allow_reschedule=False,
        )
        volume.refresh()
        asked = [c for c in self.calls() if c != "VolumeTemplatesStatus"]
        return volume, asked

    def test_cloned(self) -> None:
        self.store_image()
        volume, asked = self.make_of_image((STORED, None), size=2)
        self.assertEqual("available", volume.status)
        self.assertEqual(["VolumeCreate"], asked)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(f"os--image-{IMAGE}", found.parent_name)
        self.assertEqual(found.global_id, volume.provider_id)
        self.assertEqual([], self.copied)
        self.assertEqual(IMAGE, volume.glance_metadata["image_id"])
        self.assertIs(True, volume.bootable)

    def test_cloned_from_a_volume(self) -> None:
        held = self.image_volume()
        volume, asked = self.make_of_image((f"cinder://{held.id}", None))
        self.assertEqual(["VolumeCreate"], asked)
        self.assertEqual(("available", []), (volume.status, self.copied))

    def test_somebody_else_s_volume_is_not_taken(self) -> None:
        """A user writes the location of a volume of another project."""
        theirs = self.image_volume(project_id=OTHER, metadata={})
        volume, _ = self.make_of_image((f"cinder://{theirs.id}", None))
        self.assertEqual("available", volume.status)
        self.assertEqual([volume.id], self.copied)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual("", found.parent_name)

    def test_refused_by_the_cluster_and_copied(self) -> None:
        volume, asked = self.make_of_image((STORED, None))
        self.assertEqual(["VolumeCreate", "VolumeCreate"], asked)
        self.assertEqual("available", volume.status)
        self.assertEqual([volume.id], self.copied)


def _cloned_or_made(case: Any, volume: Any) -> None:
    """What the manager does, up to where bytes are copied."""
    _, cloned = case.driver.clone_image(
        case.admin, volume, (STORED, None), case.image(), None
    )
    if not cloned:
        case.driver.create_volume(volume)


def _stored(case: Any) -> Any:
    case.store_image()
    return case.record(size=2)


def _expect_it(case: Any, volume: Any) -> None:
    case.assertEqual({base.name_of(volume)}, set(case.volumes()))
    case.assertEqual({image_name("os", IMAGE)}, set(case.snapshots()))


class FaultsTest(ImageTestCase, trials.TrialTestCase):
    def test_repeated_after_a_fault_it_is_right(self) -> None:
        self.begin()
        chosen = operations.Operation(_stored, _cloned_or_made, _expect_it)
        every = self.trials_of(self.calls_of(chosen))
        self.assertNotEqual([], every)
        wrong = {
            each: verdict
            for each in every
            if (verdict := self.tried(chosen, *each)) != trials.RIGHT
        }
        self.assertEqual({}, wrong)
