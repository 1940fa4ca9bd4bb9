# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a host is told to attach, and what it must have told us."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from cinder import exception

from os_brick_storpool.properties import STRICTER_MODE
from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.config import Configuration

#: Where our os-brick connector states its version.
CONNECTOR_VERSION = "storpool_connector"
#: Where it states the host's own client number.
CONNECTOR_CLIENT = "storpool_client_id"

#: Told to hosts whose client number nobody knows. os-brick's own connector
#: only wants some number there; it uses its SP_OURID.
UNKNOWN_CLIENT = 65

Connector = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Hosts:
    """Who may attach, and under which client number.

    :ivar configuration: storpool.conf as this host sees it.
    :ivar connector_required: ``storpool_require_connector``.
    """

    configuration: Configuration
    connector_required: bool

    def check(self, connector: Connector) -> None:
        """See that a connector says what is needed to attach.

        :raises InvalidConnectorException: it does not.
        """
        if not connector.get("host"):
            raise exception.InvalidConnectorException(missing="host")
        client_by_own_word(connector)
        if self.connector_required and not has_our_connector(connector):
            raise exception.InvalidConnectorException(
                # Nova shows 255 characters, and the first 93 are Cinder's:
                # the way out comes before the name, which may have 64.
                missing=f"{CONNECTOR_VERSION}: install storpool-openstack,"
                " set config_source and restart, or unset"
                f" storpool_require_connector: host {connector['host']} does"
                " not run the connector of storpool-openstack"
            )

    def check_for_snapshots(self, connector: Connector) -> None:
        """See that a host can attach snapshots: os-brick's own cannot.

        :raises InvalidConnectorException: it cannot.
        """
        self.check(connector)
        if not has_our_connector(connector):
            raise exception.InvalidConnectorException(
                missing=f"{CONNECTOR_VERSION}: host {connector['host']} does"
                " not run the connector of storpool-openstack, and os-brick's"
                " own cannot attach a snapshot. Install storpool-openstack"
                " there, or set backup_use_temp_snapshot = False"
            )

    def client_of(self, connector: Connector) -> int | None:
        """The client number of a connector's host, None when unknown.

        The host's own word, else that host's section in storpool.conf.

        :raises ConfigurationError: what stands there is no number.
        """
        own = client_by_own_word(connector)
        if own is not None:
            return own
        host = connector.get("host")
        return self.configuration.client_id_of(host) if host else None

    def client_to_tell(self, connector: Connector) -> int:
        """The number for connection_info, where there must be one."""
        known = self.client_of(connector)
        return UNKNOWN_CLIENT if known is None else known


def has_our_connector(connector: Connector) -> bool:
    """Whether the host runs the connector of storpool-openstack."""
    return bool(connector.get(CONNECTOR_VERSION))


def client_by_own_word(connector: Connector) -> int | None:
    """The client number that the host itself stated.

    :raises InvalidConnectorException: it is no number.
    """
    own = connector.get(CONNECTOR_CLIENT)
    if own is None:
        return None
    if str(own).isdecimal():
        return int(own)
    raise exception.InvalidConnectorException(
        missing=f"{CONNECTOR_CLIENT}: {own!r} is no client number; set"
        " SP_OURID in storpool.conf of that host"
    )


def volume_info(
    volume: Any,
    found: VolumeSummaryBase,
    hosts: Hosts,
    connector: Connector,
    peers: Sequence[int] | None,
) -> dict[str, Any]:
    """The connection_info of a volume.

    ``client_id``, ``volume`` and ``access_mode`` are what os-brick's own
    connector reads; it ignores the rest. Cinder overwrites ``access_mode``,
    also where an attachment was asked for as read-only, so our connector
    heeds the stricter one where that is there.

    :param volume: the Cinder volume.
    :param found: the StorPool volume behind it.
    :param peers: the clients that may have it, None where that is not known:
        ``storpool_peers``, by which a host can tell who should not have it.
    """
    read_only = connector.get("mode") == "ro"
    return _info(
        found,
        hosts.configuration,
        client_id=hosts.client_to_tell(connector),
        volume=volume.name_id,
        access_mode="ro" if read_only else "rw",
        snapshot=False,
        discard=True,
        **({STRICTER_MODE: "ro"} if read_only else {}),
        **({} if peers is None else {"storpool_peers": list(peers)}),
    )


def snapshot_info(
    snapshot: Any,
    found: VolumeSummaryBase,
    hosts: Hosts,
    connector: Connector,
) -> dict[str, Any]:
    """The connection_info of a snapshot, which our connector alone knows."""
    return _info(
        found,
        hosts.configuration,
        client_id=hosts.client_to_tell(connector),
        volume=snapshot.id,
        access_mode="ro",
        snapshot=True,
    )


def _info(
    found: VolumeSummaryBase, configuration: Configuration, **data: Any
) -> dict[str, Any]:
    return {
        "driver_volume_type": "storpool",
        "data": {
            "global_id": found.global_id,
            "name": found.name,
            "size": found.size,
            "cluster_id": configuration.cluster_id,
            **data,
        },
    }
