# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a migrated volume is called at its new place.

Cinder copies the data into a new volume and then exchanges the two records'
contents: the old id stays with the user and names the new data, the new id's
record is deleted together with the old data. Names in the cluster are never
exchanged to follow that: no sequence of renames is safe against a failure
between two of them. The record says in ``_name_id`` which object is its own,
and everything in this package goes by it.
"""

import dataclasses
from typing import Any

from cinder import context
from cinder import exception
from cinder import objects
from cinder.volume import volume_utils
from oslo_db import exception as db_exception
from oslo_log import log as logging

from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.client import Client
from storpool_common.errors import ApiError
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import TransportError
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

#: What Cinder makes of ``migration_status`` when a migration has failed.
_GIVEN_UP = "error"


@dataclasses.dataclass(frozen=True)
class Migration:
    """Finishes migrations into a cluster.

    :ivar prefix: first part of the names of our objects.
    """

    client: Client
    prefix: str

    def finish(
        self, volume: Any, new_volume: Any, original_status: str
    ) -> dict[str, str | None]:
        """Give the new object the user's name where it is certainly free.

        It is taken by the old object when that is of this cluster. An object
        in use keeps its name, because hosts find it by that.

        :returns: the ``_name_id`` that the user's volume is to have.
        :raises TransportError: the object may have been renamed, and it
            cannot be seen which name it has; nothing was lost.
        """
        # Its _name_id is no more its own where this is done twice.
        keep = {"_name_id": new_volume.id}
        if original_status == "in-use" or _share_a_cluster(volume, new_volume):
            return keep
        wanted = volume_name(self.prefix, volume.id)
        present = volume_name(self.prefix, new_volume.id)
        try:
            if self._exists(wanted):
                return self._of_two(wanted, present, keep)
            self.client.volume_update(present, VolumeUpdateDesc(rename=wanted))
        except TransportError as error:
            LOG.warning("Rename of %s to %s: %s", present, wanted, error)
            return keep if self._exists(present) else {"_name_id": None}
        except ApiError as error:
            LOG.warning("%s keeps its name: %s", present, error)
            return keep
        return {"_name_id": None}

    def _of_two(
        self, wanted: str, present: str, keep: dict[str, str | None]
    ) -> dict[str, str | None]:
        """The user's name is taken: by the old object, or by an earlier try.

        That try renamed the new object and its answer was lost, if the new
        object is not there under its own name any more.
        """
        if self._exists(present):
            return keep
        LOG.info("%s was renamed to %s before.", present, wanted)
        return {"_name_id": None}

    def _exists(self, name: str) -> bool:
        try:
            self.client.volume_list(name)
        except ObjectDoesNotExist:
            return False
        return True


def _share_a_cluster(volume: Any, new_volume: Any) -> bool:
    """Whether both objects are, or may be, where names are shared.

    The first word of a global id is the location; the clusters of one
    location may act as one and find each other's names.
    """
    if volume_utils.extract_host(volume.host) == volume_utils.extract_host(
        new_volume.host
    ):
        return True
    old = _location(volume.provider_id)
    return old is not None and old == _location(new_volume.provider_id)


def _location(global_id: str | None) -> str | None:
    if not global_id or global_id.count(".") != 2:
        return None
    return global_id.partition(".")[0]


def user_of_object_of(volume: Any) -> Any | None:
    """The live volume whose data is in the object that a record names.

    Observed with Cinder 29: at the end of a migration it writes the former
    ``_name_id`` into the record that it made for it, then the new one into
    the volume's record, and exchanges the rest of the two later. Where it was
    killed in between, or lost an answer, both name one object, and the record
    that was made for the migration is an ordinary volume. When it completes
    such a migration once more it leaves both ``_name_id`` the same, and has
    the wrong object deleted.

    Such a record is known by ``use_quota``; of others nothing is asked.

    :returns: None where no other record names the object.
    :raises VolumeBackendAPIException: the records cannot be read.
    """
    if volume.use_quota:
        return None
    try:
        found = objects.VolumeList.get_all(
            context.get_admin_context(), filters={"_name_id": volume.name_id}
        )
    except db_exception.DBNonExistentTable:
        return None
    except db_exception.DBError as error:
        raise exception.VolumeBackendAPIException(
            data=f"volume {volume.id}: Cinder's records do not say whether"
            f" another volume's data is in it ({error}), so nothing was done."
            " Repeat it once they can be read"
        ) from error
    return next((each for each in found if each.id != volume.id), None)


def require_own_object(volume: Any) -> None:
    """See that a record's object is nobody else's.

    :raises VolumeBackendAPIException: it has a live volume's data.
    """
    user = user_of_object_of(volume)
    if user is not None:
        raise exception.VolumeBackendAPIException(
            data=f"volume {volume.id} was made for the migration of volume"
            f" {user.id}, which was not completed, and has the data of that"
            f" volume. Attach {user.id} instead"
        )


def require_under_way(volume: Any) -> None:
    """See that a migration that is about to be finished was not given up.

    Observed with Cinder 29: who waits for the end gives up after the time of
    an RPC, and the volume is the user's again, at its old place. What is
    written there from then on would be lost with a new ``_name_id``.

    :raises VolumeBackendAPIException: it was given up.
    """
    try:
        record = objects.Volume.get_by_id(
            context.get_admin_context(), volume.id
        )
    except (exception.VolumeNotFound, db_exception.DBNonExistentTable):
        return
    if record.migration_status == _GIVEN_UP:
        raise exception.VolumeBackendAPIException(
            data=f"the migration of volume {volume.id} took so long that it"
            " was given up, and the volume stays where it was. Migrate it"
            " again"
        )
