# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about the services of a cluster and the clients among them."""

from storpool_common.api.call import get
from storpool_common.api.types import Answer
from storpool_common.api.types import BridgeId
from storpool_common.api.types import ClientId
from storpool_common.api.types import DiskId
from storpool_common.api.types import IscsiTargetId
from storpool_common.api.types import MgmtId
from storpool_common.api.types import NodeId
from storpool_common.api.types import ServerId


class Service(Answer):
    """A service; ``start_time`` is Unix time, None for one that is down."""

    version: str
    status: str
    start_time: int | None
    node_id: NodeId | None = None


class Bridge(Service):
    """A service that speaks to other clusters."""

    id: BridgeId


class Client(Service):
    """A host that attaches volumes."""

    id: ClientId


class IscsiTarget(Service):
    """A service that exports volumes over iSCSI."""

    id: IscsiTargetId


class Mgmt(Service):
    """A service that answers the API."""

    id: MgmtId
    active: bool
    prio: int | None = None


class Server(Service):
    """A service that keeps disks."""

    id: ServerId
    missing_disks: list[DiskId]
    pending_disks: list[DiskId]


class ClusterStatus(Answer):
    """All services; ``cluster_status`` is running, waiting or down."""

    cluster_status: str
    mgmt: dict[MgmtId, Mgmt]
    servers: dict[ServerId, Server]
    clients: dict[ClientId, Client]
    bridges: dict[BridgeId, Bridge]
    iscsi_targets: dict[IscsiTargetId, IscsiTarget]


class ClientConfigStatus(Answer):
    """Which generation of the configuration a client has.

    ``config_status`` is ok, updating or down; ``delay`` is in milliseconds.
    """

    id: ClientId
    generation: int
    client_generation: int
    config_status: str
    delay: int


class ServiceCalls:
    """Services and clients."""

    @get("ServicesList")
    def services_list(self) -> ClusterStatus:
        """The state of every service of the cluster."""

    @get("ServersListBlocked")
    def servers_list_blocked(self) -> ClusterStatus:
        """The same, answered also while the cluster is not up."""

    @get("ClientsConfigDump")
    def clients_config_dump(self) -> list[ClientConfigStatus]:
        """The generation that each client has."""

    @get("ClientConfigWait/{client_id}")
    def client_config_wait(
        self, client_id: ClientId
    ) -> list[ClientConfigStatus]:
        """Wait until a client has the newest generation."""
