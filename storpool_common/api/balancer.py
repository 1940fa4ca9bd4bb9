# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about the relocator and the balancer.

The relocator moves data to where it is to be; the balancer computes where
that is.
"""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import BalancerCommand
from storpool_common.api.types import DiskId
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import Redundancy
from storpool_common.api.types import Request
from storpool_common.api.types import ServerId
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeOrSnapshotName
from storpool_common.api.words import BalancerStatus
from storpool_common.api.words import RelocatorStatus


class VolumeRelocatorStatus(Answer):
    """What the relocator does.

    :ivar volumes_to_relocate: how many volumes and snapshots wait for it.
    """

    status: RelocatorStatus
    volumes_to_relocate: int
    recovering_from_remote: int | None = None


class TargetDesc(Answer):
    """A quantity of a disk, now and when all is moved.

    Bytes or objects, after the member that holds it.

    :ivar delta: ``target`` less ``current``.
    :ivar to_recover: what has to be copied to the disk.
    """

    current: int
    delta: int
    target: int
    to_recover: int


class DiskTarget(Answer):
    """What is to become of a disk; one that is down has no estimates.

    ``generation_left`` is as in
    :class:`~storpool_common.api.disks.DiskSummary`.
    """

    generation_left: int
    id: DiskId
    server_id: ServerId
    objects_allocated: TargetDesc | None = None
    objects_count: int | None = None
    on_disk_size: TargetDesc | None = None
    stored_size: TargetDesc | None = None


class VolumeBalancerCommand(Request):
    """What the balancer is to do.

    :ivar cmd: ``start`` computes, ``commit`` lets the result be carried out,
        ``stop`` drops it.
    """

    cmd: BalancerCommand


class VolumeBalancerStatus(Answer):
    """What the balancer does.

    :ivar auto: the cluster started it.
    """

    auto: bool
    status: BalancerStatus


class VolumeBalancerVolumeStatus(Answer):
    """What the balancer would do with a volume or snapshot; size in bytes.

    :ivar blocked: it cannot be moved now.
    :ivar reallocated: it would be moved.
    """

    blocked: bool
    name: VolumeOrSnapshotName
    objects_count: int
    place_all: PlacementGroupName
    place_head: PlacementGroupName
    place_tail: PlacementGroupName
    reallocated: bool
    replication: Redundancy
    size: int
    snapshot: bool


class VolumeBalancerVolumeDiskSets(VolumeBalancerVolumeStatus):
    """The sets of disks of a volume or snapshot, now and computed."""

    balancer_disk_sets: list[list[DiskId]]
    current_disk_sets: list[list[DiskId]]


class VolumeBalancerSlot(Answer):
    """A set of disks in a group; size in bytes."""

    stored_size: int
    objects_count: int


class VolumeBalancerAllocationGroup(Answer):
    """Volumes and snapshots that the balancer moves together; API 16.01.

    Sizes are in bytes.
    """

    place_all: PlacementGroupName
    place_tail: PlacementGroupName
    replication: Redundancy
    feasible: bool
    blocked: bool
    size: int
    stored_size: int
    objects_count: int
    root: VolumeOrSnapshotName
    volumes: list[VolumeOrSnapshotName]
    target_disk_sets: list[list[DiskId]]
    slots: list[VolumeBalancerSlot]


class BalancerCalls:
    """Where data is to be, and how far it is."""

    @get("VolumeRelocatorStatus", since="1.3.0")
    def volume_relocator_status(self) -> VolumeRelocatorStatus:
        """Whether data is being moved."""

    @get("VolumeRelocatorDisksList", since="1.3.0")
    def volume_relocator_disks(self) -> dict[DiskId, DiskTarget]:
        """Each disk when all is moved."""

    @get("VolumeRelocatorVolumeDisks/{volume_name}", since="1.3.0")
    def volume_relocator_volume_disks(
        self, volume_name: VolumeNameOrGlobalId
    ) -> dict[DiskId, DiskTarget]:
        """Each disk when a volume is moved."""

    @get("VolumeRelocatorSnapshotDisks/{snapshot_name}", since="1.3.0")
    def volume_relocator_snapshot_disks(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> dict[DiskId, DiskTarget]:
        """Each disk when a snapshot is moved."""

    @get("VolumeBalancerStatus")
    def volume_balancer_get_status(self) -> VolumeBalancerStatus:
        """What the balancer does."""

    @post("VolumeBalancerStatus", since="1.3.0")
    def volume_balancer_set_status(
        self, request: VolumeBalancerCommand
    ) -> ApiOk:
        """Start, stop or commit."""

    @get("VolumeBalancerVolumesStatus", since="1.3.0")
    def volume_balancer_volumes_status(
        self,
    ) -> list[VolumeBalancerVolumeStatus]:
        """What a commit would do, volume by volume."""

    @get("VolumeBalancerDisksList", since="1.3.0")
    def volume_balancer_disks(self) -> dict[DiskId, DiskTarget]:
        """Each disk after a commit."""

    @get("VolumeBalancerVolumeDisks/{volume_name}", since="1.3.0")
    def volume_balancer_volume_disks(
        self, volume_name: VolumeNameOrGlobalId
    ) -> dict[DiskId, DiskTarget]:
        """Each disk after a commit, as far as one volume goes."""

    @get("VolumeBalancerSnapshotDisks/{snapshot_name}", since="1.3.0")
    def volume_balancer_snapshot_disks(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> dict[DiskId, DiskTarget]:
        """Each disk after a commit, as far as one snapshot goes."""

    @get("VolumeBalancerVolumeDiskSets/{volume_name}", since="1.3.0")
    def volume_balancer_volume_disk_sets(
        self, volume_name: VolumeNameOrGlobalId
    ) -> VolumeBalancerVolumeDiskSets:
        """The sets of disks of one volume."""

    @get("VolumeBalancerSnapshotDiskSets/{snapshot_name}", since="1.3.0")
    def volume_balancer_snapshot_disk_sets(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> VolumeBalancerVolumeDiskSets:
        """The sets of disks of one snapshot."""

    @get("VolumeBalancerGroups", since="1.0.4", until="3.0.1")
    def volume_balancer_groups(self) -> list[VolumeBalancerAllocationGroup]:
        """What the balancer moves together."""
