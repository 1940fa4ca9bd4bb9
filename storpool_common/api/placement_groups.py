# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about placement groups: sets of disks that hold copies."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import DiskId
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import Request
from storpool_common.api.types import ServerId


class PlacementGroup(Answer):
    """A placement group and its disks."""

    name: PlacementGroupName
    disks: list[DiskId] | None = None
    id: int | None = None


class PlacementGroupUpdateDesc(Request):
    """Disks to add and to remove, and a new name."""

    rename: PlacementGroupName | None = None
    add_disks: list[DiskId] | None = None
    rm_disks: list[DiskId] | None = None


class FaultSet(Answer):
    """Servers that fail together."""

    name: PlacementGroupName
    servers: list[ServerId] | None = None


class PlacementGroupCalls:
    """Placement groups."""

    @get("PlacementGroupsList")
    def placement_groups_list(
        self,
    ) -> dict[PlacementGroupName, PlacementGroup]:
        """Every placement group, by name."""

    @get("PlacementGroupDescribe/{placement_group_name}")
    def placement_group_describe(
        self, placement_group_name: PlacementGroupName
    ) -> PlacementGroup:
        """One placement group."""

    @post("PlacementGroupUpdate/{placement_group_name}")
    def placement_group_update(
        self,
        placement_group_name: PlacementGroupName,
        request: PlacementGroupUpdateDesc,
    ) -> ApiOk:
        """Change a placement group; makes one that is not there."""

    @post("PlacementGroupDelete/{placement_group_name}")
    def placement_group_delete(
        self, placement_group_name: PlacementGroupName
    ) -> ApiOk:
        """Delete a placement group that nothing uses."""

    @get("FaultSetsList", since="4.0.0")
    def fault_sets_list(self) -> dict[PlacementGroupName, FaultSet]:
        """Every fault set, by name."""
