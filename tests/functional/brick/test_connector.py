# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The connector with real block devices."""

import os
import threading
import time

from os_brick.exception import VolumeDeviceNotFound
from os_brick.exception import VolumePathNotRemoved

from storpool_common import api
from tests.functional.brick.base import LoopTestCase
from tests.functional.brick.base import SIZE

DATA = b"written through one host, read through another" * 100


class ConnectorTest(LoopTestCase):
    def test_data(self):
        volume = self.make_volume()
        first = self.connector(1)
        device = first.connect_volume(dict(volume))
        with open(device["path"], "r+b") as disk:
            disk.write(DATA)
        first.disconnect_volume(dict(volume), device)
        self.assertEqual([], self.links(1))

        second = self.connector(2)
        device = second.connect_volume(dict(volume, access_mode="ro"))
        with open(device["path"], "rb") as disk:
            self.assertEqual(DATA, disk.read(len(DATA)))
        second.disconnect_volume(dict(volume), device)
        self.assertEqual({}, self.attached())

    def test_path_is_a_link_by_global_id(self):
        volume = self.make_volume()
        device = self.connector().connect_volume(volume)
        self.assertTrue(os.path.islink(device["path"]))
        self.assertEqual(volume["global_id"], os.path.basename(device["path"]))

    def test_resolved_path(self):
        volume = self.make_volume()
        connector = self.connector()
        device = connector.connect_volume(volume)
        node = os.path.join(self.dev_dir(1), "sp-0")
        self.assertEqual(
            [device["path"]],
            connector.get_volume_paths({"device_path": node}),
        )
        connector.disconnect_volume({"device_path": node}, None)
        self.assertEqual({}, self.attached())

    def test_read_only_device_cannot_be_written(self):
        volume = self.make_volume()
        device = self.connector().connect_volume(
            dict(volume, access_mode="ro")
        )
        self.assert_read_only(device["path"])

    def assert_read_only(self, path):
        # Kernels since 6.x let root open it, and refuse the write.
        try:
            descriptor = self.open_device(path)
        except OSError:
            return
        self.assertRaises(OSError, self.write, descriptor, DATA)
        self.close_device(descriptor)

    def test_rights_follow_the_requests(self):
        volume = self.make_volume()
        reader = dict(volume, access_mode="ro")
        writer = dict(volume)
        connector = self.connector()
        connector.connect_volume(reader)
        device = connector.connect_volume(writer)
        descriptor = self.open_device(device["path"])
        self.write(descriptor, DATA)
        self.close_device(descriptor)
        connector.disconnect_volume(writer, None)
        self.assert_read_only(device["path"])
        connector.disconnect_volume(reader, None)
        self.assertEqual({}, self.attached())

    def test_extend(self):
        volume = self.make_volume()
        connector = self.connector()
        device = connector.connect_volume(volume)
        self.api.volume_update(
            volume["name"], api.volumes.VolumeUpdateDesc(size=2 * SIZE)
        )
        self.assertEqual(2 * SIZE, connector.extend_volume(volume))
        with open(device["path"], "rb") as disk:
            self.assertEqual(2 * SIZE, disk.seek(0, os.SEEK_END))

    def test_open_device(self):
        volume = self.make_volume()
        connector = self.connector(DETACH_TIMEOUT=0.5)
        device = connector.connect_volume(volume)
        descriptor = self.open_device(device["path"])
        self.assertRaises(
            VolumePathNotRemoved,
            connector.disconnect_volume,
            volume,
            device,
            force=False,
        )
        self.write(descriptor, DATA)
        self.close_device(descriptor)
        connector.disconnect_volume(volume, device, force=False)
        self.assertEqual({}, self.attached())

    def test_device_that_closes_meanwhile(self):
        volume = self.make_volume()
        connector = self.connector()
        device = connector.connect_volume(volume)
        descriptor = self.open_device(device["path"])
        timer = threading.Timer(0.3, self.close_device, [descriptor])
        self.addCleanup(timer.join)
        timer.start()
        connector.disconnect_volume(volume, device, force=False)
        self.assertEqual({}, self.attached())

    def test_force(self):
        volume = self.make_volume()
        connector = self.connector()
        device = connector.connect_volume(volume)
        descriptor = self.open_device(device["path"])
        connector.disconnect_volume(volume, device, force=True)
        self.assertEqual({}, self.attached())
        self.assertEqual([], self.links())
        self.assertRaises(OSError, self.write, descriptor, DATA)

    def test_device_never_appears(self):
        volume = self.make_volume()
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_never"
        )
        self.assertRaises(
            VolumeDeviceNotFound,
            self.connector(DEVICE_TIMEOUT=0.5).connect_volume,
            volume,
        )
        self.assertEqual({}, self.attached())

    def test_device_that_is_late(self):
        volume = self.make_volume()
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_slow", seconds=0.7
        )
        began = time.monotonic()
        device = self.connector().connect_volume(volume)
        self.assertLess(time.monotonic() - began, 5)
        self.close_device(self.open_device(device["path"]))

    def test_restarted_cluster(self):
        volume = self.make_volume()
        connector = self.connector()
        connector.connect_volume(volume)
        self.simulator.restart()
        connector.connect_volume(volume)
        connector.disconnect_volume(volume, None)
        self.assertEqual({}, self.attached())


class StuckTest(LoopTestCase):
    def test_stuck_volume_blocks_no_other(self):
        stuck, other = self.make_volume(1), self.make_volume(2)
        self.simulator.add_fault(
            call="VolumesReassignWait", action="delay", seconds=3
        )
        connector = self.connector()
        thread = threading.Thread(
            target=connector.connect_volume, args=[stuck]
        )
        thread.start()
        self.addCleanup(thread.join)
        while not self.simulator.faults()[0]["seen"]:
            continue  # the stuck attach has yet to reach the cluster
        began = time.monotonic()
        self.connector().connect_volume(other)
        self.connector().disconnect_volume(other, None)
        self.assertLess(time.monotonic() - began, 2)
        self.assertTrue(thread.is_alive())
