# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots that come under Cinder's management, and that leave it."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from cinder import context
from cinder import exception
from cinder import objects
from oslo_db import exception as db_exception
from oslo_log import log as logging

from cinder_storpool import managing
from cinder_storpool import references
from storpool_common.api.snapshots import SnapshotSummary
from storpool_common.api.snapshots import SnapshotUpdateDesc
from storpool_common.client import Client
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import ValidationError
from storpool_common.names import by_global_id
from storpool_common.names import snapshot_name
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

Reference = references.Reference


@dataclasses.dataclass(frozen=True)
class ManagingSnapshots:
    """Finds, takes over and lets go of snapshots.

    :ivar prefix: first part of the names of our objects.
    """

    client: Client
    prefix: str

    def size(self, snapshot: Any, reference: Reference) -> int:
        """GiB of the snapshot that a reference means, rounded up.

        :raises ManageExistingInvalidReference: there is no such snapshot, or
            it cannot be managed.
        :raises ManageExistingAlreadyManaged: Cinder has it already.
        """
        return references.gibibytes(self._find(snapshot, reference))

    def take(self, snapshot: Any, reference: Reference) -> dict[str, Any]:
        """Make a snapshot that of a record, in one change.

        It is not removed at a set time any more: its record would stay.

        :returns: what Cinder is to store.
        :raises ManageExistingInvalidReference: there is no such snapshot, it
            is not of the record's volume, or it cannot be managed.
        :raises ManageExistingAlreadyManaged: Cinder has it already.
        """
        found = self._find(snapshot, reference)
        self._require_origin(snapshot, found, reference)
        managing.require_detached(self.client, found, reference)
        own = snapshot_name(self.prefix, snapshot.id)
        change = SnapshotUpdateDesc(
            rename=None if found.name == own else own,
            target_delete_date=0 if found.target_delete_date else None,
        )
        if change != SnapshotUpdateDesc():
            self.client.snapshot_update(by_global_id(found.global_id), change)
        return {"provider_id": found.global_id}

    def leave(self, snapshot: Any) -> None:
        """Give a snapshot a name of nobody's; it may be gone or renamed."""
        try:
            self.client.snapshot_update(
                snapshot_name(self.prefix, snapshot.id),
                SnapshotUpdateDesc(
                    rename=f"{self.prefix}-unmanaged--snapshot-{snapshot.id}"
                ),
            )
        except ObjectDoesNotExist:
            LOG.info("Snapshot %s was not there any more.", snapshot.id)

    def entries(self, snapshots: Sequence[Any]) -> list[dict[str, Any]]:
        """Every snapshot of the cluster, and whether it can be managed.

        :param snapshots: records of this backend.
        """
        ours = {
            snapshot_name(self.prefix, snapshot.id): str(snapshot.id)
            for snapshot in snapshots
        }
        attached = managing.attached_objects(self.client)
        return [
            self._entry(found, ours, attached)
            for found in self.client.snapshots_list()
            if not found.deleted and not found.transient
        ]

    def _find(self, snapshot: Any, reference: Reference) -> SnapshotSummary:
        name = references.named(reference)
        own = snapshot_name(self.prefix, snapshot.id)
        try:
            [found] = managing.first_of(self.client.snapshot_list, name, own)
        except (ObjectDoesNotExist, ValidationError) as error:
            raise references.refused(
                reference, f"there is no such StorPool snapshot ({error})"
            ) from error
        if found.name != own:
            self._require_free(found, reference)
        return found

    def _require_free(
        self, found: SnapshotSummary, reference: Reference
    ) -> None:
        why_not = self._why_not(found)
        if why_not is not None:
            raise references.refused(reference, f"{found.name}: {why_not}")
        owner = references.owner_of_snapshot(found.name)
        if owner is not None and _has_record(owner):
            raise exception.ManageExistingAlreadyManaged(volume_ref=owner.id)

    def _require_origin(
        self,
        snapshot: Any,
        found: SnapshotSummary,
        reference: Reference,
    ) -> None:
        """See that a snapshot is one of the record's volume."""
        name = volume_name(self.prefix, snapshot.volume.name_id)
        [volume] = self.client.volume_list(name)
        origin = found.created_from_global_id
        if origin == volume.global_id:
            return
        if origin is None and found.on_volume == name:
            return
        raise references.refused(
            reference,
            f"{found.name} is not a snapshot of volume {snapshot.volume_id}"
            f" ({name}). Name one that is, or the volume that it is of",
        )

    def _why_not(self, found: SnapshotSummary) -> str | None:
        """What keeps a snapshot from being managed, whoever asks."""
        owner = references.owner_of_snapshot(found.name)
        if owner is not None and owner.prefix != self.prefix:
            return (
                "it is of the OpenStack with the prefix"
                f" {owner.prefix}. Unmanage it there, or rename it"
            )
        if found.deleted or found.transient:
            return "it is about to vanish"
        if found.bound:
            return "it vanishes with its last volume. Unbind it first"
        if found.auto_name:
            return "it has no name of its own. Give it one first"
        if found.recovering_from_remote:
            return "its data is still arriving. Wait for that"
        return None

    def _entry(
        self,
        found: SnapshotSummary,
        ours: Mapping[str, str],
        attached: frozenset[str],
    ) -> dict[str, Any]:
        entry = self._plain_entry(found, ours, attached)
        origin = found.created_from_global_id
        source = f"~{origin}" if origin else found.on_volume
        return {**entry, "source_reference": {"source-name": source}}

    def _plain_entry(
        self,
        found: SnapshotSummary,
        ours: Mapping[str, str],
        attached: frozenset[str],
    ) -> dict[str, Any]:
        cinder_id = ours.get(found.name)
        if cinder_id is not None:
            return references.entry(found, cinder_id, "it is managed already")
        why_not = self._why_not(found)
        if why_not is not None:
            return references.entry(found, None, why_not)
        owner = references.owner_of_snapshot(found.name)
        if owner is not None and _has_record(owner):
            return references.entry(found, owner.id, "it is managed already")
        if not attached.isdisjoint((found.global_id, found.name)):
            return references.entry(found, None, "it is attached")
        return references.entry(found, None, None)


def _has_record(owner: references.Owner) -> bool:
    """Whether any backend has that snapshot; no tables, nobody knows."""
    try:
        objects.Snapshot.get_by_id(context.get_admin_context(), owner.id)
    except (exception.SnapshotNotFound, db_exception.DBNonExistentTable):
        return False
    return True
