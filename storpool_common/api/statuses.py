# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that answer about volumes and snapshots alike."""

from storpool_common.api.call import get
from storpool_common.api.types import Answer
from storpool_common.api.types import DiskId
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import VolumeOrSnapshotName
from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.api.words import DeleteBlocked
from storpool_common.api.words import DematerializationStatus
from storpool_common.api.words import MultiClusterState
from storpool_common.api.words import VolumeCurrentStatus


class VolumeOrSnapshotBase(VolumeSummaryBase):
    """What there is to say of a volume or a snapshot, of whichever it is.

    Members that only a snapshot has are None for a volume; for their
    meaning see :class:`~storpool_common.api.snapshots.SnapshotSummary`.
    """

    snapshot: bool
    auto_name: bool | None = None
    backup: bool | None = None
    backup_of_global_id: GlobalVolumeId | None = None
    backup_of_visible_volume_id: int | None = None
    bound: bool | None = None
    created_from_global_id: GlobalVolumeId | None = None
    created_from_visible_volume_id: int | None = None
    delete_blocked: DeleteBlocked | None = None
    deleted: bool | None = None
    dematerialization_status: DematerializationStatus | None = None
    destroyed: bool | None = None
    mc_state: MultiClusterState | None = None
    mc_state_val: int | None = None
    on_volume: str | None = None
    recovering_from_remote: bool | None = None
    target_delete_date: int | None = None
    transient: bool | None = None
    volume_move_source: bool | None = None


class VolumeStatusQuick(VolumeOrSnapshotBase):
    """Whether a volume or snapshot can be used.

    :ivar decreased_redundancy: some data has fewer copies than it should.
    :ivar migrating: data is being moved to other disks.
    :ivar down_bytes: bytes that cannot be read now.
    :ivar down_drives: disks that are down and hold its data.
    :ivar missing_drives: disks that are not in the cluster now.
    :ivar syncing_data_bytes: bytes still to be recovered.
    """

    balancer_blocked: bool
    decreased_redundancy: bool
    down_bytes: int
    down_drives: list[DiskId]
    migrating: bool
    missing_drives: list[DiskId]
    missing_target_drives: list[DiskId]
    soft_ejecting_drives: list[DiskId]
    status: VolumeCurrentStatus
    syncing_data_bytes: int
    syncing_meta_objects: int
    up_soon_chains_count: int


class VolumeStatus(VolumeStatusQuick):
    """The same with sizes in bytes: its data, and that with all copies."""

    on_disk_size: int
    stored_size: int


class VolumeOrSnapshot(VolumeOrSnapshotBase):
    """A volume or a snapshot in the list of both; ``stored_size`` in bytes."""

    stored_size: int | None = None


class VolumesAndSnapshotsList(Answer):
    """All volumes and snapshots."""

    volumes: list[VolumeOrSnapshot]


class StatusCalls:
    """Volumes and snapshots in one answer."""

    @get("VolumesGetStatus", multicluster=True)
    def volumes_status(self) -> dict[VolumeOrSnapshotName, VolumeStatus]:
        """Sizes and availability of each volume and snapshot, by name.

        Slow on large clusters.
        """

    @get("VolumesGetStatusQuick", multicluster=True, since="7.1.0")
    def volumes_quick_status(
        self,
    ) -> dict[VolumeOrSnapshotName, VolumeStatusQuick]:
        """Availability of each volume and snapshot, by name."""

    @get("VolumesAndSnapshotsList", since=None)
    def volumes_and_snapshots_list(self) -> VolumesAndSnapshotsList:
        """Every volume and snapshot in one answer."""
