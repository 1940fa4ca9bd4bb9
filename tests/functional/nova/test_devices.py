# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The driver with real block devices, as Nova calls it."""

import contextlib
import functools
import os
import subprocess
import threading
import types

import fixtures
from nova.exception import InstanceNotFound
from nova.exception import VolumeAttachFailed
from nova.exception import VolumeDetachFailed
from os_brick.encryptors import luks
from os_brick.privileged import default as privileges

from nova_storpool.volume import StorPoolVolumeDriver
from os_brick_storpool.connector import StorPoolConnector
from storpool_common.api.volumes import VolumeUpdateDesc
from tests.functional.brick.base import LoopTestCase
from tests.functional.brick.base import no_privileges
from tests.functional.brick.base import SIZE

DATA = b"storpool" * 512
#: Where os-brick links the devices of encrypted volumes.
LINKS = "/dev/disk/by-id"


class NoGuests:
    """Nova's view of a host on which libvirt knows no guest."""

    def get_guest(self, instance):
        raise InstanceNotFound(instance_id=instance.uuid)

    def find_secret(self, kind, usage):
        return None


class ComputeTestCase(LoopTestCase):
    def compute(self, client=1, **limits):
        """The driver of a compute, as nova-compute makes it."""
        made = functools.partial(
            StorPoolConnector,
            execute=no_privileges,
            storpool_host=self.host(client, **limits),
        )
        with fixtures.MonkeyPatch(
            "nova_storpool.volume.StorPoolConnector", made
        ):
            return StorPoolVolumeDriver(NoGuests())

    def info(self, number=1, **others):
        return {
            "driver_volume_type": "storpool",
            "serial": str(number),
            "data": {**self.make_volume(number), **others},
        }

    def instance(self, name="guest", task_state="spawning"):
        return types.SimpleNamespace(
            uuid=name, name=name, task_state=task_state
        )

    def path(self, info):
        return info["data"]["device_path"]


class DataTest(ComputeTestCase):
    def test_what_a_guest_writes_is_there_after_a_hard_reboot(self):
        compute, info = self.compute(), self.info()
        compute.connect_volume(info, self.instance())
        opened = self.open_device(self.path(info))
        self.write(opened, DATA)
        self.close_device(opened)
        compute.disconnect_volume(info, self.instance(), force=True)
        self.assertEqual({}, self.attached())
        compute.connect_volume(info, self.instance())
        opened = self.open_device(self.path(info))
        self.assertEqual(DATA, os.pread(opened, len(DATA), 0))

    def test_live_migration(self):
        source, target = self.compute(1), self.compute(2)
        info = self.info()
        there = {**info, "data": dict(info["data"])}
        source.connect_volume(info, self.instance())
        opened = self.open_device(self.path(info))
        self.write(opened, DATA)
        target.connect_volume(there, self.instance(task_state="migrating"))
        self.assertEqual(2, len(self.attached()))
        with open(self.path(there), "rb") as file:
            self.assertEqual(DATA, file.read(len(DATA)))
        self.close_device(opened)
        source.disconnect_volume(info, self.instance())
        self.assertEqual([("os--volume-1", 2)], list(self.attached()))

    def test_hot_detach_under_a_running_guest(self):
        compute, info = self.compute(DETACH_TIMEOUT=1), self.info()
        compute.connect_volume(info, self.instance())
        opened = self.open_device(self.path(info))
        error = self.assertRaises(
            VolumeDetachFailed,
            compute.disconnect_volume,
            info,
            self.instance(),
        )
        self.assertIn("in use on this host, client 1", str(error))
        self.write(opened, DATA)
        self.close_device(opened)
        compute.disconnect_volume(info, self.instance())
        self.assertEqual({}, self.attached())

    def test_two_guests_of_a_host(self):
        compute, info = self.compute(), self.info()
        for name in "ab":
            # What Nova keeps for each, it keeps for itself.
            own = {**info, "data": dict(info["data"])}
            compute.connect_volume(own, self.instance(name))
        compute.disconnect_volume(info, self.instance("a"), force=True)
        self.write(self.open_device(self.path(own)), DATA)

    def test_extend(self):
        compute, info = self.compute(), self.info()
        compute.connect_volume(info, self.instance())
        self.api.volume_update(
            "os--volume-1",
            VolumeUpdateDesc(size=2 * SIZE),
        )
        size = compute.extend_volume(info, self.instance(), 2 * SIZE)
        self.assertEqual(2 * SIZE, size)
        opened = self.open_device(self.path(info))
        self.assertEqual(2 * SIZE, os.lseek(opened, 0, os.SEEK_END))

    def test_read_only(self):
        compute, info = self.compute(), self.info(access_mode="ro")
        compute.connect_volume(info, self.instance())
        opened = self.open_device(self.path(info))
        self.assertRaises(OSError, self.write, opened, DATA)


