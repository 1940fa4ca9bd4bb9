# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Nova's own StorPool classes do wrong, and ours do not.

Each test shows the same guest with theirs first, and then with ours.
"""

import types

import fixtures
from nova.exception import VolumeAttachFailed
from nova.exception import VolumeDetachFailed
from os_brick.exception import BrickException
from os_brick.initiator.connectors import storpool as intree

from tests.unit.nova.base import NAME
from tests.unit.nova.base import OPEN
from tests.unit.nova.base import VOLUME
from tests.unit.nova.base import VolumeTestCase
from tests.unit.nova.compute import Compute
from tests.unit.nova.compute import IN_TREE

LUKS = {"provider": "luks", "encryption_key_id": "key", "cipher": "aes"}


class InTreeTestCase(VolumeTestCase):
    """A nova-compute with their classes, and one with ours."""

    def setUp(self):
        super().setUp()
        self.use_records()
        values = self.fixture.configuration.values
        self._patch(
            "os_brick.initiator.connectors.storpool.storpool_utils.get_conf",
            lambda: dict(values),
        )
        self.useFixture(
            fixtures.MockPatchObject(
                intree,
                "time",
                types.SimpleNamespace(sleep=self.fixture.clock.sleep),
            )
        )
        self.theirs = self.useFixture(Compute(IN_TREE))
        self.ours = self.useFixture(Compute())

    def boot(self, compute, **data):
        """Start a guest: instance and volumes."""
        instance = compute.instance("spawning")
        devices = compute.block_devices(self.connection_info(**data))
        compute.boot(instance, devices)
        return instance, devices

    def detach_everything(self):
        self.fixture.reassign(volume=NAME, detach="all", force=True)

    def _patch(self, name, value):
        self.useFixture(fixtures.MonkeyPatch(name, value))


class DeviceTest(InTreeTestCase):
    def test_it_never_comes(self):
        self.fixture.devices.absent.add(self.global_id)
        # libvirt is asked for a guest with a path that is not there.
        self.boot(self.theirs)
        self.assert_attached("rw")
        self.detach_everything()

        self.assertRaises(VolumeAttachFailed, self.boot, self.ours)
        self.assert_attached(None)


class EncryptionTest(InTreeTestCase):
    """Nova formats what is not LUKS, and what is absent is not LUKS."""

    def setUp(self):
        super().setUp()
        self.formatted = []
        self.useFixture(fixtures.MockPatch("os_brick.utils.priv_rootwrap"))
        self._patch(
            "nova.virt.libvirt.driver.luks_encryptor.is_luks",
            # As cryptsetup answers for a path that is not there.
            lambda helper, path: False,
        )
        self._patch(
            "nova.virt.libvirt.driver.LibvirtDriver._get_volume_encryptor",
            lambda *arguments: types.SimpleNamespace(
                _format_volume=self._format
            ),
        )
        self._patch(
            "nova.virt.libvirt.driver.key_manager.API",
            lambda conf: types.SimpleNamespace(
                get=lambda context, key: types.SimpleNamespace(
                    get_encoded=lambda: b"secret"
                )
            ),
        )

    def _format(self, passphrase, **encryption):
        self.formatted.append(encryption["provider"])

    def test_a_slow_device_loses_its_data(self):
        self.fixture.devices.absent.add(self.global_id)
        self.theirs.encryption = LUKS
        self.boot(self.theirs, encrypted=True)
        self.assertEqual(["luks"], self.formatted)
        self.detach_everything()

        self.ours.encryption = LUKS
        self.assertRaises(
            VolumeAttachFailed, self.boot, self.ours, encrypted=True
        )
        self.assertEqual(["luks"], self.formatted)


class DetachTest(InTreeTestCase):
    def test_a_guest_still_uses_it(self):
        info = self.connection_info()
        instance, _ = self._guest(self.theirs)
        self.theirs.attach(info, instance)
        self.fixture.simulator.add_fault(**OPEN | {"count": 10})
        self.theirs.detach(info, instance)
        self.assert_attached(None)
        self.fixture.simulator.clear_faults()

        info = self.connection_info()
        instance, _ = self._guest(self.ours)
        self.ours.attach(info, instance)
        self.fixture.simulator.add_fault(**OPEN)
        self.assertRaises(VolumeDetachFailed, self.ours.detach, info, instance)
        self.assert_attached("rw")

    def test_clean_up_after_a_failed_attach(self):
        refused = {"call": "VolumesReassignWait", "action": "error"}
        for compute in (self.theirs, self.ours):
            self.fixture.simulator.add_fault(**refused, count=None)
            instance = compute.instance("spawning")
            devices = compute.block_devices(self.connection_info())
            self.assertRaises(
                (BrickException, VolumeAttachFailed),
                compute.boot,
                instance,
                devices,
            )
            self.fixture.simulator.clear_faults()
            if compute is self.theirs:
                # It knows a volume by its path alone, and got none.
                self.assertRaises(
                    BrickException, compute.destroy, instance, devices
                )
        self.ours.destroy(instance, devices)
        self.assert_attached(None)

    def _guest(self, compute):
        instance = compute.instance()
        return instance, compute.track(compute.host.define(instance.uuid))


class MultiattachTest(InTreeTestCase):
    def leave_at_once(self, compute):
        """Two guests leave while Cinder still has both attachments."""
        guests = [
            (instance, compute.block_devices(self._shared()))
            for instance in (compute.instance(), compute.instance())
        ]
        uuids = [instance.uuid for instance, _ in guests]
        compute.driver._volume_api.get = lambda context, volume: {
            "attachments": {each: {} for each in uuids}
        }
        self._patch(
            "nova.objects.InstanceList.get_uuids_by_host",
            lambda *arguments: uuids,
        )
        for guest in guests:
            compute.boot(*guest)
        for guest in guests:
            compute.destroy(*guest)

    def test_nobody_is_left(self):
        self.leave_at_once(self.theirs)
        self.assert_attached("rw")
        self.detach_everything()

        self.leave_at_once(self.ours)
        self.assert_attached(None)

    def _shared(self):
        return self.connection_info() | {"multiattach": True}


class IOThreadTest(InTreeTestCase):
    def test_the_thread_is_idle(self):
        found = []
        for compute in (self.theirs, self.ours):
            instance, _devices = self.boot(compute)
            disk = compute.host.domains[instance.uuid].disk(VOLUME)
            found.append(disk.find("driver").get("iothread"))
            self.detach_everything()
        self.assertEqual([None, "1"], found)
