# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about disks: the drives of the storage servers."""

import msgspec

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import DiskDescription
from storpool_common.api.types import DiskId
from storpool_common.api.types import ObjectState
from storpool_common.api.types import Request
from storpool_common.api.types import ServerId
from storpool_common.api.words import DiskSoftEjectStatus


class DiskAggregateScores(Answer):
    """A debugging aid of the vendor."""

    entries: int
    space: int
    total: int


class DiskWbcStats(Answer):
    """Pages of a disk's write-back cache."""

    max_pages: int
    pages: int
    pages_pending: int


class DiskSummary(Answer):
    """One disk. A disk that is down has only the required members.

    ``generation_left`` is -1 for a disk that is up, else the generation of
    the configuration at which it left. Allocation groups (``ag_...``) are
    512 MiB each.
    """

    id: DiskId
    server_id: ServerId
    generation_left: int
    description: DiskDescription
    model: str
    serial: str
    soft_eject: DiskSoftEjectStatus
    ssd: bool
    device: str | None = None
    empty: bool | None = None
    is_wbc: bool | None = None
    journaled: bool | None = None
    no_flush: bool | None = None
    no_fua: bool | None = None
    no_trim: bool | None = None
    sectors_count: int | None = None
    entries_allocated: int | None = None
    entries_count: int | None = None
    entries_free: int | None = None
    objects_allocated: int | None = None
    objects_count: int | None = None
    objects_free: int | None = None
    objects_on_disk_size: int | None = None
    last_scrub_completed: int | None = None
    scrubbed_bytes: int | None = None
    scrubbing_bw: int | None = msgspec.field(name="scrubbingBW", default=None)
    scrubbing_finish_after: int | None = None
    scrubbing_paused: bool | None = None
    scrubbing_paused_for: int | None = None
    scrubbing_started_before: int | None = None
    ag_allocated: int | None = None
    ag_count: int | None = None
    ag_free: int | None = None
    ag_freeing: int | None = None
    ag_full: int | None = None
    ag_max_size_full: int | None = None
    ag_max_size_partial: int | None = None
    ag_partial: int | None = None
    aggregate_score: DiskAggregateScores | None = None
    wbc: DiskWbcStats | None = None


class DiskObject(Answer):
    """What a disk holds of an object: up to 32 MiB of a volume.

    Sizes are in bytes.
    """

    generation: int
    on_disk_size: int
    parent_volume: str
    state: ObjectState
    stored_size: int
    version: int
    volume: str
    object_id: int | None = None
    volume_id: int | None = None


class Disk(DiskSummary):
    """One disk with its objects, by their number."""

    objects: dict[int, DiskObject]


class DiskVolumeInfo(Answer):
    """What a disk holds of a volume; sizes are in bytes.

    :ivar object_states: how many objects are in each state.
    """

    name: str
    object_states: dict[ObjectState, int]
    objects_count: int
    on_disk_size: int
    stored_size: int


class DiskInfo(DiskSummary):
    """One disk with what it holds of each volume, by its name."""

    object_states: dict[ObjectState, int]
    volume_infos: dict[str, DiskVolumeInfo]


class DiskDescUpdate(Request):
    """A new description of a disk."""

    description: DiskDescription


class DiskCalls:
    """Disks."""

    @get("DisksList")
    def disks_list(self) -> dict[DiskId, DiskSummary]:
        """Every disk, by its id."""

    @post("DiskSetDescription/{disk_id}")
    def disk_set_desc(self, disk_id: DiskId, request: DiskDescUpdate) -> ApiOk:
        """Set the free text that describes a disk."""

    @get("DiskDescribe/{disk_id}")
    def disk_describe(self, disk_id: DiskId) -> Disk:
        """One disk with every object on it: long."""

    @get("DiskGetInfo/{disk_id}", since="1.0.4", until="7.0.0")
    def disk_info(self, disk_id: DiskId) -> DiskInfo:
        """One disk with the volumes on it."""

    @post("DiskEject/{disk_id}")
    def disk_eject(self, disk_id: DiskId) -> ApiOk:
        """Take a disk out at once; see ``disk_soft_eject``."""

    @post("DiskForget/{disk_id}")
    def disk_forget(self, disk_id: DiskId) -> ApiOk:
        """Give up a missing disk: what it held is made again elsewhere."""

    @post("DiskIgnore/{disk_id}", since="1.0.5")
    def disk_ignore(self, disk_id: DiskId) -> ApiOk:
        """Start the cluster without a missing disk."""

    @post("DiskSoftEject/{disk_id}")
    def disk_soft_eject(self, disk_id: DiskId) -> ApiOk:
        """Drain a disk, then take it out."""

    @post("DiskSoftEjectPause/{disk_id}")
    def disk_soft_eject_pause(self, disk_id: DiskId) -> ApiOk:
        """Stop draining for now."""

    @post("DiskSoftEjectCancel/{disk_id}")
    def disk_soft_eject_cancel(self, disk_id: DiskId) -> ApiOk:
        """Stop draining, and use the disk again."""

    @post("DiskScrubStart/{disk_id}", since="3.0.0")
    def disk_scrub_start(self, disk_id: DiskId) -> ApiOk:
        """Begin to read all data of a disk and check it."""

    @post("DiskScrubPause/{disk_id}", since="3.0.0")
    def disk_scrub_pause(self, disk_id: DiskId) -> ApiOk:
        """Stop checking for now."""

    @post("DiskScrubContinue/{disk_id}", since="3.0.0")
    def disk_scrub_continue(self, disk_id: DiskId) -> ApiOk:
        """Go on checking."""

    @post("DiskRetrim/{disk_id}", since="3.0.0")
    def disk_retrim(self, disk_id: DiskId) -> ApiOk:
        """Tell a disk again which of its space is free."""

    @get("ServerDisksList/{server_id}")
    def server_disks_list(
        self, server_id: ServerId
    ) -> dict[DiskId, DiskSummary]:
        """The disks of a server, by their id."""

    @get("ServerDiskDescribe/{server_id}/{disk_id}")
    def server_disk_describe(
        self, server_id: ServerId, disk_id: DiskId
    ) -> Disk:
        """One disk of a server with every object on it: long."""
