# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about what clusters show each other.

A snapshot is exported to a location, a volume to a cluster of the own
location; whoever it is exported to may copy it or, a volume, attach it.
"""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import ClusterId
from storpool_common.api.types import ClusterName
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import RemoteLocationName
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import Tags
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeSize


class Export(Answer):
    """A snapshot or volume that is exported from here.

    :ivar backing_up: the other side is copying it.
    """

    global_id: GlobalVolumeId
    location: RemoteLocationName
    snapshot: SnapshotNameOrGlobalId
    backing_up: bool | None = None
    visible_volume_id: int | None = None
    volume_id: int | None = None


class ExportsList(Answer):
    """What is exported from here."""

    exports: list[Export]


class RemoteSnapshot(Answer):
    """A snapshot or volume that is exported to here; ``size`` in bytes.

    :ivar remote_id: its global id, which a copy keeps.
    :ivar local_snapshot: its copy in this cluster, where there is one.
    :ivar on_volume: the volume of which it is a snapshot.
    :ivar creation_timestamp: Unix time.
    """

    creation_timestamp: int
    location: RemoteLocationName
    name: VolumeNameOrGlobalId
    remote_id: GlobalVolumeId
    size: VolumeSize
    created_from_global_id: GlobalVolumeId | None = None
    created_from_visible_volume_id: int | None = None
    local_snapshot: SnapshotNameOrGlobalId | None = None
    on_volume: VolumeNameOrGlobalId | None = None
    tags: Tags | None = None


class RemoteSnapshotsList(Answer):
    """Snapshots that are exported to here."""

    snapshots: list[RemoteSnapshot]


class RemoteVolumesList(Answer):
    """Volumes that are exported to here."""

    volumes: list[RemoteSnapshot]


class SnapshotExportDesc(Request):
    """A snapshot to export, and the location to export it to."""

    location: RemoteLocationName
    snapshot: SnapshotNameOrGlobalId


class SnapshotUnexportDesc(Request):
    """An export to end.

    :ivar all: to every location.
    :ivar force: also where the other side is copying it.
    """

    snapshot: SnapshotNameOrGlobalId
    all: bool | None = None
    force: bool | None = None
    location: RemoteLocationName | None = None


class SnapshotRemoteUnexportDesc(Request):
    """A remote snapshot that is not needed here any more.

    :ivar delete_after: seconds until the other side may delete it.
    :ivar target_delete_date: the same as Unix time. The other side's bridge
        may be set to wait longer.
    """

    global_snapshot_id: GlobalVolumeId
    location: RemoteLocationName
    delete_after: int | None = None
    target_delete_date: int | None = None


class SnapshotsRemoteUnexport(Request):
    """Remote snapshots that are not needed here any more."""

    remote_snapshots: list[SnapshotRemoteUnexportDesc]


class VolumeExportDesc(Request):
    """The cluster that may attach a volume, by its name or its id."""

    cluster: ClusterName | None = None
    cluster_id: ClusterId | None = None


class ExportCalls:
    """Exports, as seen from either side."""

    @get("ExportsList", since="4.0.0")
    def exports_list(self) -> ExportsList:
        """Snapshots that are exported from here."""

    @get("VolumeExportsList", since="5.5.0")
    def volume_exports_list(self) -> ExportsList:
        """Volumes that are exported from here."""

    @get("SnapshotsRemoteList", since="4.0.0")
    def snapshots_remote_list(self) -> RemoteSnapshotsList:
        """Snapshots that other locations export to here."""

    @get("VolumesRemoteList", since="5.5.0")
    def volumes_remote_list(self) -> RemoteVolumesList:
        """Volumes that other clusters export to here."""

    @post("SnapshotExport", since="4.0.0")
    def snapshot_export(self, request: SnapshotExportDesc) -> ApiOk:
        """Let a location see a snapshot; its own location is allowed."""

    @post("SnapshotUnexport", since="4.0.0")
    def snapshot_unexport(self, request: SnapshotUnexportDesc) -> ApiOk:
        """Let it not see it any more."""

    @post("SnapshotsRemoteUnexport", since="4.0.0")
    def snapshots_remote_unexport(
        self, request: SnapshotsRemoteUnexport
    ) -> ApiOk:
        """Tell other locations that snapshots of theirs may go."""

    @post("VolumeExport/{volume_name}", since="5.2.0")
    def volume_export(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeExportDesc
    ) -> ApiOk:
        """Let another cluster attach a volume that stays here."""
