# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a guest, through Nova's own libvirt driver."""

import ddt
import fixtures
from nova.exception import VolumeDetachFailed
from nova.exception import VolumeRebaseFailed
from nova.tests.fixtures.libvirt import libvirtError

from storpool_common import api
from tests.cluster_devices import MIB
from tests.unit.nova.base import NAME
from tests.unit.nova.base import OPEN
from tests.unit.nova.base import OTHER
from tests.unit.nova.base import VOLUME
from tests.unit.nova.compute import ComputeTestCase


class BootTest(ComputeTestCase):
    def test_from_a_volume(self):
        instance, _devices, guest = self.boot(self.connection_info())
        self.assertEqual(
            self.fixture.devices.path(self.global_id),
            guest.disk(VOLUME).find("source").get("dev"),
        )
        self.assertEqual([f"nova:{instance.uuid}:{VOLUME}"], self.requests())
        self.assert_attached("rw")

    def test_with_two_volumes(self):
        _instance, _devices, guest = self.boot(
            self.connection_info(), self.other_volume()
        )
        self.assertEqual(
            ["vda", "vdb"],
            [disk.find("target").get("dev") for disk in guest.disks()],
        )
        self.assertEqual(2, len(self.fixture.attached()))

    def test_of_a_volume_that_is_left_elsewhere(self):
        self.compute.conf.config(group="libvirt", storpool_exclusive="enforce")
        self.fixture.reassign(volume=NAME, rw=[2])
        self.boot(self.connection_info(storpool_peers=[1]))
        self.assert_attached("rw")

    def test_delete(self):
        instance, devices, _guest = self.boot(self.connection_info())
        self.compute.destroy(instance, devices)
        self.assert_attached(None)
        self.assertEqual([], self.requests())


