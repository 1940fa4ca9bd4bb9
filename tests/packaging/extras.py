# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What each extra is for: what it brings, and what it must not bring."""

from collections.abc import Mapping
import dataclasses

SERVICES = ("cinder", "glance", "nova")
#: Loaded by every installation.
EVERYWHERE = (
    "storpool_common.cli.main",
    "storpool_common.client",
    "storpool_common.config_source",
    "storpool_simulator.cli",
)


@dataclasses.dataclass(frozen=True)
class Extra:
    """An extra of setup.cfg.

    :ivar modules: what can be imported with it, each in a process.
    :ivar brings: distributions that it installs.
    :ivar without: distributions that it must not drag in.
    """

    modules: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    without: tuple[str, ...] = (*SERVICES, "os-brick", "eventlet")


#: By name; the empty one is an installation without any.
EXTRAS: Mapping[str, Extra] = {
    "": Extra(),
    "brick": Extra(
        modules=("os_brick_storpool.connector",),
        brings=("os-brick",),
        without=SERVICES,
    ),
    "cinder": Extra(
        modules=("cinder_storpool.driver", "os_brick_storpool.connector"),
        brings=("cinder", "os-brick"),
        without=("glance", "nova"),
    ),
    "docs": Extra(brings=("openstackdocstheme", "reno", "sphinx")),
    "nova": Extra(
        modules=("nova_storpool.volume", "os_brick_storpool.connector"),
        brings=("nova", "os-brick"),
        without=("cinder", "glance"),
    ),
    "simulator": Extra(
        modules=("storpool_simulator.testing",), brings=("fixtures",)
    ),
    "test": Extra(brings=("fixtures",)),
}
