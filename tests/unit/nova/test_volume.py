# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The volume driver, as Nova's libvirt driver uses it."""

import copy
import functools
import logging
import types

import ddt
import fixtures
from nova.conf import CONF
from nova.exception import VolumeAttachFailed
from nova.exception import VolumeDetachFailed
from nova.virt.libvirt.driver import LibvirtDriver
from nova.virt.libvirt.volume.storpool import LibvirtStorPoolVolumeDriver
from oslo_config import fixture as config_fixture
from oslo_serialization import jsonutils

from nova_storpool.opts import list_opts
from nova_storpool.volume import _announce
from storpool_common import api
from storpool_common.version import version
from tests.cluster_devices import MIB
from tests.unit.nova.base import DriverTestCase
from tests.unit.nova.base import instance
from tests.unit.nova.base import NAME
from tests.unit.nova.base import OPEN
from tests.unit.nova.base import VOLUME

DISK = {"type": "disk", "dev": "vdb", "bus": "virtio"}


class LifeCycleTest(DriverTestCase):
    def test_connect(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.assertEqual(
            self.fixture.devices.path(self.global_id),
            info["data"]["device_path"],
        )
        self.assertEqual([f"nova:i:{VOLUME}"], self.requests())
        self.assert_attached("rw")
        self.driver.disconnect_volume(info, instance("i"))
        self.assert_attached(None)
        self.assertEqual([], self.requests())

    def test_connection_info_is_kept_as_json(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        kept = jsonutils.loads(jsonutils.dumps(info))
        self.make_driver().disconnect_volume(kept, instance("i"), force=True)
        self.assert_attached(None)

    def test_connection_info_is_refreshed(self):
        self.driver.connect_volume(self.connection_info(), instance("i"))
        self.driver.disconnect_volume(
            self.connection_info(), instance("i"), force=True
        )
        self.assert_attached(None)

    def test_hard_reboot(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.driver.disconnect_volume(info, instance("i"), force=True)
        self.driver.connect_volume(info, instance("i"))
        self.assert_attached("rw")
        self.assertEqual([f"nova:i:{VOLUME}"], self.requests())

    def test_power_on(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.make_driver().connect_volume(info, instance("i"))
        self.assertEqual([f"nova:i:{VOLUME}"], self.requests())

    def test_failed_connect_and_the_clean_up_after_it(self):
        self.fixture.devices.absent.add(self.global_id)
        info = self.connection_info()
        self.assertRaises(
            VolumeAttachFailed,
            self.driver.connect_volume,
            info,
            instance("i"),
        )
        self.driver.disconnect_volume(info, instance("i"), force=True)
        self.assert_attached(None)

    def test_hot_detach_of_an_open_device(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.fixture.simulator.add_fault(**OPEN)
        self.assertRaises(
            VolumeDetachFailed,
            self.driver.disconnect_volume,
            info,
            instance("i"),
            force=False,
        )
        self.assert_attached("rw")

    def test_two_guests_of_one_volume(self):
        first = self.connection_info()
        second = self.connection_info()
        self.driver.connect_volume(first, instance("i"))
        self.driver.connect_volume(second, instance("j"))
        self.driver.disconnect_volume(first, instance("i"), force=True)
        self.assert_attached("rw")
        self.driver.disconnect_volume(second, instance("j"), force=True)
        self.assert_attached(None)

    def test_nova_leaves_the_counting_to_us(self):
        nova = types.SimpleNamespace()
        asked = functools.partial(
            LibvirtDriver._should_disconnect_target, nova, None, instance("i")
        )
        self.assertTrue(asked(True, self.driver, VOLUME))
        intree = LibvirtStorPoolVolumeDriver.__new__(
            LibvirtStorPoolVolumeDriver
        )
        # It asks Cinder for the attachments of all guests instead.
        self.assertRaises(AttributeError, asked, True, intree, VOLUME)

    def test_recovered_host_after_an_evacuation(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.fixture.reassign(volume=NAME, rw=[2], detach=[1], force=True)
        self.driver.disconnect_volume(info, instance("i"), force=True)
        self.assertEqual({(self.global_id, 2): "rw"}, self.fixture.attached())

    def test_rollback_of_a_live_migration(self):
        self.fixture.reassign(volume=NAME, rw=[2])
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.driver.disconnect_volume(info, instance("i"), force=True)
        self.assertEqual({(self.global_id, 2): "rw"}, self.fixture.attached())

    def test_swap(self):
        old = self.connection_info()
        self.driver.connect_volume(old, instance("i"))
        new = self.other_volume()
        self.driver.connect_volume(new, instance("i"))
        self.driver.disconnect_volume(old, instance("i"))
        self.assertEqual(
            {(new["data"]["global_id"], 1): "rw"}, self.fixture.attached()
        )

    def test_attached_by_the_intree_driver(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        info = self.connection_info(
            device_path=self.fixture.devices.path(self.global_id)
        )
        self.driver.disconnect_volume(info, instance("i"), force=True)
        self.assert_attached(None)

    def test_extend(self):
        info = self.connection_info()
        self.driver.connect_volume(info, instance("i"))
        self.fixture.api.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(size=2 * MIB)
        )
        self.assertEqual(
            2 * MIB, self.driver.extend_volume(info, instance("i"), 2 * MIB)
        )


@ddt.ddt
class ExclusiveTest(DriverTestCase):
    """A guest comes while another host has its volume."""

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(config_fixture.Config(CONF))
        self.useFixture(fixtures.FakeLogger())
        self.fixture.reassign(volume=NAME, rw=[2])

    def connect(self, wish=None, task_state="spawning", **others):
        """Connect; returns the clients that have the volume then."""
        if wish is not None:
            self.conf.config(group="libvirt", storpool_exclusive=wish)
        info = self.connection_info(storpool_peers=[1]) | others
        self.driver.connect_volume(info, instance("i", task_state))
        self.assertNotIn("storpool_exclusive", info["data"])
        return {client for _, client in self.fixture.attached()}

    @ddt.data(None, "off", "warn")
    def test_others_keep_it(self, wish):
        self.assertEqual({1, 2}, self.connect(wish))

    @ddt.data("spawning", "rebuild_spawning", "powering-on", None)
    def test_others_lose_it(self, task_state):
        self.assertEqual({1}, self.connect("enforce", task_state))

    def test_live_migration(self):
        self.assertEqual({1, 2}, self.connect("enforce", "migrating"))

    def test_multiattach(self):
        self.assertEqual({1, 2}, self.connect("enforce", multiattach=True))

    def test_failure_leaves_no_wish_behind(self):
        self.conf.config(group="libvirt", storpool_exclusive="enforce")
        self.fixture.devices.absent.add(self.global_id)
        info = self.connection_info(storpool_peers=[1])
        self.assertRaises(
            VolumeAttachFailed,
            self.driver.connect_volume,
            info,
            instance("i"),
        )
        self.assertNotIn("storpool_exclusive", info["data"])


class ConfigTest(DriverTestCase):
    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(config_fixture.Config(CONF))

    def _xml(self, **data):
        info = self.connection_info(device_path="/dev/storpool-byid/a", **data)
        before = copy.deepcopy(info)
        xml = self.driver.get_config(info, DISK).to_xml()
        self.assertEqual(before, info)
        self.assertEqual([], self.fixture.simulator.requests())
        return xml

    def test_disk(self):
        xml = self._xml()
        self.assertIn('<disk type="block" device="disk"', xml)
        self.assertIn('<source dev="/dev/storpool-byid/a"/>', xml)
        self.assertIn('io="native"', xml)
        self.assertIn('discard="unmap"', xml)
        self.assertIn(f"<serial>{VOLUME}</serial>", xml)

    def test_other_io(self):
        self.conf.config(group="libvirt", storpool_disk_io="io_uring")
        self.assertIn('io="io_uring"', self._xml())

    def test_unknown_io(self):
        self.assertRaises(
            ValueError,
            self.conf.config,
            group="libvirt",
            storpool_disk_io="fast",
        )

    def test_read_only(self):
        self.assertIn("<readonly/>", self._xml(access_mode="ro"))

    def test_read_only_whatever_cinder_makes_of_it(self):
        xml = self._xml(access_mode="rw", storpool_mode="ro")
        self.assertIn("<readonly/>", xml)
        self.assertNotIn("<readonly/>", self._xml(access_mode="rw"))

    def test_options_are_listed(self):
        ((group, options),) = list_opts()
        self.assertEqual("libvirt", group)
        self.assertEqual(
            ["storpool_disk_io", "storpool_iothread", "storpool_exclusive"],
            [one.name for one in options],
        )

    def test_says_once_which_class_it_is(self):
        _announce.cache_clear()
        log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.make_driver()
        self.make_driver()
        name = "nova_storpool.volume.StorPoolVolumeDriver"
        self.assertEqual(1, log.output.count(name))
        self.assertIn(version(), log.output)
