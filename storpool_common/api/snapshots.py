# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about snapshots."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import DiskId
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import NewSnapshotName
from storpool_common.api.types import NewVolumeName
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotName
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import Tags
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeTemplateName
from storpool_common.api.volumes import AbandonDiskDesc
from storpool_common.api.volumes import VolumeChainStat
from storpool_common.api.volumes import VolumePolicyDesc
from storpool_common.api.volumes import VolumeRebaseDesc
from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.api.words import DeleteBlocked
from storpool_common.api.words import DematerializationStatus
from storpool_common.api.words import MultiClusterState


class SnapshotSummary(VolumeSummaryBase):
    """One snapshot in a list.

    :ivar on_volume: the volume whose parent it is, ``-`` for none.
    :ivar auto_name: nobody gave it a name.
    :ivar bound: it goes away with its last child.
    :ivar deleted: it is being removed; its name starts with ``*``.
    :ivar transient: the system made it for a clone and may remove it.
    :ivar recovering_from_remote: its data is still arriving.
    :ivar target_delete_date: Unix time of its removal, 0 for never.
    """

    name: SnapshotNameOrGlobalId
    on_volume: str
    auto_name: bool
    bound: bool
    deleted: bool
    transient: bool
    recovering_from_remote: bool
    backup: bool | None = None
    backup_of_global_id: GlobalVolumeId | None = None
    backup_of_visible_volume_id: int | None = None
    created_from_global_id: GlobalVolumeId | None = None
    created_from_visible_volume_id: int | None = None
    delete_blocked: DeleteBlocked | None = None
    dematerialization_status: DematerializationStatus | None = None
    destroyed: bool | None = None
    mc_state: MultiClusterState | None = None
    mc_state_val: int | None = None
    target_delete_date: int | None = None
    volume_move_source: bool | None = None


class SnapshotSpace(SnapshotSummary):
    """Bytes a snapshot stores, and bytes that deleting it would free."""

    stored_size: int
    space_used: int


class Snapshot(SnapshotSummary):
    """One snapshot with the disks of each of its objects."""

    objects: list[list[DiskId]]
    target_disk_sets: list[list[DiskId]]


class SnapshotInfo(SnapshotSummary):
    """One snapshot with the number of its objects on each disk."""

    disks_count: int
    objects_per_chain: list[VolumeChainStat]
    objects_per_disk: dict[DiskId, int]
    objects_per_disk_set: list[VolumeChainStat]


class VolumeSnapshotDesc(Request):
    """A snapshot to take; the volume's tags are not copied.

    :ivar bind: remove it with its last child.
    :ivar delete_after: seconds from now, 0 for never.
    :ivar target_delete_date: Unix time, 0 for never.
    """

    name: NewVolumeName | None = None
    tags: Tags | None = None
    bind: bool | None = None
    delete_after: int | None = None
    target_delete_date: int | None = None


class ApiOkSnapshotCreate(ApiOk):
    """A snapshot was taken."""

    auto_name: SnapshotName | None = None
    snapshot_global_id: GlobalVolumeId | None = None
    snapshot_visible_volume_id: int | None = None


class SnapshotUpdateDesc(VolumePolicyDesc):
    """What to change of a snapshot; a date of 0 clears it."""

    rename: NewVolumeName | None = None
    bind: bool | None = None
    template: VolumeTemplateName | None = None
    delete_after: int | None = None
    target_delete_date: int | None = None


class GroupSnapshotSpec(Request):
    """One volume of a group snapshot, and how its snapshot is called."""

    volume: VolumeNameOrGlobalId
    name: NewSnapshotName | None = None
    tags: Tags | None = None


class GroupSnapshotsSpec(Request):
    """Volumes to snapshot at one instant; ``tags`` go to each snapshot."""

    volumes: list[GroupSnapshotSpec]
    tags: Tags | None = None


class GroupSnapshotResult(Answer):
    """One snapshot of a group snapshot."""

    volume: VolumeNameOrGlobalId
    volume_global_id: GlobalVolumeId
    snapshot_global_id: GlobalVolumeId
    remote_id: GlobalVolumeId
    snapshot: SnapshotNameOrGlobalId | None = None


class GroupSnapshotsResult(Answer):
    """All snapshots of a group snapshot."""

    snapshots: list[GroupSnapshotResult]
    ok: bool | None = None


class SnapshotCalls:
    """Snapshots: read-only, attachable read-only, parents of volumes."""

    @get("SnapshotsList", multicluster=True)
    def snapshots_list(self) -> list[SnapshotSummary]:
        """Every snapshot, those being deleted included."""

    @get("SnapshotsSpace", multicluster=True, since="1.3.0")
    def snapshots_space(self) -> list[SnapshotSpace]:
        """Bytes used by each snapshot; slow on large clusters."""

    @get("Snapshot/{snapshot_name}", multicluster=True)
    def snapshot_list(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> list[SnapshotSummary]:
        """One snapshot, as a list of one element."""

    @post("VolumeSnapshot/{volume_name}", multicluster=True)
    def snapshot_create(
        self,
        volume_name: VolumeNameOrGlobalId,
        request: VolumeSnapshotDesc | None = None,
    ) -> ApiOkSnapshotCreate:
        """Take a snapshot; it becomes the volume's parent."""

    @post("SnapshotUpdate/{snapshot_name}")
    def snapshot_update(
        self,
        snapshot_name: SnapshotNameOrGlobalId,
        request: SnapshotUpdateDesc,
    ) -> ApiOk:
        """Rename, retag, bind or schedule the removal of a snapshot."""

    @post("SnapshotDelete/{snapshot_name}", multicluster=True)
    def snapshot_delete(self, snapshot_name: SnapshotNameOrGlobalId) -> ApiOk:
        """Delete a snapshot; its children keep their data."""

    @post("VolumesGroupSnapshot", multicluster=True, since="4.0.0")
    def snapshot_create_group(
        self, request: GroupSnapshotsSpec
    ) -> GroupSnapshotsResult:
        """Take snapshots of several volumes at one instant, all or none."""

    @get("VolumeListSnapshots/{volume_name}")
    def volume_list_snapshots(
        self, volume_name: VolumeNameOrGlobalId
    ) -> list[SnapshotSummary]:
        """The parents of a volume, from the nearest on."""

    @get("SnapshotDescribe/{snapshot_name}", multicluster=True)
    def snapshot_describe(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> Snapshot:
        """One snapshot, with the disks of each of its objects: long."""

    @get("SnapshotGetInfo/{snapshot_name}", multicluster=True)
    def snapshot_info(
        self, snapshot_name: SnapshotNameOrGlobalId
    ) -> SnapshotInfo:
        """One snapshot, with its objects counted per disk."""

    @post("SnapshotRebase/{snapshot_name}")
    def snapshot_rebase(
        self, snapshot_name: SnapshotNameOrGlobalId, request: VolumeRebaseDesc
    ) -> ApiOk:
        """Change the parent; the contents stay, and data is copied."""

    @post("VolumeAbandonDisk/{snapshot_name}", since="1.0.5")
    def snapshot_abandon_disk(
        self, snapshot_name: SnapshotNameOrGlobalId, request: AbandonDiskDesc
    ) -> ApiOk:
        """Go on without what a missing disk has of a snapshot.

        The path is that of ``volume_abandon_disk``; this checks the name as a
        snapshot's.
        """

    @post("SnapshotDeleteById/{global_volume_id}", since="4.0.0")
    def snapshot_delete_by_id(self, global_volume_id: GlobalVolumeId) -> ApiOk:
        """Delete a snapshot by its bare global id."""
