# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes that come under Cinder's management, and that leave it.

To manage is to rename: everything else goes by the name. A volume that
leaves keeps its data and gets a name that no OpenStack takes for its own.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any
from typing import TypeVar

from cinder import context
from cinder import exception
from cinder import objects
from oslo_db import exception as db_exception
from oslo_log import log as logging
from oslo_utils import units

from cinder_storpool import qos
from cinder_storpool import references
from cinder_storpool import templates
from storpool_common.api.volumes import VolumeSummary
from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.client import Client
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import ValidationError
from storpool_common.names import by_global_id
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

S = TypeVar("S", bound=VolumeSummaryBase)

Reference = references.Reference


@dataclasses.dataclass(frozen=True)
class Managing:
    """Finds, takes over and lets go of volumes.

    :ivar prefix: first part of the names of our objects.
    """

    client: Client
    prefix: str
    qualities: qos.Qualities

    def size(self, volume: Any, reference: Reference) -> int:
        """GiB of the volume that a reference means, rounded up.

        :raises ManageExistingInvalidReference: there is no such volume, or
            it is of another OpenStack.
        :raises ManageExistingAlreadyManaged: Cinder has it already.
        """
        return references.gibibytes(self._find(volume, reference))

    def take(self, volume: Any, reference: Reference) -> dict[str, Any]:
        """Make a volume that of a record.

        It is renamed, grows to whole GiB, and gets the limits of its type,
        all in one change. An earlier try may have done it already.

        :returns: what Cinder is to store.
        :raises ManageExistingInvalidReference: there is no such volume, it
            is of another OpenStack, or attached.
        :raises ManageExistingAlreadyManaged: Cinder has it already.
        :raises ManageExistingVolumeTypeMismatch: type or pool are of another
            template.
        """
        found = self._find(volume, reference)
        self._require_template(volume, found)
        require_detached(self.client, found, reference)
        change = self._change(volume, found)
        if change != VolumeUpdateDesc():
            self.client.volume_update(by_global_id(found.global_id), change)
        return {"provider_id": found.global_id}

    def leave(self, volume: Any) -> None:
        """Give a volume a name of nobody's; it may be gone or renamed."""
        try:
            self.client.volume_update(
                volume_name(self.prefix, volume.name_id),
                VolumeUpdateDesc(
                    rename=f"{self.prefix}-unmanaged--{volume.name_id}"
                ),
            )
        except ObjectDoesNotExist:
            LOG.info("Volume %s was not there any more.", volume.id)

    def entries(self, volumes: Sequence[Any]) -> list[dict[str, Any]]:
        """Every volume of the cluster, and whether it can be managed.

        :param volumes: records of this backend.
        """
        ours = {
            volume_name(self.prefix, volume.name_id): str(volume.id)
            for volume in volumes
        }
        attached = attached_objects(self.client)
        return [
            self._entry(found, ours, attached)
            for found in self.client.volumes_list()
        ]

    def _find(self, volume: Any, reference: Reference) -> VolumeSummary:
        name = references.named(reference)
        own = volume_name(self.prefix, volume.id)
        try:
            [found] = first_of(self.client.volume_list, name, own)
        except (ObjectDoesNotExist, ValidationError) as error:
            raise references.refused(
                reference, f"there is no such StorPool volume ({error})"
            ) from error
        if found.name != own:
            self._require_free(found, reference)
        return found

    def _require_free(
        self, found: VolumeSummary, reference: Reference
    ) -> None:
        owner = references.owner_of_volume(found.name)
        if owner is None:
            return
        if owner.prefix != self.prefix:
            raise references.refused(reference, _of_another(found, owner))
        record = _record_of(owner)
        if record is not None:
            raise exception.ManageExistingAlreadyManaged(volume_ref=record)

    def _require_template(self, volume: Any, found: VolumeSummary) -> None:
        asked = templates.asked_template(volume.volume_type, volume.host)
        if asked in (None, found.template_name):
            return
        raise exception.ManageExistingVolumeTypeMismatch(
            reason=f"{found.name} is in template"
            f" {found.template_name or '-'} and the volume's type or pool says"
            f" {asked}. Manage it in pool"
            f" {templates.pool_name(found.template_name)}, with a type of"
            " that template, and retype it then"
        )

    def _change(self, volume: Any, found: VolumeSummary) -> VolumeUpdateDesc:
        own = volume_name(self.prefix, volume.id)
        size = references.gibibytes(found) * units.Gi
        return VolumeUpdateDesc(
            rename=None if found.name == own else own,
            size=None if found.size == size else size,
            **self.qualities.of(volume).instead_of(
                qos.Quality(), templated=False
            ),
        )

    def _entry(
        self,
        found: VolumeSummary,
        ours: Mapping[str, str],
        attached: frozenset[str],
    ) -> dict[str, Any]:
        cinder_id = ours.get(found.name)
        if cinder_id is not None:
            return references.entry(found, cinder_id, "it is managed already")
        owner = references.owner_of_volume(found.name)
        if owner is not None and owner.prefix != self.prefix:
            return references.entry(found, None, _of_another(found, owner))
        record = None if owner is None else _record_of(owner)
        if record is not None:
            return references.entry(found, record, "it is managed already")
        if not attached.isdisjoint((found.global_id, found.name)):
            return references.entry(found, None, "it is attached")
        return references.entry(found, None, None)


def _of_another(found: VolumeSummary, owner: references.Owner) -> str:
    return (
        f"{found.name} is a volume of the OpenStack with the prefix"
        f" {owner.prefix}. Unmanage it there, or rename it"
    )


def _record_of(owner: references.Owner) -> str | None:
    """The id of the volume whose object has a name, in any backend.

    Where the tables do not exist (cinderlib) nobody knows.
    """
    admin = context.get_admin_context()
    try:
        volume = objects.Volume.get_by_id(admin, owner.id)
        if volume.name_id == owner.id:
            return owner.id
    except exception.VolumeNotFound:
        LOG.debug("No volume has the id %s.", owner.id)
    except db_exception.DBNonExistentTable:
        return None
    migrated = objects.VolumeList.get_all(
        admin, filters={"_name_id": owner.id}
    )
    return str(migrated[0].id) if migrated else None


def first_of(look: Callable[[str], list[S]], name: str, own: str) -> list[S]:
    """The object of a name, or what an earlier try made of it.

    :param look: asks the cluster about one name.
    :param own: the name that managing gives.
    """
    try:
        return look(name)
    except ObjectDoesNotExist as missing:
        try:
            return look(own)
        except ObjectDoesNotExist:
            raise missing from None


def require_detached(
    client: Client, found: VolumeSummaryBase, reference: Reference
) -> None:
    """Refuse an object that some host has.

    :raises ManageExistingInvalidReference: naming the clients.
    """
    clients = clients_of(client, found.global_id, found.name)
    if clients:
        raise references.refused(
            reference,
            f"{found.name} is attached to client {clients}. Detach it there"
            " first",
        )


def clients_of(client: Client, global_id: str, name: str) -> str:
    """The clients that have an object, for a message; empty for none."""
    clients = {
        attachment.client
        for attachment in client.attachments_list()
        if global_id == attachment.global_id or name == attachment.volume
    }
    return ", ".join(str(each) for each in sorted(clients))


def attached_objects(client: Client) -> frozenset[str]:
    """Global ids, and names, of everything that is attached somewhere."""
    attachments = client.attachments_list()
    return frozenset(
        each
        for attachment in attachments
        for each in (attachment.global_id, attachment.volume)
        if each is not None
    )
