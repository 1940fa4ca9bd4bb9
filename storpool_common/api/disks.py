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
from storpool_common.api.types import Request
from storpool_common.api.types import ServerId


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
    soft_eject: str
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
