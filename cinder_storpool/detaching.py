# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What terminate_connection does to the cluster's attachments.

The host detaches a volume itself, and its connector knows who else on the
host uses it. By the time Cinder is told, a host that works has nothing left
to detach, and what is still attached belongs to somebody else: another
instance with the same volume, or a copy that Cinder makes on that machine
under the same client number. Cutting that off destroys data, so a client is
detached from here only when Cinder's own records leave nobody who could be
using it:

* the client number is known for certain;
* no other attachment of the volume has that client, and none is there
  whose client is not known, but one that is reserved for the same instance;
* Cinder itself neither copies nor migrates the volume: such copies have no
  attachment record, and they end with a *forced* terminate_connection for
  the host they ran on, where an instance may well use the same volume.

A lock of the volume is held from the look at the records to the detach, and
initialize_connection takes the same lock: who is not in the records by then
attaches after the detach. What remains is the host that is gone: an
evacuated instance's, say, whose attachment nobody else would remove.

Even then the detach is not forced, and StorPool refuses it while a device is
open. It is forced only with ``force`` and where the attachment that ends has
its record, which that of a copy has not. Observed with Cinder 29: nobody asks
for that, os-force_detach included.
"""

from collections.abc import Sequence
import dataclasses
from typing import Any

from cinder import context
from cinder import exception
from cinder import objects
from oslo_db import exception as db_exception
from oslo_log import log as logging

from cinder_storpool import connections
from storpool_common.api.attachments import ReassignDesc
from storpool_common.api.attachments import VolumesReassignWaitDesc
from storpool_common.client import Client
from storpool_common.errors import Busy
from storpool_common.errors import InvalidParam
from storpool_common.errors import ObjectDoesNotExist

LOG = logging.getLogger(__name__)

#: States in which no part of Cinder reads or writes the volume's data.
_AT_REST = frozenset(
    {"available", "attaching", "detaching", "in-use", "reserved"}
)
_MIGRATING = frozenset({"starting", "migrating", "completing"})

#: What the API says of a client number that no client has.
_NO_SUCH_CLIENT = "no such client"


@dataclasses.dataclass(frozen=True)
class Detaching:
    """Takes volumes from clients that no longer should have them."""

    client: Client
    hosts: connections.Hosts

    def from_all(self, target: ReassignDesc) -> None:
        """Detach an object everywhere.

        :param target: the object, ``detach="all"``, and whether by force.
        """
        self._apply(target)

    def from_host(
        self,
        volume: Any,
        name: str,
        connector: connections.Connector,
        *,
        force: bool,
    ) -> bool:
        """Detach a volume from a host where nobody can be using it.

        :param volume: the Cinder volume.
        :param name: the StorPool volume behind it.
        :returns: whether somebody else may be using it there.
        """
        client = self._certain_client(connector, force=force)
        if client is None:
            return False
        record = fresh(volume)
        clients = self._clients_of(record, client)
        why_not = _why_not(record, clients, client, force=force)
        if why_not is not None:
            LOG.info(
                "Volume %(volume)s is not detached from client %(client)d:"
                " %(why_not)s.",
                {"volume": volume.id, "client": client, "why_not": why_not},
            )
            return True
        by_force = force and client in clients
        return not self._apply(
            ReassignDesc(volume=name, detach=[client], force=by_force or None)
        )

    def permitted(
        self, volume: Any, connector: connections.Connector
    ) -> list[int] | None:
        """The clients that may have a volume once a host attaches it.

        :returns: None where that is not certain: Cinder itself may be
            copying the volume somewhere, or a client is not known.
        """
        record = fresh(volume)
        client = self.hosts.client_of(connector)
        if worked_on(record) is not None or record is None:
            return None
        attached = [each for each in record.volume_attachment if host_of(each)]
        clients = {client, *(self._client_of(each) for each in attached)}
        if None in clients:
            return None
        return sorted(each for each in clients if each is not None)

    def _certain_client(
        self, connector: connections.Connector, *, force: bool
    ) -> int | None:
        """The host's client; storpool.conf here is enough by force only."""
        if force:
            return self.hosts.client_of(connector)
        return connections.client_by_own_word(connector)

    def _clients_of(self, record: Any | None, client: int) -> list[int | None]:
        """The clients of a volume's attachments, None for unknown ones.

        An instance that leaves a client may have the volume reserved for
        where it goes: Nova makes that before it ends the attachment of an
        evacuated instance, and uses it afterwards. It is nobody on the client.
        """
        attachments = [] if record is None else record.volume_attachment
        clients = [(each, self._client_of(each)) for each in attachments]
        leaving = {
            each.instance_uuid for each, its in clients if its == client
        }
        return [
            its
            for each, its in clients
            if host_of(each)
            or each.instance_uuid is None
            or each.instance_uuid not in leaving
        ]

    def _client_of(self, attachment: Any) -> int | None:
        connector = attachment.connector or {}
        return self.hosts.client_of({**connector, "host": host_of(attachment)})

    def _apply(self, target: ReassignDesc) -> bool:
        """Detach; False when a device is still open and stays attached."""
        try:
            self.client.volumes_reassign_wait(
                VolumesReassignWaitDesc(reassign=[target], attach_timeout=0)
            )
        except ObjectDoesNotExist:
            return True
        except InvalidParam as error:
            if _NO_SUCH_CLIENT not in error.description.lower():
                raise
        except Busy as error:
            LOG.warning(
                "Still in use after Cinder removed the attachment, and left"
                " attached: %s. If that host is meant to be gone, see that"
                " its instances are dead and detach by force.",
                error,
            )
            return False
        return True


def _why_not(
    record: Any | None,
    clients: Sequence[int | None],
    client: int,
    *,
    force: bool,
) -> str | None:
    """Who could be using a volume on a client, None for nobody.

    :param clients: those of the volume's attachments, None where unknown.
    """
    work = worked_on(record)
    if work is not None:
        return work
    if clients.count(client) > 1:
        return "it has another attachment there"
    if None in clients and not force:
        return "it has an attachment of which the client is not known"
    return None


def worked_on(record: Any | None) -> str | None:
    """How Cinder itself could be using a volume, None for not at all."""
    if record is None:
        return "Cinder's records of it cannot be read"
    if record.status not in _AT_REST:
        return f"Cinder is working on it ({record.status})"
    if record.migration_status in _MIGRATING:
        return "Cinder is migrating it"
    return None


def host_of(attachment: Any) -> str | None:
    """The host of an attachment, None for one that is only reserved."""
    connector = attachment.connector or {}
    host: str | None = connector.get("host") or attachment.attached_host
    return host


def fresh(volume: Any) -> Any | None:
    """The volume's record as it is now, None where there is none."""
    admin = context.get_admin_context()
    try:
        return objects.Volume.get_by_id(admin, volume.id)
    except (exception.VolumeNotFound, db_exception.DBError):
        return None
