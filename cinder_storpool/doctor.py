# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What cinder-volume and cinder-backup will use."""

from collections.abc import Iterator
from collections.abc import Sequence
import importlib

from cinder.monkey_patch import patch
from oslo_config import cfg

from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.findings import warning

DRIVER = "cinder_storpool.driver.StorPoolDriver"
_IN_TREE = "cinder.volume.drivers.storpool."


def examine(arguments: Sequence[str]) -> Iterator[Finding]:
    """Load what cinder-volume loads, in its order, and look at it.

    :param arguments: those that it is started with.
    """
    patch()
    # os-brick imports what Cinder decides about first.
    brick = importlib.import_module("os_brick_storpool.doctor")
    yield from brick.read(arguments, "cinder", "cinder-volume")
    yield from brick.connector()
    conf = cfg.CONF
    conf.register_opt(cfg.ListOpt("enabled_backends"))
    found = list(_backends(conf))
    yield from found
    if not found:
        yield warning(
            "back ends",
            "none of enabled_backends is a StorPool back end",
            f"set volume_driver = {DRIVER} in the section of one",
        )


def _backends(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    for name in conf.enabled_backends or ():
        conf.register_opt(cfg.StrOpt("volume_driver"), group=name)
        conf.register_opt(
            cfg.BoolOpt("storpool_require_connector", default=False),
            group=name,
        )
        driver = conf[name].volume_driver or ""
        if driver.startswith(_IN_TREE):
            yield failed(
                f"back end {name}",
                f"{driver} is the driver that comes with Cinder",
                f"set volume_driver = {DRIVER}",
            )
        elif driver == DRIVER:
            required = conf[name].storpool_require_connector
            yield ok(
                f"back end {name}",
                f"{driver}, storpool_require_connector = {required}",
            )
