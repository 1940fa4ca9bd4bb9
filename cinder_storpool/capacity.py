# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a backend can hold: one pool a template.

StorPool estimates for each template how many bytes of client data its disks
hold and how many more fit, with replication and overhead taken out. That is
what Cinder asks for, so nothing is computed from disks here.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import Any

from cinder.common import constants
from oslo_utils import units

from cinder_storpool import locations
from cinder_storpool import templates
from storpool_common.api.templates import VolumeTemplateStatusDesc

#: The placement group of a volume that names neither template nor group.
_DEFAULT_PLACEMENT = "default"


@dataclasses.dataclass(frozen=True)
class Space:
    """Room in a pool, in GiB; ``unknown`` is a word of Cinder's.

    The scheduler takes a pool of unknown size for one that always fits.
    """

    total: float | str
    free: float | str
    provisioned: float | None = None
    volumes: int | None = None

    def stats(self) -> dict[str, Any]:
        """The same in the words of the scheduler, without what is unset."""
        figures = {
            "total_capacity_gb": self.total,
            "free_capacity_gb": self.free,
            "provisioned_capacity_gb": self.provisioned,
            "total_volumes": self.volumes,
        }
        return {k: v for k, v in figures.items() if v is not None}


UNKNOWN = Space("unknown", "unknown")
NOTHING = Space(0, 0)


@dataclasses.dataclass(frozen=True)
class Backend:
    """What holds for every pool of a backend.

    :ivar name: ``volume_backend_name``.
    :ivar version: of the driver.
    :ivar policy: what volumes without a type get.
    :ivar prefix: first part of the names of its objects.
    :ivar cluster_id: ``SP_CLUSTER_ID``, None where no file has it.
    :ivar over_subscription: ``max_over_subscription_ratio``; ``auto`` too.
    :ivar reserved: ``reserved_percentage``.
    :ivar one_pool: ``storpool_one_pool``.
    """

    name: str
    version: str
    policy: templates.Policy
    prefix: str
    cluster_id: str | None
    over_subscription: float | str
    reserved: int
    one_pool: bool = False

    def up(self, statuses: list[VolumeTemplateStatusDesc]) -> dict[str, Any]:
        """The statistics, from what VolumeTemplatesStatus answers."""
        by_name = {status.name: status for status in statuses}
        rest = self._space_without_template(by_name)
        if self.one_pool:
            return self._stats_of_one_pool(rest, statuses)
        pools = {None: rest} | {
            name: _space(status) for name, status in by_name.items()
        }
        return self._stats(pools, "up")

    def down(self, last: Mapping[str, Any]) -> dict[str, Any]:
        """The last statistics again, or none of anything, marked as down.

        :param last: what was reported before; empty the first time.
        """
        if not last:
            return self._stats({None: NOTHING}, "down")
        return {**last, "backend_state": "down"}

    def _space_without_template(
        self, by_name: Mapping[str, VolumeTemplateStatusDesc]
    ) -> Space:
        """Room for volumes that no pool's template is meant for."""
        if self.policy.template is not None:
            wanted = by_name.get(self.policy.template)
            return NOTHING if wanted is None else _space(wanted)
        return self._space_of_default_placement(by_name.values())

    def _space_of_default_placement(
        self, statuses: Iterable[VolumeTemplateStatusDesc]
    ) -> Space:
        """Room in the placement group of volumes without a template.

        No call tells it directly, but every template in that group tells its
        raw bytes.
        """
        for status in statuses:
            if status.place_all == _DEFAULT_PLACEMENT:
                copies = self.policy.replication * units.Gi
                return Space(
                    status.capacity_place_all / copies,
                    status.available_place_all / copies,
                )
        return UNKNOWN

    def _stats_of_one_pool(
        self, space: Space, statuses: list[VolumeTemplateStatusDesc]
    ) -> dict[str, Any]:
        """One pool that has every template, and every template's volumes.

        Templates mostly share disks, so their room does not add up; what is
        promised to their volumes does.
        """
        whole = dataclasses.replace(
            space,
            provisioned=sum(_provisioned(each) for each in statuses)
            / units.Gi,
            volumes=sum(each.volumes_count for each in statuses),
        )
        stats = self._stats({None: whole}, "up")
        [pool] = stats["pools"]
        pool[templates.SPEC] = [each.name for each in statuses]
        return stats

    def _stats(
        self, pools: Mapping[str | None, Space], state: str
    ) -> dict[str, Any]:
        return {
            "volume_backend_name": self.name,
            "vendor_name": "StorPool",
            "driver_version": self.version,
            "storage_protocol": constants.STORPOOL,
            "backend_state": state,
            "replication_enabled": False,
            "shared_targets": False,
            "sparse_copy_volume": True,
            "clone_across_pools": True,
            "pools": [
                self._pool(template, space)
                for template, space in pools.items()
            ],
        }

    def _pool(self, template: str | None, space: Space) -> dict[str, Any]:
        pool = {
            "pool_name": templates.pool_name(template),
            "max_over_subscription_ratio": self.over_subscription,
            "reserved_percentage": self.reserved,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "online_extend_support": True,
            "multiattach": True,
            "QoS_support": True,
            "consistent_group_snapshot_enabled": True,
            **self._location(template),
            **space.stats(),
        }
        return pool if template is None else {**pool, templates.SPEC: template}

    def _location(self, template: str | None) -> dict[str, str]:
        if self.cluster_id is None:
            return {}
        there = locations.Location(
            self.cluster_id,
            self.prefix,
            template or self.policy.template or "",
        )
        return {locations.CAPABILITY: str(there)}


def templates_of(stats: Mapping[str, Any]) -> list[str]:
    """The templates that statistics speak of."""
    found: set[str] = set()
    for pool in stats["pools"]:
        said = pool.get(templates.SPEC, [])
        found.update([said] if isinstance(said, str) else said)
    return sorted(found)


def _space(status: VolumeTemplateStatusDesc) -> Space:
    return Space(
        total=status.stored.capacity / units.Gi,
        free=status.stored.free / units.Gi,
        provisioned=_provisioned(status) / units.Gi,
        volumes=status.volumes_count,
    )


def _provisioned(status: VolumeTemplateStatusDesc) -> int:
    """Bytes promised, volumes of other users of the cluster included.

    API 19.01 before its newest builds gives one sum of volumes and
    snapshots.
    """
    if status.volumes_size is None:
        return status.total_size
    return (
        status.volumes_size
        + (status.snapshots_with_children_size or 0)
        + (status.snapshots_without_children_size or 0)
    )
