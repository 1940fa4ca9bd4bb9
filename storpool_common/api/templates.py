# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about templates: policy and capacity of the volumes made from them."""

from typing import Literal

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import PlacementGroupName
from storpool_common.api.types import Redundancy
from storpool_common.api.types import SnapshotName
from storpool_common.api.types import VolumeSize
from storpool_common.api.types import VolumeTemplateName
from storpool_common.api.volumes import VolumeLimits
from storpool_common.api.volumes import VolumePolicyDesc


class VolumeTemplateDesc(VolumeLimits):
    """A template; what it leaves open reads ``-``."""

    name: VolumeTemplateName
    parent_name: str
    place_all: PlacementGroupName
    place_tail: PlacementGroupName
    place_head: PlacementGroupName
    replication: Redundancy
    size: VolumeSize | Literal["-"]
    reuse_server: bool | None = None
    id: int | None = None


class VolumeTemplateSpaceEstInternal(Answer):
    """A debugging aid of the vendor."""

    u1: int
    u2: int
    u3: int


class VolumeTemplateSpaceEstEntry(Answer):
    """Bytes of client data: replication and overhead are taken out."""

    capacity: int
    free: int
    internal: VolumeTemplateSpaceEstInternal | None = None


class VolumeTemplateSpaceEst(VolumeTemplateSpaceEstEntry):
    """The estimate as a whole and for each placement group."""

    place_all: VolumeTemplateSpaceEstEntry
    place_tail: VolumeTemplateSpaceEstEntry
    place_head: VolumeTemplateSpaceEstEntry


class VolumeTemplateStatusDesc(Answer):
    """Counts and bytes of a template.

    ``stored`` estimates client data; ``capacity_place_all`` and its like are
    raw bytes of a placement group.
    """

    name: VolumeTemplateName
    place_all: PlacementGroupName
    place_tail: PlacementGroupName
    place_head: PlacementGroupName
    replication: Redundancy
    size: int
    volumes_count: int
    snapshots_count: int
    removing_snapshots_count: int
    total_size: int
    on_disk_size: int
    stored_size: int
    stored: VolumeTemplateSpaceEst
    available_place_all: int
    available_place_tail: int
    available_place_head: int
    capacity_place_all: int
    capacity_place_tail: int
    capacity_place_head: int
    volumes_size: int | None = None
    snapshots_with_children_size: int | None = None
    snapshots_without_children_size: int | None = None
    id: int | None = None


class VolumeTemplateCreateDesc(VolumePolicyDesc):
    """A template to make; what is left out, a volume has to say itself."""

    name: VolumeTemplateName
    parent: SnapshotName | None = None
    size: VolumeSize | None = None


class VolumeTemplateUpdateDesc(VolumePolicyDesc):
    """What to change of a template.

    :ivar propagate: carry it to its volumes and snapshots too.
    """

    rename: VolumeTemplateName | None = None
    parent: SnapshotName | None = None
    size: VolumeSize | None = None
    propagate: bool | None = None


class TemplateCalls:
    """Templates."""

    @get("VolumeTemplatesList")
    def volume_templates_list(self) -> list[VolumeTemplateDesc]:
        """Every template."""

    @get("VolumeTemplatesStatus", since="1.0.5")
    def volume_templates_status(self) -> list[VolumeTemplateStatusDesc]:
        """Counts, sizes and estimated capacity of every template."""

    @get("VolumeTemplateDescribe/{template_name}")
    def volume_template_describe(
        self, template_name: VolumeTemplateName
    ) -> VolumeTemplateDesc:
        """One template."""

    @post("VolumeTemplateCreate")
    def volume_template_create(
        self, request: VolumeTemplateCreateDesc
    ) -> ApiOk:
        """Make a template."""

    @post("VolumeTemplateUpdate/{template_name}")
    def volume_template_update(
        self,
        template_name: VolumeTemplateName,
        request: VolumeTemplateUpdateDesc,
    ) -> ApiOk:
        """Change a template, for new volumes or for all."""

    @post("VolumeTemplateDelete/{template_name}")
    def volume_template_delete(
        self, template_name: VolumeTemplateName
    ) -> ApiOk:
        """Delete a template that nothing uses."""
