# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that bring volumes and snapshots from one cluster to another.

What is moved or copied keeps its global id. It can be used at once: data
that has not arrived yet is read from the other cluster.
"""

from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import ClusterId
from storpool_common.api.types import ClusterName
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import OnAttached
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import RemoteLocationName
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import Tags
from storpool_common.api.types import VolumeName
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeReplication
from storpool_common.api.types import VolumeTemplateName
from storpool_common.api.volumes import ApiOkVolumeCreate


class VolumeBackupDesc(Request):
    """A volume to copy to another location, as it is now.

    :ivar tags: for the snapshot that is taken.
    """

    location: RemoteLocationName
    volume: VolumeNameOrGlobalId
    tags: Tags | None = None


class ApiOkVolumeBackup(ApiOkVolumeCreate):
    """A backup has begun; ``remote_id`` is its global id."""

    remote_id: GlobalVolumeId | None = None


class VolumesGroupBackupDesc(Request):
    """Volumes to copy to another location, as they are at one instant.

    :ivar tags: for each snapshot that is taken.
    """

    location: RemoteLocationName
    volumes: list[VolumeNameOrGlobalId]
    tags: Tags | None = None


class VolumesGroupBackupSingle(Answer):
    """The backup of one volume of a group."""

    remote_id: GlobalVolumeId
    snapshot_global_id: GlobalVolumeId


class ApiOkVolumesGroupBackup(ApiOk):
    """Backups have begun, by the names of their volumes."""

    backups: dict[VolumeName, VolumesGroupBackupSingle]


class VolumeMoveToRemoteBase(Request):
    """The cluster to move to, by its name or its id.

    :ivar on_attached: what to do if it is attached; left out, fail.
    """

    cluster: ClusterName | None = None
    cluster_id: ClusterId | None = None
    on_attached: OnAttached | None = None


class VolumeMoveToRemoteDesc(VolumeMoveToRemoteBase):
    """Where a volume is to go."""


class SnapshotMoveToRemoteDesc(VolumeMoveToRemoteBase):
    """Where a snapshot is to go."""


class VolumeAcquireDesc(Request):
    """What to do where the volume is now.

    :ivar on_remote_attached: when it is attached there; left out, fail.
    """

    on_remote_attached: OnAttached | None = None


class FromRemoteBase(Request):
    """A snapshot of another location, and what is to be made of it.

    :ivar remote_id: its global id.
    :ivar export: export the copy back.
    """

    remote_id: GlobalVolumeId
    remote_location: RemoteLocationName
    export: bool | None = None
    place_all: PlacementGroupName | None = None
    place_head: PlacementGroupName | None = None
    place_tail: PlacementGroupName | None = None
    replication: VolumeReplication | None = None
    tags: Tags | None = None
    template: VolumeTemplateName | None = None


class VolumeFromRemoteDesc(FromRemoteBase):
    """A volume to make from a snapshot of another location.

    :ivar name: of the new volume.
    """

    name: VolumeName


class SnapshotFromRemoteDesc(FromRemoteBase):
    """A snapshot to copy from another location.

    :ivar name: of the copy; left out, it is known by its global id.
    """

    name: VolumeName | None = None


class MoveCalls:
    """Moves and copies between clusters."""

    @post("VolumeBackup", multicluster=True, since="4.0.0")
    def volume_backup(self, request: VolumeBackupDesc) -> ApiOkVolumeBackup:
        """Take a snapshot, export it and have it copied at the other end."""

    @post("VolumesGroupBackup", multicluster=True, since="4.0.0")
    def volumes_group_backup(
        self, request: VolumesGroupBackupDesc
    ) -> ApiOkVolumesGroupBackup:
        """The same for several volumes at one instant."""

    @post("VolumeMoveToRemote/{volume_name}", since="5.2.0")
    def volume_move_to_remote(
        self,
        volume_name: VolumeNameOrGlobalId,
        request: VolumeMoveToRemoteDesc,
    ) -> ApiOk:
        """Move a volume to another cluster of the location."""

    @post("SnapshotMoveToRemote/{snapshot_name}", since="7.1.0")
    def snapshot_move_to_remote(
        self,
        snapshot_name: SnapshotNameOrGlobalId,
        request: SnapshotMoveToRemoteDesc,
    ) -> ApiOk:
        """Move a snapshot to another cluster of the location."""

    @post("VolumeAcquire/{volume_name}", multicluster=True, since="5.2.0")
    def volume_acquire(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeAcquireDesc
    ) -> ApiOk:
        """Bring a volume here; does nothing if it is here already."""

    @post("VolumeFromRemote", since="5.5.0")
    def volume_from_remote(self, request: VolumeFromRemoteDesc) -> ApiOk:
        """Make a volume from a snapshot that is exported to here."""

    @post("SnapshotFromRemote", since="4.0.0")
    def snapshot_from_remote(self, request: SnapshotFromRemoteDesc) -> ApiOk:
        """Copy a snapshot that is exported to here.

        One that was copied before: ``ObjectExists``.
        """
