# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The driver that Nova's libvirt driver attaches StorPool volumes with."""

# Nova publishes no types: its base class is Any.
# mypy: disallow-subclassing-any=False

import functools
import types
from typing import Any

from nova.compute import task_states
from nova.conf import CONF
from nova.exception import VolumeAttachFailed
from nova.exception import VolumeDetachFailed
from nova.exception import VolumeExtendFailed
from nova.utils import get_root_helper
from nova.virt.libvirt.volume.fs import LibvirtMountedFileSystemVolumeDriver
from nova.virt.libvirt.volume.volume import LibvirtBaseVolumeDriver
from oslo_log import log as logging

from nova_storpool.errors import translated
from nova_storpool.iothread import applied
from nova_storpool.iothread import HINT
from nova_storpool.iothread import hint
from nova_storpool.opts import register
from os_brick_storpool.connector import StorPoolConnector
from os_brick_storpool.properties import EXCLUSIVE
from os_brick_storpool.properties import OWNER
from os_brick_storpool.properties import STRICTER_MODE
from storpool_common.version import version

LOG = logging.getLogger(__name__)

_OWNER = "nova:"


class StorPoolVolumeDriver(LibvirtBaseVolumeDriver):
    """Attaches volumes for guests, each with a request of its own.

    Nova makes one and uses it from all of its threads. It changes
    ``connection_info["data"]``, which Nova keeps with the guest: the path of
    the device, and the key of the guest's request.

    :param host: Nova's view of libvirt.
    """

    def __init__(self, host: Any) -> None:
        super().__init__(host, is_block_dev=True)
        register(CONF)
        self._connector = StorPoolConnector(get_root_helper())
        _announce(f"{type(self).__module__}.{type(self).__qualname__}")

    def get_config(
        self, connection_info: dict[str, Any], disk_info: dict[str, Any]
    ) -> Any:
        """The disk, for libvirt.

        Before a live migration the source host asks this about the
        destination's device, so nothing of this host is looked at but the
        guest that is about to leave.
        """
        config = super().get_config(connection_info, disk_info)
        config.source_type = "block"
        config.source_path = connection_info["data"]["device_path"]
        config.driver_io = CONF.libvirt.storpool_disk_io
        data = connection_info["data"]
        if data.get(STRICTER_MODE) == "ro":
            # QEMU refuses to write to a device that it cannot write to.
            config.readonly = True
        return applied(config, data.get(HINT), self.host, _guest(data))

    def connect_volume(
        self, connection_info: dict[str, Any], instance: Any
    ) -> None:
        """Attach a volume for a guest; repeating it changes nothing.

        :raises VolumeAttachFailed: and everything is as it was before.
        """
        data = connection_info["data"]
        data[OWNER] = _owner(instance)
        data.pop(EXCLUSIVE, None)
        self._leave_hint(data, instance)
        wish = CONF.libvirt.storpool_exclusive
        if wish != "off" and _is_alone(connection_info, instance):
            data[EXCLUSIVE] = wish
        try:
            with translated(VolumeAttachFailed, connection_info):
                device = self._connector.connect_volume(data)
        finally:
            data.pop(EXCLUSIVE, None)
        data["device_path"] = device["path"]

    def disconnect_volume(
        self,
        connection_info: dict[str, Any],
        instance: Any,
        force: bool = False,
    ) -> None:
        """Withdraw a guest's request for a volume.

        The volume leaves the host with the last request for it.

        :param force: detach even while the device is open.
        :raises VolumeDetachFailed: it may still be attached; if that is
            because it is in use, nothing has changed.
        """
        data = {**connection_info["data"], OWNER: _owner(instance)}
        with translated(VolumeDetachFailed, connection_info):
            self._connector.disconnect_volume(data, None, force=force)

    def extend_volume(
        self,
        connection_info: dict[str, Any],
        instance: Any,
        requested_size: int,
    ) -> int:
        """Wait until the device has the volume's new size.

        :param requested_size: bytes; the cluster is asked all the same, for
            a volume may have been extended more than once.
        :returns: the size of the device, in bytes.
        :raises VolumeExtendFailed: it has another size.
        """
        with translated(VolumeExtendFailed, connection_info):
            size: int = self._connector.extend_volume(connection_info["data"])
        return size

    def _leave_hint(self, data: dict[str, Any], instance: Any) -> None:
        """Tell :meth:`get_config`, which does not know the guest."""
        data.pop(HINT, None)
        if CONF.libvirt.storpool_iothread == "off":
            return
        left = hint(self.host, instance, migrates=_migrates(instance))
        if left is not None:
            data[HINT] = left


# Nova skips the disconnect while it counts several guests of this host on a
# volume, and counts what Cinder has, which changes meanwhile: of two guests
# that leave at once it can skip both. Drivers that count for themselves are
# excepted, by this class. Nova asks it nothing else (seen in 34.0.0).
LibvirtMountedFileSystemVolumeDriver.register(StorPoolVolumeDriver)


def _is_alone(connection_info: dict[str, Any], instance: Any) -> bool:
    """Whether a volume is to be one guest's, on one host."""
    return not (connection_info.get("multiattach") or _migrates(instance))


def _migrates(instance: Any) -> bool:
    """Whether a guest is coming to this host while it runs elsewhere."""
    return bool(instance.task_state == task_states.MIGRATING)


def _owner(instance: Any) -> str:
    return f"{_OWNER}{instance.uuid}"


def _guest(data: dict[str, Any]) -> Any:
    """The guest that data was written for, as much as Nova needs of it."""
    uuid = data.get(OWNER, "").removeprefix(_OWNER)
    return types.SimpleNamespace(uuid=uuid, name=uuid)


@functools.cache
def _announce(name: str) -> None:
    LOG.info(
        "StorPool: the volume driver in use is %(name)s, version %(version)s",
        {"name": name, "version": version()},
    )