class LuksTest(ComputeTestCase):
    """Nova asks cryptsetup, and formats what is not LUKS."""

    def setUp(self):
        super().setUp()
        self._provide(os.path.dirname(LINKS))
        self._provide(LINKS)
        # What os-brick does as root is done in this process, which is root.
        privileges.set_client_mode(False)
        self.addCleanup(privileges.set_client_mode, True)

    def _provide(self, directory):
        """Have a directory that udev makes with its first link."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(directory)
            self.addCleanup(os.rmdir, directory)

    def test_an_encrypted_volume_is_known_again_when_it_is_late(self):
        compute, info = self.compute(), self.info(encrypted=True)
        compute.connect_volume(info, self.instance())
        self.addCleanup(self._unlink, self.path(info))
        subprocess.run(
            [
                *("cryptsetup", "luksFormat", "--type", "luks1", "-q"),
                *("--pbkdf-force-iterations", "1000", "--key-file", "-"),
                self.path(info),
            ],
            input=b"secret",
            check=True,
            capture_output=True,
        )
        compute.disconnect_volume(info, self.instance(), force=True)
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_slow", seconds=2
        )
        again = self.info_again(info)
        compute.connect_volume(again, self.instance())
        self.assertTrue(luks.is_luks(None, self.path(again)))
        compute.disconnect_volume(again, self.instance(), force=True)

    def info_again(self, info):
        data = {
            key: value
            for key, value in info["data"].items()
            if key != "device_path"
        }
        return {**info, "data": data}

    def _unlink(self, path):
        if os.path.lexists(path):
            os.unlink(path)


class BadStateTest(ComputeTestCase):
    def test_the_simulator_is_restarted_during_an_attach(self):
        compute, info = self.compute(), self.info()
        self.simulator.kill()
        restart = threading.Timer(1, self.simulator.start)
        restart.start()
        self.addCleanup(restart.join)
        compute.connect_volume(info, self.instance())
        restart.join()
        self.write(self.open_device(self.path(info)), DATA)

    def test_late_by_20_seconds(self):
        compute, info = self.compute(), self.info()
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_slow", seconds=20
        )
        compute.connect_volume(info, self.instance())
        self.write(self.open_device(self.path(info)), DATA)

    def test_too_late(self):
        compute, info = self.compute(DEVICE_TIMEOUT=1), self.info()
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_never"
        )
        error = self.assertRaises(
            VolumeAttachFailed, compute.connect_volume, info, self.instance()
        )
        self.assertIn("is absent, after 1 s", error.format_message())
        self.assertEqual({}, self.attached())
        self.assertEqual([], self.host().requests())
        compute.connect_volume(info, self.instance())

    def test_deleted_behind_our_back(self):
        compute, info = self.compute(), self.info()
        self.api.volume_delete("os--volume-1")
        error = self.assertRaises(
            VolumeAttachFailed, compute.connect_volume, info, self.instance()
        )
        self.assertIn("objectDoesNotExist", error.format_message())
        self.assertEqual([], self.host().requests())
        compute.disconnect_volume(info, self.instance(), force=True)
