# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The rows of Cinder's support matrix, as the driver itself has them."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from cinder.volume import driver as base_driver

from tests.unit.cinder import base

PATH = "doc/source/reference/cinder_support.rst"

_HEAD = """\
==============
Support matrix
==============

.. This page is printed by ``python -m tests.unit.cinder.report matrix``.

The rows of Cinder's support matrix, read from the class and from what the
driver reports to the scheduler, for this driver and for the one of Cinder's
own tree.

.. list-table::
   :header-rows: 1
   :widths: 50 20 20

   * - feature
     - ours
     - in-tree
"""

Driver = Any


def _overrides(name: str) -> Callable[[Driver], bool]:
    """Whether the driver has a hook of its own."""
    inherited = getattr(base_driver.VolumeDriver, name, None)
    return lambda driver: getattr(type(driver), name, None) is not inherited


def _in_every_pool(capability: str) -> Callable[[Driver], bool]:
    """Whether the driver reports a capability of all its pools."""
    return lambda driver: all(
        pool.get(capability, False)
        for pool in driver.get_volume_stats()["pools"]
    )


def _extends_attached(driver: Driver) -> bool:
    """A pool extends attached volumes unless it says that it does not."""
    return all(
        pool.get("online_extend_support", True)
        for pool in driver.get_volume_stats()["pools"]
    )


def _replicates(driver: Driver) -> bool:
    return bool(driver.get_volume_stats().get("replication_enabled"))


ROWS: Mapping[str, Callable[[Driver], bool]] = {
    "supported vendor driver": lambda driver: bool(driver.supported),
    "extend an attached volume": _extends_attached,
    "QoS": _in_every_pool("QoS_support"),
    "volume replication": _replicates,
    "consistency groups": _in_every_pool("consistent_group_snapshot_enabled"),
    "thin provisioning": _in_every_pool("thin_provisioning_support"),
    "volume migration, storage assisted": _overrides("migrate_volume"),
    "multiattach": _in_every_pool("multiattach"),
    "revert to snapshot, assisted": _overrides("revert_to_snapshot"),
    "active/active high availability": lambda driver: bool(
        driver.SUPPORTS_ACTIVE_ACTIVE
    ),
}

#: What each driver has.
Support = dict[str, bool]


class MatrixTestCase(base.ClusterTestCase):
    """Looks at one driver."""

    def support(self, kind: type[base_driver.VolumeDriver]) -> Support:
        """What a driver has."""
        self.use_in_tree_configuration()
        driver = self.start_driver(kind)
        driver.get_volume_stats(True)
        return {feature: has(driver) for feature, has in ROWS.items()}


def page(ours: Support, theirs: Support) -> str:
    """The page of the documentation."""
    return _HEAD + "".join(
        f"   * - {feature}\n"
        f"     - {_word(ours[feature])}\n"
        f"     - {_word(theirs[feature])}\n"
        for feature in ROWS
    )


def _word(has: bool) -> str:
    return "complete" if has else "missing"
