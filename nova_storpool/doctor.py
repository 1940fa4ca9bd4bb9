# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What nova-compute will use."""

from collections.abc import Iterator
from collections.abc import Sequence
import importlib

from nova.monkey_patch import patch
from oslo_config import cfg
from oslo_utils.importutils import import_class

from nova_storpool.opts import GROUP
from nova_storpool.opts import OPTIONS
from nova_storpool.opts import register
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.findings import warning
from storpool_common.hook import VOLUME_DRIVER


def examine(arguments: Sequence[str]) -> Iterator[Finding]:
    """Load what nova-compute loads, in its order, and look at it.

    :param arguments: those that it is started with.
    """
    patch(backend="threading")
    # os-brick imports what Nova decides about first.
    brick = importlib.import_module("os_brick_storpool.doctor")
    yield from brick.read(arguments, "nova", "nova-compute")
    driver = importlib.import_module("nova.virt.libvirt.driver")
    used = import_class(driver.VOLUME_DRIVERS["storpool"])
    yield brick.judged(
        "nova volume driver",
        f"{used.__module__}.{used.__qualname__}",
        VOLUME_DRIVER,
    )
    yield from brick.connector()
    yield from _options()


def _options() -> Iterator[Finding]:
    conf = cfg.CONF
    if not conf.compute_driver or not conf.compute_driver.startswith(
        "libvirt."
    ):
        yield warning(
            "compute driver",
            f"compute_driver is {conf.compute_driver or 'not set'}",
            "StorPool volumes need compute_driver = libvirt.LibvirtDriver",
        )
    register(conf)
    values = {one.name: conf[GROUP][one.name] for one in OPTIONS}
    told = ", ".join(f"{name}={value}" for name, value in values.items())
    modes = dict(
        mode.split("=", 1)
        for mode in conf.libvirt.disk_cachemodes
        if "=" in mode
    )
    cache = modes.get("block", "none")
    if cache not in ("none", "directsync"):
        yield warning(
            "libvirt options",
            f"{told}; block devices have the cache mode {cache}",
            "leave block out of [libvirt] disk_cachemodes: QEMU cannot use"
            " native I/O with it",
        )
        return
    yield ok("libvirt options", told)
