# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Nova's own libvirt driver, with guests that are known by their XML."""

import types

import fixtures
from nova.conf import CONF
from nova.conf.neutron import register_dynamic_opts
from nova.context import get_admin_context
from nova.objects.image_meta import ImageMeta
from nova.objects.image_meta import ImageMetaProps
from nova.objects.instance_pci_requests import InstancePCIRequests
from nova.tests.fixtures.libvirt import LibvirtFixture
from nova.tests.unit.fake_instance import fake_instance_obj
from nova.virt.fake import FakeVirtAPI
from nova.virt.libvirt.blockinfo import get_disk_info
from nova.virt.libvirt.driver import LibvirtDriver
from nova.virt.libvirt.event import DeviceRemovedEvent
from oslo_config import fixture as config_fixture

from storpool_common import hook
from tests.unit.nova.base import VolumeTestCase
from tests.unit.nova.libvirt import LibvirtHost

IN_TREE = "nova.virt.libvirt.volume.storpool.LibvirtStorPoolVolumeDriver"

_LOADED = ["system_metadata", "metadata", "flavor"]
_NONE = ("numa_topology", "pci_devices", "vcpu_model", "device_metadata")


class Mapping(dict):
    """A volume of an instance, as the compute manager hands it on."""

    @property
    def volume_id(self):
        return self["volume_id"]

    def save(self):
        """Nova writes it to its database here."""


class Compute(fixtures.Fixture):
    """A nova-compute, from its libvirt driver downwards.

    :param volume_driver: the class in its table for StorPool.
    :ivar driver: Nova's libvirt driver.
    :ivar host: its guests.
    :ivar encryption: what Cinder says of how volumes are encrypted.
    """

    def __init__(self, volume_driver=hook.VOLUME_DRIVER):
        self._volume_driver = volume_driver
        self.host = LibvirtHost()
        self.encryption = {}

    def _setUp(self):  # noqa: N802
        self.context = get_admin_context()
        self.useFixture(LibvirtFixture())
        self.conf = self.useFixture(config_fixture.Config(CONF))
        register_dynamic_opts(CONF)
        directory = self.useFixture(fixtures.TempDir()).path
        CONF([], default_config_files=[], default_config_dirs=[])
        self.conf.config(instances_path=directory)
        self.conf.config(virt_type="qemu", group="libvirt")
        self._patch("nova.objects.Instance.save", lambda self: None)
        # It asks the database for the volumes of the instance.
        self._patch(
            "nova.virt.libvirt.driver.LibvirtDriver._build_device_metadata",
            lambda self, context, instance: None,
        )
        self.driver = self.start()

    def start(self):
        """Nova's driver, as a nova-compute that is started now has it."""
        driver = LibvirtDriver(FakeVirtAPI(), False)
        driver._volume_api = types.SimpleNamespace(
            get_volume_encryption_metadata=lambda context, volume: (
                self.encryption
            )
        )
        for name in (
            "get_guest",
            "write_instance_config",
            "find_secret",
            "create_secret",
            "delete_secret",
        ):
            setattr(driver._host, name, getattr(self.host, name))
        with fixtures.MonkeyPatch(
            "nova.virt.libvirt.driver.VOLUME_DRIVERS",
            {"storpool": self._volume_driver},
        ):
            driver._get_volume_driver({"driver_volume_type": "storpool"})
        return driver

    def instance(self, task_state=None, **others):
        """An instance on this host."""
        made = fake_instance_obj(
            self.context,
            host="comp1",
            task_state=task_state,
            image_ref="",
            expected_attrs=_LOADED,
            **others,
        )
        # What Nova would look up in its database.
        for name in _NONE:
            setattr(made, name, None)
        made.pci_requests = InstancePCIRequests(requests=[])
        return made

    def block_devices(self, *infos):
        """The volumes of an instance, the one that it boots from first."""
        return {
            "root_device_name": "/dev/vda",
            "image": [],
            "ephemerals": [],
            "swap": None,
            "block_device_mapping": [
                Mapping(
                    connection_info=info,
                    mount_device=f"/dev/vd{letter}",
                    device_type="disk",
                    disk_bus=None,
                    boot_index=number if number == 0 else None,
                    volume_id=info["serial"],
                    attachment_id=None,
                )
                for number, (letter, info) in enumerate(
                    zip("abcdef", infos, strict=False)
                )
            ],
        }

    def xml(self, instance, devices, **properties):
        """Connect an instance's volumes, and make its XML."""
        image = ImageMeta(properties=ImageMetaProps(**properties))
        layout = get_disk_info("qemu", instance, image, devices)
        return self.driver._get_guest_xml(
            self.context,
            instance,
            [],
            layout,
            image,
            block_device_info=devices,
        )

    def boot(self, instance, devices, **properties):
        """Start a guest from volumes; returns its domain."""
        return self.track(
            self.host.write(self.xml(instance, devices, **properties))
        )

    def track(self, domain):
        """Let Nova know when a disk has left a guest."""
        domain.removed = lambda alias: self.driver.emit_event(
            DeviceRemovedEvent(domain.UUIDString(), alias)
        )
        return domain

    def attach(self, info, instance, device="vdb", **others):
        """Attach a volume to a guest."""
        self.driver.attach_volume(
            self.context, info, instance, f"/dev/{device}", **others
        )

    def detach(self, info, instance, device="vdb"):
        """Detach a volume from a guest."""
        self.driver.detach_volume(
            self.context, info, instance, f"/dev/{device}"
        )

    def destroy(self, instance, devices, **others):
        """Remove a guest from this host, as a reboot or a stop does too."""
        self.host.domains.pop(instance.uuid, None)
        self.driver._cleanup(
            self.context, instance, [], block_device_info=devices, **others
        )

    def _patch(self, name, value):
        self.useFixture(fixtures.MonkeyPatch(name, value))


class ComputeTestCase(VolumeTestCase):
    """A nova-compute that uses our classes, and a volume."""

    def setUp(self):
        super().setUp()
        self.use_records()
        self.compute = self.useFixture(Compute())

    def boot(self, *infos, task_state="spawning", **properties):
        """Start a guest from volumes: instance, its volumes, its domain."""
        instance = self.compute.instance(task_state)
        devices = self.compute.block_devices(*infos)
        for each in devices["block_device_mapping"]:
            each["disk_bus"] = properties.get("hw_disk_bus")
        domain = self.compute.boot(instance, devices, **properties)
        instance.task_state = None
        return instance, devices, domain
