# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Deleting, without ever taking the wrong object or one in use."""

from collections.abc import Callable
import dataclasses
from typing import Any

from cinder import context
from cinder import exception
from cinder import objects
from oslo_db import exception as db_exception
from oslo_log import log as logging
import tenacity

from cinder_storpool import errors as edge
from cinder_storpool import migration
from storpool_common.api.volumes import VolumeSummary
from storpool_common.client import Client
from storpool_common.errors import Busy
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import StorPoolError
from storpool_common.names import snapshot_name
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

#: Seconds between two looks at a record's attachments, and how many looks.
_PAUSE = 0.1
_LOOKS = 300


@dataclasses.dataclass(frozen=True)
class Deletion:
    """Deletes Cinder's volumes and snapshots from a cluster.

    :ivar prefix: first part of the names of our objects.
    :ivar sleep: waits for that many seconds.
    """

    client: Client
    prefix: str
    sleep: Callable[[float], None] = tenacity.nap.sleep

    def volume(self, volume: Any) -> None:
        """Delete what holds a volume's data; nothing there is success.

        :raises VolumeIsBusy: it is attached; the message has the clients.
        :raises VolumeBackendAPIException: it cannot be told whether the
            object belongs to this record or to a live volume.
        """
        name = self._object_of(volume)
        self._await_attachments(volume, name)
        try:
            self.client.volume_delete(name)
        except ObjectDoesNotExist:
            LOG.info("Volume %s is already gone.", name)
        except Busy as busy:
            reason = self._who_has(name, busy)
            LOG.warning("Volume %s was not deleted: %s", volume.id, reason)
            raise edge.volume_is_busy(name, reason) from busy

    def _await_attachments(self, volume: Any, name: str) -> None:
        """Let Cinder end a migration before its source goes.

        Observed with Cinder 29: it asks for the source of the migration of
        an attached volume to be deleted, and only then moves the attachments
        away from the record that is deleted. Whoever is faster deletes them
        with it, and the instance has lost its volume at its next reboot.

        :raises VolumeIsBusy: they are still there.
        """
        if volume.migration_status != "deleting":
            return
        looking = tenacity.Retrying(
            sleep=self.sleep,
            wait=tenacity.wait_fixed(_PAUSE),
            stop=tenacity.stop_after_attempt(_LOOKS),
            retry=tenacity.retry_if_result(bool),
        )
        try:
            looking(_attachments_of, volume)
        except tenacity.RetryError:
            reason = (
                "it was migrated, and Cinder has not moved its attachments"
                f" for {_PAUSE * _LOOKS:.0f} seconds; delete it again when"
                " openstack volume attachment list shows none of it"
            )
            raise edge.volume_is_busy(name, reason) from None

    def snapshot(self, snapshot: Any) -> None:
        """Delete a snapshot; nothing there is success.

        :raises SnapshotIsBusy: it is attached; the message has the clients.
        """
        name = snapshot_name(self.prefix, snapshot.id)
        try:
            self.client.snapshot_delete(name)
        except ObjectDoesNotExist:
            LOG.info("Snapshot %s is already gone.", name)
        except Busy as busy:
            reason = self._who_has(name, busy)
            LOG.warning("Snapshot %s was not deleted: %s", snapshot.id, reason)
            raise edge.snapshot_is_busy(name, reason) from busy

    def _who_has(self, name: str, busy: Busy) -> str:
        """Name the clients of an object that could not be deleted."""
        try:
            attachments = self.client.attachments_list()
        except StorPoolError as error:
            return f"{busy} (its clients cannot be listed: {error})"
        clients = sorted({a.client for a in attachments if a.volume == name})
        if not clients:
            return str(busy)
        listed = ", ".join(str(client) for client in clients)
        return (
            f"{busy}: {name} is attached to client {listed}. Detach it there,"
            " or, when that host is gone for good, detach it by force, and"
            " delete again"
        )

    def _object_of(self, volume: Any) -> str:
        """The StorPool volume that a record may delete.

        After a migration the record to be deleted names its object in
        ``_name_id``. The driver that comes with Cinder exchanges the two
        objects' names instead and leaves ``_name_id`` as it is, so there
        the very name may be that of the *live* volume. A live volume that
        goes by the name puts it in doubt.
        """
        mine = volume_name(self.prefix, volume.id)
        named = volume_name(self.prefix, volume.name_id)
        user = migration.user_of_object_of(volume)
        if user is not None:
            return self._beside(volume, user, mine, named)
        if named == mine:
            return mine
        owner = _live_volume_named_by(volume)
        if owner is None:
            return named
        return self._of_two(volume, owner, mine, named)

    def _beside(self, volume: Any, user: Any, mine: str, named: str) -> str:
        """What a record may delete that names a live volume's object.

        That is between two steps of Cinder's, see
        :func:`~cinder_storpool.migration.user_of_object_of`. The record that
        was made for the migration then names its own object, which is the
        live volume's by now, or what the live volume still has.

        :raises VolumeBackendAPIException: nothing tells which is left over.
        """
        goes_by_its_own = named == mine
        other = volume_name(self.prefix, user.id) if goes_by_its_own else mine
        found = self._find(other)
        if found is not None and found.global_id == volume.provider_id:
            return other
        name_id = user.id if goes_by_its_own else "NULL"
        raise exception.VolumeBackendAPIException(
            data=f"delete volume {volume.id}: the StorPool volume {named} has"
            f" the data of volume {user.id}, whose migration was not"
            f" completed, so nothing was deleted. To delete {other} with it,"
            f" set _name_id of {volume.id} to {name_id} in Cinder's database,"
            " and delete again"
        )

    def _of_two(self, volume: Any, owner: Any, mine: str, named: str) -> str:
        """Choose between a record's own name and one a live volume has."""
        found = self._find(named)
        if found is None or found.global_id == owner.provider_id:
            return mine
        if volume.provider_id:
            return named if found.global_id == volume.provider_id else mine
        if owner.provider_id:
            return named
        if self._find(mine) is not None:
            return mine
        raise exception.VolumeBackendAPIException(
            data=f"delete volume {volume.id}: nothing tells whether the"
            f" StorPool volume {named} belongs to it or to the live volume"
            f" {owner.id}, so it was left alone. Look which of the two has"
            " the data, delete or rename the StorPool volume by hand, and"
            " delete again"
        )

    def _find(self, name: str) -> VolumeSummary | None:
        try:
            [found] = self.client.volume_list(name)
        except ObjectDoesNotExist:
            return None
        return found


def _attachments_of(volume: Any) -> list[Any]:
    """What Cinder's records say of who has a volume."""
    return list(
        objects.VolumeAttachmentList.get_all_by_volume_id(
            context.get_admin_context(), volume.id
        )
    )


def _live_volume_named_by(volume: Any) -> Any | None:
    """The live volume that goes by a record's ``_name_id``, if any.

    Where Cinder's tables do not exist (cinderlib) nothing was ever migrated.

    :raises VolumeBackendAPIException: the records cannot be read, so there
        may be one.
    """
    try:
        owner = objects.Volume.get_by_id(
            context.get_admin_context(), volume.name_id
        )
    except (exception.VolumeNotFound, db_exception.DBNonExistentTable):
        return None
    except db_exception.DBError as error:
        raise exception.VolumeBackendAPIException(
            data=f"delete volume {volume.id}: Cinder's records do not say"
            f" whether volume {volume.name_id} has its data now ({error}), so"
            " nothing was deleted. Delete it again once they can be read"
        ) from error
    return owner if owner.name_id == volume.name_id else None
