# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Guests of a host, by their XML, as Nova sees them through libvirt.

The driver is not what talks to libvirt; Nova does. So there is no libvirt in
these tests, but the part of Nova that comes before it is Nova's own.
"""

import uuid

from lxml import etree
from nova.compute import power_state
from nova.exception import InstanceNotFound
from nova.tests.fixtures import libvirt
from nova.virt.libvirt.guest import Guest


def refused(words):
    """What libvirt raises when it refuses."""
    return libvirt.make_libvirtError(
        libvirt.libvirtError,
        words,
        error_code=libvirt.VIR_ERR_INTERNAL_ERROR,
        error_domain=libvirt.VIR_FROM_QEMU,
    )


class Domain:
    """A guest that libvirt knows.

    :ivar tree: its XML.
    :ivar resized: sizes in bytes by path, as QEMU was told.
    :ivar removed: called with the alias of a disk that has been unplugged.
    """

    def __init__(self, xml, *, running=True):
        self.tree = etree.fromstring(xml)
        self._filed = etree.fromstring(xml)
        self.running = running
        self.resized = {}
        self.refusal = None
        self.removed = lambda alias: None
        for disk in self.disks():
            self._check(disk)

    def UUIDString(self):  # noqa: N802
        return self.tree.findtext("uuid")

    def XMLDesc(self, flags):  # noqa: N802
        filed = flags & libvirt.VIR_DOMAIN_XML_INACTIVE
        tree = self._filed if filed else self.tree
        return etree.tostring(tree, encoding="unicode")

    def isPersistent(self):  # noqa: N802
        return True

    def attachDeviceFlags(self, xml, flags=0):  # noqa: N802
        if self.refusal:
            raise refused(self.refusal)
        self._check(etree.fromstring(xml))
        for tree in self._trees(flags):
            tree.find("devices").append(etree.fromstring(xml))

    def detachDeviceFlags(self, xml, flags=0):  # noqa: N802
        wanted = _target(etree.fromstring(xml))
        for tree in self._trees(flags):
            for disk in tree.findall("devices/disk"):
                if _target(disk) == wanted:
                    disk.getparent().remove(disk)
                    if tree is self.tree:
                        self.removed(disk.find("alias").get("name"))

    def blockResize(self, path, size, flags=0):  # noqa: N802
        self.resized[path] = size

    def blockJobAbort(self, target, flags=0):  # noqa: N802
        pass

    def undefineFlags(self, flags=0):  # noqa: N802
        """It runs on; Nova defines it again after a copy of its disk."""

    def blockJobInfo(self, target, flags=0):  # noqa: N802
        return {}

    def blockCopy(self, target, xml, flags=0):  # noqa: N802
        if self.refusal:
            raise refused(self.refusal)
        (old,) = (disk for disk in self.disks() if _target(disk) == target)
        self.tree.find("devices").replace(old, etree.fromstring(xml))

    def disks(self):
        return self.tree.findall("devices/disk")

    def disk(self, serial):
        """The disk of a volume, None where there is none."""
        return next(
            (one for one in self.disks() if one.findtext("serial") == serial),
            None,
        )

    def _check(self, disk):
        # libvirt's own check; its words as seen with 9.0.0.
        number = disk.find("driver").get("iothread")
        if number and self.tree.find("iothreads") is None:
            raise refused(
                f"Disk iothread '{number}' not defined in iothreadid"
            )

    def _trees(self, flags):
        """What a change is to be made to: the guest, and what is on file."""
        if not self.running:
            return [self.tree, self._filed]
        return [
            tree
            for tree, flag in (
                (self.tree, libvirt.VIR_DOMAIN_AFFECT_LIVE),
                (self._filed, libvirt.VIR_DOMAIN_AFFECT_CONFIG),
            )
            if flags & flag
        ]


def _target(disk):
    return disk.find("target").get("dev")


class _Guest(Guest):
    def get_power_state(self, host):
        running = self._domain.running
        return power_state.RUNNING if running else power_state.SHUTDOWN


class Secret:
    """What libvirt keeps a passphrase in."""

    def __init__(self):
        self._uuid = str(uuid.uuid4())

    def UUIDString(self):  # noqa: N802
        return self._uuid


class LibvirtHost:
    """The guests and secrets of a host, where Nova's ``Host`` would be."""

    def __init__(self):
        self.domains = {}
        self.secrets = {}

    def define(self, uuid, *disks, iothreads=1, running=True):
        """Define a guest that has some disks; returns its domain."""
        threads = f"<iothreads>{iothreads}</iothreads>" if iothreads else ""
        xml = (
            f"<domain><name>{uuid}</name><uuid>{uuid}</uuid>{threads}"
            f"<devices>{''.join(disks)}</devices></domain>"
        )
        return self.write(xml, running=running)

    def write(self, xml, *, running=True):
        """Define a guest from its whole XML."""
        domain = Domain(xml, running=running)
        self.domains[domain.UUIDString()] = domain
        return domain

    def get_guest(self, instance):
        try:
            return _Guest(self.domains[instance.uuid])
        except KeyError:
            raise InstanceNotFound(instance_id=instance.uuid) from None

    def write_instance_config(self, xml):
        uuid = etree.fromstring(xml).findtext("uuid")
        self.domains[uuid].tree = etree.fromstring(xml)

    def find_secret(self, kind, usage):
        return self.secrets.get((kind, usage))

    def create_secret(self, kind, usage, password=None, uuid=None):
        self.secrets[kind, usage] = Secret()

    def delete_secret(self, kind, usage):
        self.secrets.pop((kind, usage), None)
