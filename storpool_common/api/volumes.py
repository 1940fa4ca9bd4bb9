# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about volumes."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import Bandwidth
from storpool_common.api.types import ClusterId
from storpool_common.api.types import ClusterName
from storpool_common.api.types import DiskId
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import IOPS
from storpool_common.api.types import LimitType
from storpool_common.api.types import NewVolumeName
from storpool_common.api.types import OnAttached
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import Redundancy
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotName
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import Tags
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeOrSnapshotName
from storpool_common.api.types import VolumeReplication
from storpool_common.api.types import VolumeResize
from storpool_common.api.types import VolumeSize
from storpool_common.api.types import VolumeTemplateName


class VolumePolicyDesc(Request):
    """Where data is placed, what it may consume, and tags.

    ``limit_type`` is newer than API 19.01: leave it out for older servers.
    """

    place_all: PlacementGroupName | None = None
    place_tail: PlacementGroupName | None = None
    place_head: PlacementGroupName | None = None
    replication: VolumeReplication | None = None
    reuse_server: bool | None = None
    iops: IOPS | None = None
    bw: Bandwidth | None = None
    limit_type: LimitType | None = None
    tags: Tags | None = None


class VolumeLimits(Answer):
    """What an object may consume: KB/s and requests per second."""

    iops: IOPS
    bw: Bandwidth
    limit_type: str | None = None


class VolumeSummaryBase(VolumeLimits):
    """What volumes and snapshots have in common.

    ``size`` is in bytes; ``parent_name`` and ``template_name`` are empty
    when there is none. An object without a name is called ``~globalId``.
    """

    name: VolumeOrSnapshotName
    global_id: GlobalVolumeId
    visible_volume_id: int
    size: VolumeSize
    parent_name: str
    template_name: str
    place_all: PlacementGroupName
    place_tail: PlacementGroupName
    place_head: PlacementGroupName
    replication: Redundancy
    objects_count: int
    creation_timestamp: int
    reuse_server: bool | None = None
    tags: Tags | None = None
    cluster_id: ClusterId | None = None
    cluster_name: ClusterName | None = None
    id: int | None = None
    flags: int | None = None
    first_not_parent_object_id: int | None = None
    original_parent_volume_id: int | None = None
    parent_volume_id: int | None = None
    template_id: int | None = None


class VolumeSummary(VolumeSummaryBase):
    """One volume in a list."""

    name: VolumeNameOrGlobalId


class VolumeSpace(VolumeSummary):
    """Bytes that a volume stores itself, and with its parents."""

    stored_size: int
    space_used: int


class VolumeChainStat(Answer):
    """How many objects lie on a set of disks."""

    count: int
    disks: list[DiskId]


class VolumeInfo(VolumeSummary):
    """One volume with the number of its objects on each disk."""

    disks_count: int
    objects_per_chain: list[VolumeChainStat]
    objects_per_disk: dict[DiskId, int]
    objects_per_disk_set: list[VolumeChainStat]


class Volume(VolumeSummary):
    """One volume with the disks of each of its objects.

    :ivar objects: the disks that hold each object, in the order of the
        objects.
    :ivar target_disk_sets: the sets of disks that objects are to be on.
    """

    objects: list[list[DiskId]]
    target_disk_sets: list[list[DiskId]]


class VolumeCreateDesc(VolumePolicyDesc):
    """A volume to make: empty, from a snapshot or from a volume.

    :ivar name: left out or empty, the volume is only known by its global id.
    :ivar size: bytes; may be left out where the template, ``parent`` or
        ``base_on`` gives it.
    :ivar parent: snapshot to start from.
    :ivar base_on: volume to start from, as it is at this moment.
    """

    name: NewVolumeName | None = None
    size: VolumeSize | None = None
    template: VolumeTemplateName | None = None
    parent: SnapshotNameOrGlobalId | None = None
    base_on: VolumeNameOrGlobalId | None = None


class ApiOkVolumeCreate(ApiOk):
    """A volume was made.

    ``auto_name`` is the transient snapshot behind a ``baseOn`` clone.
    """

    name: VolumeNameOrGlobalId | None = None
    global_id: GlobalVolumeId | None = None
    auto_name: SnapshotName | None = None


