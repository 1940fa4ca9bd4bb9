# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about ATA over Ethernet, which only servers of API 16.01 have."""

from storpool_common.api.active_requests import ActiveRequestDesc
from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import AoeTargetId
from storpool_common.api.types import ApiOk
from storpool_common.api.types import SnapshotName
from storpool_common.api.types import VolumeName
from storpool_common.api.types import VolumeOrSnapshotName
from storpool_common.api.words import AoeExportStatus


class AoeExport(Answer):
    """A volume or snapshot that is exported.

    :ivar target: which service exports it, None for none.
    """

    name: VolumeOrSnapshotName
    snapshot: bool
    aoe_id: str
    target: AoeTargetId | None
    status: AoeExportStatus


class AoeTargetActiveRequests(Answer):
    """The requests that a target works on."""

    aoe_target_id: AoeTargetId
    requests: list[ActiveRequestDesc]


class AoeCalls:
    """Exports over ATA over Ethernet."""

    @get("AoeStatus", since="1.0.4", until="3.0.1")
    def aoe_status(self) -> list[AoeExport]:
        """Every export."""

    @post("AoeExportVolume/{volume_name}", since="1.0.4", until="3.0.1")
    def aoe_export_volume(self, volume_name: VolumeName) -> ApiOk:
        """Export a volume."""

    @post("AoeExportSnapshot/{snapshot_name}", since="1.0.4", until="3.0.1")
    def aoe_export_snapshot(self, snapshot_name: SnapshotName) -> ApiOk:
        """Export a snapshot."""

    @post("AoeUnexportVolume/{volume_name}", since="1.0.4", until="3.0.1")
    def aoe_unexport_volume(self, volume_name: VolumeName) -> ApiOk:
        """Stop exporting a volume."""

    @post("AoeUnexportSnapshot/{snapshot_name}", since="1.0.4", until="3.0.1")
    def aoe_unexport_snapshot(self, snapshot_name: SnapshotName) -> ApiOk:
        """Stop exporting a snapshot."""

    @get(
        "AoeTargetActiveRequests/{aoe_target_id}", since="1.0.4", until="3.0.1"
    )
    def aoe_target_active_requests(
        self, aoe_target_id: AoeTargetId
    ) -> AoeTargetActiveRequests:
        """The requests under way on one target."""
