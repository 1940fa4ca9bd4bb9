# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is in the cluster already, and what is to stay there."""

from collections.abc import Sequence
from typing import Any

from cinder.volume import volume_utils

from cinder_storpool import backend
from cinder_storpool import errors as edge
from cinder_storpool import references

#: What the API lists.
Entries = list[dict[str, Any]]


class ManagementHooks(backend.Backend):
    """Volumes and snapshots that come under management and leave it."""

    def manage_existing(
        self, volume: Any, existing_ref: references.Reference
    ) -> dict[str, Any]:
        """Make a StorPool volume that of a record; only its name changes."""
        with edge.translated(f"manage {dict(existing_ref)} as {volume.id}"):
            return self._managing.take(volume, existing_ref)

    def manage_existing_get_size(
        self, volume: Any, existing_ref: references.Reference
    ) -> int:
        """GiB of a StorPool volume, rounded up."""
        with edge.translated(f"look at {dict(existing_ref)} for {volume.id}"):
            return self._managing.size(volume, existing_ref)

    def unmanage(self, volume: Any) -> None:
        """Leave a volume and its data to the cluster."""
        with edge.translated(f"unmanage volume {volume.id}"):
            self._managing.leave(volume)

    def get_manageable_volumes(
        self,
        cinder_volumes: Sequence[Any],
        marker: Any,
        limit: int,
        offset: int | None,
        sort_keys: list[str],
        sort_dirs: list[str],
    ) -> Entries:
        """Volumes of the cluster, and whether each can be managed."""
        with edge.translated("list volumes that could be managed"):
            entries = self._managing.entries(cinder_volumes)
        found: Entries = volume_utils.paginate_entries_list(
            entries, marker, limit, offset, sort_keys, sort_dirs
        )
        return found

    def manage_existing_snapshot(
        self, snapshot: Any, existing_ref: references.Reference
    ) -> dict[str, Any]:
        """Make a StorPool snapshot that of a record."""
        with edge.translated(f"manage {dict(existing_ref)} as {snapshot.id}"):
            return self._managing_snapshots.take(snapshot, existing_ref)

    def manage_existing_snapshot_get_size(
        self, snapshot: Any, existing_ref: references.Reference
    ) -> int:
        """GiB of a StorPool snapshot, rounded up."""
        with edge.translated(
            f"look at {dict(existing_ref)} for {snapshot.id}"
        ):
            return self._managing_snapshots.size(snapshot, existing_ref)

    def unmanage_snapshot(self, snapshot: Any) -> None:
        """Leave a snapshot to the cluster."""
        with edge.translated(f"unmanage snapshot {snapshot.id}"):
            self._managing_snapshots.leave(snapshot)

    def get_manageable_snapshots(
        self,
        cinder_snapshots: Sequence[Any],
        marker: Any,
        limit: int,
        offset: int | None,
        sort_keys: list[str],
        sort_dirs: list[str],
    ) -> Entries:
        """Snapshots of the cluster, and whether each can be managed."""
        with edge.translated("list snapshots that could be managed"):
            entries = self._managing_snapshots.entries(cinder_snapshots)
        found: Entries = volume_utils.paginate_entries_list(
            entries, marker, limit, offset, sort_keys, sort_dirs
        )
        return found