class VolumeUpdateDesc(VolumePolicyDesc):
    """What to change of a volume; tags that are not named stay.

    :ivar size: new size in bytes.
    :ivar size_add: bytes to grow by.
    :ivar shrink_ok: without it, making a volume smaller is refused.
    """

    rename: NewVolumeName | None = None
    size: VolumeSize | None = None
    size_add: VolumeResize | None = None
    shrink_ok: bool | None = None
    template: VolumeTemplateName | None = None


class ApiOkVolumeUpdate(ApiOk):
    """A volume was changed; some servers tell its name."""

    name: VolumeNameOrGlobalId | None = None


class VolumeDeleteDesc(Request):
    """What to do when the volume is attached; API 21.0 and later."""

    on_attached: OnAttached | None = None


class VolumeRevertDesc(Request):
    """The snapshot whose contents a volume takes.

    :ivar revert_size: take its size too; API 21.0 and later.
    """

    to_snapshot: SnapshotNameOrGlobalId
    revert_size: bool | None = None


class VolumeFreezeDesc(Request):
    """When the snapshot that a volume becomes is to be deleted.

    :ivar delete_after: seconds from now, 0 for never.
    :ivar target_delete_date: Unix time, 0 for never.
    """

    delete_after: int | None = None
    target_delete_date: int | None = None


class VolumeRebaseDesc(Request):
    """The parent that a volume or snapshot is to have.

    :ivar parent_name: a snapshot further up; left out, no parent at all.
    """

    parent_name: SnapshotNameOrGlobalId | None = None


class AbandonDiskDesc(Request):
    """A disk not to wait for."""

    disk_id: DiskId


class VolumeCalls:
    """Volumes: thin, named or not, attached to any number of clients."""

    @get("VolumesList", multicluster=True)
    def volumes_list(self) -> list[VolumeSummary]:
        """Every volume of the cluster; grows with it."""

    @get("VolumesSpace", multicluster=True, since="3.0.0")
    def volumes_space(self) -> list[VolumeSpace]:
        """Bytes used by each volume; slow on large clusters."""

    @get("Volume/{volume_name}", multicluster=True)
    def volume_list(
        self, volume_name: VolumeNameOrGlobalId
    ) -> list[VolumeSummary]:
        """One volume, as a list of one element."""

    @get("VolumeGetInfo/{volume_name}", multicluster=True)
    def volume_info(self, volume_name: VolumeNameOrGlobalId) -> VolumeInfo:
        """One volume, with its objects counted per disk."""

    @post("VolumeCreate", multicluster=True)
    def volume_create(self, request: VolumeCreateDesc) -> ApiOkVolumeCreate:
        """Make a volume; it takes no space before it is written."""

    @post("VolumeUpdate/{volume_name}", multicluster=True)
    def volume_update(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeUpdateDesc
    ) -> ApiOkVolumeUpdate:
        """Rename, resize, retag or change the policy; attached too."""

    @post("VolumeDelete/{volume_name}", multicluster=True)
    def volume_delete(
        self,
        volume_name: VolumeNameOrGlobalId,
        request: VolumeDeleteDesc | None = None,
    ) -> ApiOk:
        """Delete a volume; its snapshots stay. Attached: busy."""

    @post("VolumeRevert/{volume_name}", multicluster=True, since="5.5.0")
    def volume_revert(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeRevertDesc
    ) -> ApiOk:
        """Throw the contents away and go on from a snapshot."""

    @post("VolumeFreeze/{volume_name}", multicluster=True)
    def volume_freeze(
        self,
        volume_name: VolumeNameOrGlobalId,
        request: VolumeFreezeDesc | None = None,
    ) -> ApiOk:
        """Turn a volume into a snapshot of the same name."""

    @get("VolumeDescribe/{volume_name}", multicluster=True)
    def volume_describe(self, volume_name: VolumeNameOrGlobalId) -> Volume:
        """One volume, with the disks of each of its objects: long."""

    @post("VolumeRebase/{volume_name}")
    def volume_rebase(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeRebaseDesc
    ) -> ApiOk:
        """Change the parent; the contents stay, and data is copied."""

    @post("VolumeAbandonDisk/{volume_name}", since="1.0.5")
    def volume_abandon_disk(
        self, volume_name: VolumeNameOrGlobalId, request: AbandonDiskDesc
    ) -> ApiOk:
        """Go on without what a missing disk has of a volume."""
