# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A thread of QEMU's own for the I/O of a guest's disks.

Nova 34 gives each guest one I/O thread and puts no disk on it, so QEMU does
the I/O of all disks in its main loop. A disk that names the thread is served
there. Only virtio-blk can: the thread of virtio-scsi belongs to the
controller, which a volume driver does not make.

libvirt refuses a disk that names a thread which its guest does not have, and
guests that were started by an older Nova have none until they are started
anew. So who attaches looks at the guest and leaves a hint in the connection
information, and the disk is made by that hint.
"""

# Nova publishes no types: its base class is Any.
# mypy: disallow-subclassing-any=False

from __future__ import annotations

from typing import Any

from lxml import etree
from nova.exception import InstanceNotFound
from nova.virt.libvirt.config import LibvirtConfigGuestDisk
from nova.virt.libvirt.driver import LibvirtDriver

#: Under this the hint is kept in the connection information's data.
HINT = "storpool_iothread"
#: The hint for a disk that is to name the thread.
USE = "use"
#: The hint for one that is to go on as it is, on the way to another host.
KEEP = "keep"

#: Nova has one, and libvirt counts from 1.
_THREAD = "1"


class ThreadedDisk(LibvirtConfigGuestDisk):
    """A disk whose I/O is done by the guest's I/O thread."""

    @classmethod
    def of(cls, disk: LibvirtConfigGuestDisk) -> ThreadedDisk:
        """The same disk, served by the thread."""
        threaded = cls()
        threaded.__dict__.update(disk.__dict__)
        return threaded

    def format_dom(self) -> Any:
        """The disk as libvirt reads it."""
        disk = super().format_dom()
        disk.find("driver").set("iothread", _THREAD)
        return disk


def hint(host: Any, instance: Any, *, migrates: bool) -> str | None:
    """What a disk that is being attached for a guest is to do.

    :param host: Nova's view of libvirt.
    :param migrates: the guest comes from another host while it runs.
    :returns: None where there is no thread for it.
    """
    if migrates:
        return KEEP
    try:
        guest = host.get_guest(instance)
    except InstanceNotFound:
        # It is yet to be defined, by this Nova.
        makes_threads = hasattr(LibvirtDriver, "_get_guest_iothread")
        return USE if makes_threads else None
    return USE if _has_threads(guest) else None


def applied(
    disk: LibvirtConfigGuestDisk, wish: str | None, host: Any, guest: Any
) -> LibvirtConfigGuestDisk:
    """The disk that a hint asks for.

    :param wish: the hint; None leaves the disk as it is.
    :param host: Nova's view of libvirt.
    :param guest: what says the UUID of the disk's guest. It is looked at for
        the hint :data:`KEEP` alone, on the host that the guest leaves.
    """
    if disk.target_bus != "virtio" or disk.driver_name != "qemu":
        return disk
    if wish == USE or (wish == KEEP and _is_threaded(host, guest, disk)):
        return ThreadedDisk.of(disk)
    return disk


def _has_threads(guest: Any) -> bool:
    return _xml(guest).find("iothreads") is not None


def _is_threaded(
    host: Any, instance: Any, disk: LibvirtConfigGuestDisk
) -> bool:
    """Whether a running guest's disk names the thread."""
    try:
        guest = host.get_guest(instance)
    except InstanceNotFound:
        return False
    return any(
        found.findtext("serial") == disk.serial
        and found.find("driver[@iothread]") is not None
        for found in _xml(guest).iterfind("devices/disk")
    )


def _xml(guest: Any) -> Any:
    return etree.fromstring(guest.get_xml_desc())
