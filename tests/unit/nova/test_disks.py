# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The XML of disks, as Nova's own libvirt driver writes it."""

import ddt
import fixtures

from tests.unit.nova.base import OTHER
from tests.unit.nova.base import VOLUME
from tests.unit.nova.compute import ComputeTestCase

TUNED = (
    "total_bytes_sec",
    "read_bytes_sec",
    "write_bytes_sec",
    "total_iops_sec",
    "read_iops_sec",
    "write_iops_sec",
    "read_bytes_sec_max",
    "read_iops_sec_max",
    "write_bytes_sec_max",
    "write_iops_sec_max",
    "total_bytes_sec_max",
    "total_iops_sec_max",
    "size_iops_sec",
)


@ddt.ddt
class DiskTest(ComputeTestCase):
    def disk(self, properties=None, **data):
        """The disk of a guest that boots from the volume."""
        _instance, _devices, guest = self.boot(
            self.connection_info(**data), **(properties or {})
        )
        return guest.disk(VOLUME)

    def driver_of(self, **data):
        return dict(self.disk(**data).find("driver").attrib)

    def test_block_device(self):
        disk = self.disk()
        self.assertEqual("block", disk.get("type"))
        self.assertEqual(f"ua-{VOLUME}", disk.find("alias").get("name"))
        self.assertEqual(
            self.fixture.devices.path(self.global_id),
            disk.find("source").get("dev"),
        )

    def test_discard(self):
        self.assertEqual("unmap", self.driver_of()["discard"])

    def test_no_discard(self):
        self.assertNotIn("discard", self.driver_of(discard=False))

    def test_front_end_qos(self):
        limits = {name: str(1000 + at) for at, name in enumerate(TUNED)}
        found = self.disk(qos_specs=limits | {"tier": "1"}).find("iotune")
        self.assertEqual(limits, {each.tag: each.text for each in found})

    def test_block_sizes(self):
        found = self.disk(logical_block_size="512", physical_block_size="4096")
        self.assertEqual(
            {"logical_block_size": "512", "physical_block_size": "4096"},
            dict(found.find("blockio").attrib),
        )

    def test_multipath_is_nothing_to_us(self):
        self.disk(enforce_multipath=True)
        self.assert_attached("rw")

    def test_read_only(self):
        self.assertIsNotNone(self.disk(access_mode="ro").find("readonly"))

    @ddt.data(
        ("native", "none", "native"),
        ("native", "directsync", "native"),
        ("native", "writeback", "threads"),
        ("io_uring", "none", "io_uring"),
        ("io_uring", "writeback", "io_uring"),
        ("threads", "none", "threads"),
    )
    @ddt.unpack
    def test_io_and_cache_mode(self, wanted, cache, found):
        self.useFixture(fixtures.FakeLogger())
        self.compute.conf.config(group="libvirt", storpool_disk_io=wanted)
        self.compute.driver.disk_cachemodes = {"block": cache}
        driver = self.driver_of()
        self.assertEqual((found, cache), (driver["io"], driver["cache"]))

    def test_shared_disk_is_never_cached(self):
        self.compute.driver.disk_cachemodes = {"block": "writeback"}
        info = self.connection_info() | {"multiattach": True}
        _instance, _devices, guest = self.boot(info)
        driver = guest.disk(VOLUME).find("driver")
        self.assertEqual(
            ("none", "native"), (driver.get("cache"), driver.get("io"))
        )

    def test_scsi_units(self):
        _instance, _devices, guest = self.boot(
            self.connection_info(),
            self.other_volume(),
            hw_scsi_model="virtio-scsi",
            hw_disk_bus="scsi",
        )
        for volume, unit in ((VOLUME, "0"), (OTHER, "1")):
            disk = guest.disk(volume)
            self.assertEqual("scsi", disk.find("target").get("bus"))
            self.assertEqual(unit, disk.find("address").get("unit"))

    @ddt.data("virtio", "scsi", "sata", "ide", "usb")
    def test_bus(self, bus):
        disk = self.disk({"hw_disk_bus": bus})
        self.assertEqual(bus, disk.find("target").get("bus"))
        self.assertEqual("native", disk.find("driver").get("io"))


