# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Live migrations, through Nova's own libvirt driver on both hosts."""

import ddt
from lxml import etree
from nova import objects
from nova.virt.libvirt import migration

from tests.unit.nova.base import NAME
from tests.unit.nova.base import VOLUME
from tests.unit.nova.compute import Compute
from tests.unit.nova.compute import ComputeTestCase


@ddt.ddt
class LiveMigrationTest(ComputeTestCase):
    """A guest comes from client 2 to this host, client 1."""

    def setUp(self):
        super().setUp()
        self.compute.conf.config(group="libvirt", storpool_exclusive="enforce")
        self.fixture.reassign(volume=NAME, rw=[2])
        self.source = self.useFixture(Compute())
        self.instance = self.compute.instance("migrating")
        self.devices = self.compute.block_devices(
            self.connection_info(storpool_peers=[1])
        )

    def guest(self, iothread="", iothreads=1):
        """The guest, as it runs on the host that it is about to leave."""
        return self.source.host.define(
            self.instance.uuid,
            '<disk type="block" device="disk">'
            f'<driver name="qemu" type="raw" {iothread}/>'
            f'<alias name="ua-{VOLUME}"/>'
            '<source dev="/dev/storpool-byid/there"/>'
            '<target dev="vda" bus="virtio"/>'
            f"<serial>{VOLUME}</serial>"
            '<address type="pci" slot="0x07"/></disk>',
            iothreads=iothreads,
        )

    def prepare(self):
        """What the destination does before: its answer to the source."""
        return self.compute.driver.pre_live_migration(
            self.compute.context,
            self.instance,
            self.devices,
            [],
            None,
            objects.LibvirtLiveMigrateData(
                is_shared_block_storage=True,
                is_shared_instance_path=True,
                block_migration=False,
                graphics_listen_addr_vnc="127.0.0.1",
                graphics_listen_addr_spice="127.0.0.1",
                serial_listen_addr="127.0.0.1",
            ),
        )

    def rewritten(self, answer):
        """The disk that the source asks libvirt for on the other host."""
        guest = self.source.host.get_guest(self.instance)
        xml = migration.get_updated_guest_xml(
            self.instance,
            guest,
            answer,
            self.source.driver._get_volume_config,
        )
        (disk,) = etree.fromstring(xml).iterfind("devices/disk")
        return disk

    def test_both_have_it_meanwhile(self):
        self.prepare()
        self.assertEqual(
            {(self.global_id, 1): "rw", (self.global_id, 2): "rw"},
            self.fixture.attached(),
        )

    def test_the_source_writes_the_path_of_the_destination(self):
        self.guest()
        answer = self.prepare()
        self.fixture.simulator.clear_requests()
        disk = self.rewritten(answer)
        self.assertEqual(
            self.fixture.devices.path(self.global_id),
            disk.find("source").get("dev"),
        )
        self.assertEqual("0x07", disk.find("address").get("slot"))
        self.assertEqual([], self.fixture.simulator.requests())

    @ddt.data(
        ('iothread="1"', 1, "1"),
        ("", 1, None),
        ("", None, None),
    )
    @ddt.unpack
    def test_the_guest_keeps_what_it_has(self, iothread, iothreads, found):
        self.guest(iothread, iothreads)
        disk = self.rewritten(self.prepare())
        self.assertEqual(found, disk.find("driver").get("iothread"))

    def test_the_destination_is_told_not_to(self):
        self.compute.conf.config(group="libvirt", storpool_iothread="off")
        self.guest('iothread="1"')
        disk = self.rewritten(self.prepare())
        self.assertIsNone(disk.find("driver").get("iothread"))

    def test_a_guest_that_has_gone_meanwhile(self):
        guest = self.source.host
        self.guest('iothread="1"')
        answer = self.prepare()
        (info,) = answer.bdms
        del guest.domains[self.instance.uuid]
        disk = self.source.driver._get_volume_config(
            info.connection_info, info.as_disk_info()
        )
        self.assertNotIn("iothread", disk.to_xml())

    def test_restarted_on_its_new_host(self):
        self.guest(iothreads=None)
        self.prepare()
        self.compute.destroy(self.instance, self.devices)
        self.instance.task_state = None
        guest = self.compute.boot(self.instance, self.devices)
        self.assertEqual(
            "1", guest.disk(VOLUME).find("driver").get("iothread")
        )

    def test_rollback(self):
        self.prepare()
        self.compute.destroy(self.instance, self.devices)
        self.assertEqual({(self.global_id, 2): "rw"}, self.fixture.attached())
        self.assertEqual([], self.requests())

    def test_the_guest_leaves_this_host(self):
        instance, devices, _guest = self.boot(self.connection_info())
        self.compute.driver.post_live_migration(
            self.compute.context, instance, devices
        )
        self.assertEqual({(self.global_id, 2): "rw"}, self.fixture.attached())