class HotPlugTest(ComputeTestCase):
    def setUp(self):
        super().setUp()
        self.guest = self.boot(self.other_volume())
        self.instance = self.guest[0]

    def test_attach_and_detach(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        domain = self.guest[2]
        self.assertIsNotNone(domain.disk(VOLUME))
        self.compute.detach(info, self.instance)
        self.assertIsNone(domain.disk(VOLUME))
        self.assertIsNotNone(domain.disk(OTHER))
        self.assertNotIn((self.global_id, 1), self.fixture.attached())

    def test_libvirt_refuses(self):
        self.guest[2].refusal = "No more available PCI slots"
        self.assertRaises(
            libvirtError,
            self.compute.attach,
            self.connection_info(),
            self.instance,
        )
        self.assertNotIn((self.global_id, 1), self.fixture.attached())
        self.assertEqual(1, len(self.requests()))

    def test_detach_of_an_open_device(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.fixture.simulator.add_fault(**OPEN)
        self.assertRaises(
            VolumeDetachFailed, self.compute.detach, info, self.instance
        )
        self.assertEqual("rw", self.fixture.attached()[self.global_id, 1])
        self.fixture.simulator.clear_faults()
        # The guest has lost its disk by now; Nova detaches all the same.
        self.compute.detach(info, self.instance)
        self.assertNotIn((self.global_id, 1), self.fixture.attached())

    def test_detach_after_the_guest_has_gone(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        del self.compute.host.domains[self.instance.uuid]
        self.compute.detach(info, self.instance)
        self.assertNotIn((self.global_id, 1), self.fixture.attached())

    def test_detach_of_an_older_disk_without_our_alias(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        alias = self.guest[2].disk(VOLUME).find("alias")
        alias.set("name", "virtio-disk1")
        self.compute.detach(info, self.instance)
        self.assertIsNone(self.guest[2].disk(VOLUME))

    def test_stopped_guest(self):
        self.guest[2].running = False
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.assertEqual(2, len(self.fixture.attached()))
        self.compute.detach(info, self.instance)
        self.assertEqual(1, len(self.fixture.attached()))

    def test_extend(self):
        info = self.connection_info()
        self.compute.attach(info, self.instance)
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(size=2 * MIB)
        )
        self.compute.driver.extend_volume(
            self.compute.context, info, self.instance, 2 * MIB
        )
        path = self.guest[2].disk(VOLUME).find("source").get("dev")
        self.assertEqual({path: 2 * MIB}, self.guest[2].resized)


@ddt.ddt
class AgainTest(ComputeTestCase):
    """Nova connects what is connected, and disconnects what is not."""

    def start_again(self, instance, devices, task_state):
        self.compute.destroy(instance, devices, destroy_secrets=False)
        instance.task_state = task_state
        return self.compute.boot(instance, devices)

    @ddt.data("reboot_started_hard", "powering-on", None)
    def test_hard_reboot(self, task_state):
        instance, devices, _guest = self.boot(self.connection_info())
        guest = self.start_again(instance, devices, task_state)
        self.assertIsNotNone(guest.disk(VOLUME))
        self.assertEqual([f"nova:{instance.uuid}:{VOLUME}"], self.requests())
        self.assert_attached("rw")

    def test_rescue_with_volumes(self):
        instance, devices, guest = self.boot(self.connection_info())
        guest.running = False
        for task_state in ("rescuing", "unrescuing"):
            instance.task_state = task_state
            self.compute.boot(instance, devices)
            self.assertEqual(
                [f"nova:{instance.uuid}:{VOLUME}"], self.requests()
            )
            self.assert_attached("rw")

    def test_shelve_and_unshelve(self):
        instance, devices, _guest = self.boot(self.connection_info())
        self.compute.destroy(instance, devices, destroy_vifs=False)
        self.assert_attached(None)
        instance.task_state = "spawning"
        self.compute.boot(
            instance, self.compute.block_devices(self.connection_info())
        )
        self.assert_attached("rw")

    @ddt.data("resize_finish", "resize_reverting")
    def test_resize_on_one_host(self, task_state):
        instance, devices, _guest = self.boot(self.connection_info())
        self.compute.host.domains[instance.uuid].running = False
        (mapping,) = devices["block_device_mapping"]
        self.compute.driver._disconnect_volume(
            self.compute.context, mapping["connection_info"], instance
        )
        self.assert_attached(None)
        instance.task_state = task_state
        self.compute.boot(
            instance, self.compute.block_devices(self.connection_info())
        )
        self.assert_attached("rw")

    def test_nova_compute_is_restarted_while_it_spawns(self):
        instance = self.compute.instance("spawning")
        devices = self.compute.block_devices(self.connection_info())
        self.compute.xml(instance, devices)
        # What the new process knows of the volume is what Cinder told it.
        self.use_records()
        self.compute.driver = self.compute.start()
        again = self.compute.block_devices(self.connection_info())
        self.compute.destroy(instance, again)
        self.assert_attached(None)
        self.compute.boot(instance, again)
        self.assert_attached("rw")
        self.assertEqual([f"nova:{instance.uuid}:{VOLUME}"], self.requests())


class SwapTest(ComputeTestCase):
    def setUp(self):
        super().setUp()
        self.old = self.connection_info()
        self.new = self.other_volume()
        self.instance, _devices, self.guest = self.boot(self.old)

    def swap(self):
        self.compute.driver.swap_volume(
            self.compute.context,
            self.old,
            self.new,
            self.instance,
            "/dev/vda",
            0,
        )

    def test_swap(self):
        self.swap()
        self.assertIsNone(self.guest.disk(VOLUME))
        new = self.new["data"]["global_id"]
        self.assertEqual({(new, 1): "rw"}, self.fixture.attached())

    def test_copy_fails(self):
        self.guest.refusal = "block copy still active"
        self.useFixture(fixtures.FakeLogger())
        self.assertRaises(VolumeRebaseFailed, self.swap)
        self.assertIsNotNone(self.guest.disk(VOLUME))
        self.assert_attached("rw")


class MultiattachTest(ComputeTestCase):
    def share(self):
        return self.connection_info() | {"multiattach": True}

    def test_two_guests_of_one_host(self):
        first = self.boot(self.share())
        second = self.boot(self.share())
        for _instance, _devices, guest in (first, second):
            self.assertIsNotNone(guest.disk(VOLUME).find("shareable"))
        self.compute.destroy(*first[:2])
        self.assert_attached("rw")
        self.compute.destroy(*second[:2])
        self.assert_attached(None)

    def test_hot_detach_from_one_of_two(self):
        boot = self.other_volume()
        one, _devices, _guest = self.boot(boot)
        self.boot(self.share())
        info = self.share()
        self.compute.attach(info, one)
        self.compute.detach(info, one)
        self.assertEqual("rw", self.fixture.attached()[self.global_id, 1])

    def test_the_same_guest_asks_twice(self):
        instance, devices, _guest = self.boot(self.share())
        self.compute.xml(instance, devices)
        self.compute.destroy(instance, devices)
        self.assert_attached(None)


class ReadOnlyTest(ComputeTestCase):
    def test_the_cluster_does_not_let_it_write(self):
        _instance, _devices, guest = self.boot(
            self.connection_info(access_mode="ro")
        )
        self.assertIsNotNone(guest.disk(VOLUME).find("readonly"))
        self.assert_attached("ro")


class GoneTest(ComputeTestCase):
    def test_detach_of_a_volume_that_is_nowhere(self):
        instance, devices, guest = self.boot(
            self.other_volume(), self.connection_info()
        )
        guest.tree.find("devices").remove(guest.disk(VOLUME))
        self.fixture.reassign(volume=NAME, detach=[1], force=True)
        self.fixture.api.volume_delete(NAME)
        info = devices["block_device_mapping"][1]["connection_info"]
        self.compute.detach(info, instance)
        self.assertEqual(1, len(self.requests()))