class EncryptionTest(ComputeTestCase):
    """Nova has QEMU open LUKS, with a secret that libvirt keeps."""

    def test_luks_by_qemu(self):
        self.useFixture(fixtures.MockPatch("os_brick.utils.priv_rootwrap"))
        self.compute.host.create_secret("volume", VOLUME)
        secret = self.compute.host.find_secret("volume", VOLUME)
        _instance, _devices, guest = self.boot(
            self.connection_info(encrypted=True)
        )
        disk = guest.disk(VOLUME)
        self.assertEqual("luks", disk.find("encryption").get("format"))
        self.assertEqual(
            secret.UUIDString(), disk.find("encryption/secret").get("uuid")
        )
        self.assertEqual("1", disk.find("driver").get("iothread"))


@ddt.ddt
class IOThreadTest(ComputeTestCase):
    """Which disks name the guest's I/O thread."""

    def assert_threaded(self, expected, guest, volume=VOLUME):
        found = guest.disk(volume).find("driver").get("iothread")
        self.assertEqual("1" if expected else None, found)

    def old_guest(self, *infos):
        """A guest that was started by a Nova which made no thread."""
        self.compute.conf.config(group="libvirt", storpool_iothread="off")
        instance, devices, guest = self.boot(*infos)
        self.compute.conf.config(group="libvirt", storpool_iothread="auto")
        for tree in (guest.tree, guest._filed):
            tree.remove(tree.find("iothreads"))
        return instance, devices, guest

    def test_boot(self):
        _instance, _devices, guest = self.boot(self.connection_info())
        self.assert_threaded(True, guest)

    def test_off(self):
        self.compute.conf.config(group="libvirt", storpool_iothread="off")
        _instance, _devices, guest = self.boot(self.connection_info())
        self.assert_threaded(False, guest)

    @ddt.data("scsi", "sata", "ide", "usb")
    def test_other_buses_cannot(self, bus):
        _instance, _devices, guest = self.boot(
            self.connection_info(), hw_disk_bus=bus
        )
        self.assert_threaded(False, guest)

    def test_nova_that_makes_no_thread(self):
        self.useFixture(
            fixtures.MonkeyPatch(
                "nova.virt.libvirt.driver.LibvirtDriver._get_guest_iothread",
                fixtures.MonkeyPatch.delete,
            )
        )
        info = self.connection_info()
        instance = self.compute.instance("spawning")
        driver = self.compute.driver._get_volume_driver(info)
        driver.connect_volume(info, instance)
        self.assertNotIn("storpool_iothread", info["data"])

    def test_hot_plug(self):
        instance, _devices, guest = self.boot(self.other_volume())
        self.compute.attach(self.connection_info(), instance)
        self.assert_threaded(True, guest)

    def test_hot_plug_into_a_guest_without_a_thread(self):
        instance, _devices, guest = self.old_guest(self.other_volume())
        self.compute.attach(self.connection_info(), instance)
        self.assert_threaded(False, guest)

    def test_hot_plug_into_a_stopped_guest_without_a_thread(self):
        instance, _devices, guest = self.old_guest(self.other_volume())
        guest.running = False
        self.compute.attach(self.connection_info(), instance)
        self.assert_threaded(False, guest)

    def test_old_guest_is_started_anew(self):
        instance, devices, _guest = self.old_guest(self.connection_info())
        self.compute.destroy(instance, devices)
        guest = self.compute.boot(instance, devices)
        self.assert_threaded(True, guest)

    def test_switched_off_and_started_anew(self):
        instance, devices, _guest = self.boot(self.connection_info())
        self.compute.conf.config(group="libvirt", storpool_iothread="off")
        self.compute.destroy(instance, devices)
        self.assert_threaded(False, self.compute.boot(instance, devices))

    def test_swap(self):
        old, new = self.connection_info(), self.other_volume()
        instance, _devices, guest = self.boot(old)
        self.compute.driver.swap_volume(
            self.compute.context, old, new, instance, "/dev/vda", 0
        )
        self.assert_threaded(True, guest, OTHER)

    def test_detach(self):
        instance, _devices, guest = self.boot(self.other_volume())
        info = self.connection_info()
        self.compute.attach(info, instance)
        self.compute.detach(info, instance)
        self.assertIsNone(guest.disk(VOLUME))
