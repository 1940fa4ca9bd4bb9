# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about volume allocation groups.

Volumes and snapshots of a group share their sets of disks.
"""

from typing import Literal

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import DiskId
from storpool_common.api.types import OverrideId
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import Redundancy
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import TargetsCount
from storpool_common.api.types import VagId
from storpool_common.api.types import VolumeNameOrGlobalId


class Vag(Answer):
    """An allocation group.

    :ivar chains: the sets of disks in use.
    :ivar target_disk_sets: the sets of disks that data is to be on.
    :ivar overrides: disks of objects that were chosen by hand.
    :ivar disk_sets_constraints_violated: the placement rules cannot be kept.
    """

    chains: list[list[DiskId]]
    disk_sets_constraints_violated: bool
    name: VagId
    overrides: dict[OverrideId, list[DiskId]]
    place_all: PlacementGroupName
    place_head: PlacementGroupName
    place_tail: PlacementGroupName
    replication: Redundancy
    target_disk_sets: list[list[DiskId]]
    template_name: str
    parent_vag_id: int | None = None
    reuse_server: bool | None = None
    template_id: int | None = None
    vag_id: int | None = None


class VolumeUpdateVagDesc(Request):
    """The group that a volume is to be in; ``parent`` for its parent's."""

    vag_id: Literal["parent"] | VagId


class SnapshotUpdateVagDesc(Request):
    """The group that a snapshot is to be in; ``parent`` for its parent's."""

    vag_id: Literal["parent"] | VagId


class VagUpdateDesc(Request):
    """How many sets of disks a group is to have."""

    targets_count: TargetsCount
    vag_id: str


class VagCalls:
    """Allocation groups."""

    @get("VagList/{vag_name}", since="7.1.0")
    def vag_list(self, vag_name: VagId) -> Vag:
        """One group."""

    @post("VolumeUpdateVag/{volume_name}", since="7.1.0")
    def volume_update_vag(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeUpdateVagDesc
    ) -> ApiOk:
        """Move a volume to another group."""

    @post("SnapshotUpdateVag/{snapshot_name}", since="7.1.0")
    def snapshot_update_vag(
        self,
        snapshot_name: SnapshotNameOrGlobalId,
        request: SnapshotUpdateVagDesc,
    ) -> ApiOk:
        """Move a snapshot to another group."""

    @post("VagUpdate", since="7.1.0")
    def vag_update(self, request: VagUpdateDesc) -> ApiOk:
        """Change the number of sets of disks."""
