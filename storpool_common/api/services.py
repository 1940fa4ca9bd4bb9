# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about the services of a cluster and the clients among them."""

from storpool_common.api.call import get
from storpool_common.api.types import Answer
from storpool_common.api.types import AoeTargetId
from storpool_common.api.types import BridgeId
from storpool_common.api.types import ClientId
from storpool_common.api.types import DiskId
from storpool_common.api.types import IscsiTargetId
from storpool_common.api.types import MgmtId
from storpool_common.api.types import NodeId
from storpool_common.api.types import ServerId
from storpool_common.api.words import BridgeStatus
from storpool_common.api.words import ClientConfigState
from storpool_common.api.words import ClientStatus
from storpool_common.api.words import ClusterStatusValue
from storpool_common.api.words import IscsiTargetStatus
from storpool_common.api.words import ServerStatus


class Service(Answer):
    """A service; ``start_time`` is Unix time, None for one that is down."""

    version: str
    start_time: int | None
    node_id: NodeId | None = None

    def uptime(self, now: float) -> float | None:
        """Seconds since it was started, None for one that is down.

        :param now: Unix time, by a clock that the cluster shares.
        """
        return None if self.start_time is None else now - self.start_time


class Bridge(Service):
    """A service that speaks to other clusters."""

    id: BridgeId
    status: BridgeStatus


class Client(Service):
    """A host that attaches volumes."""

    id: ClientId
    status: ClientStatus


class IscsiTarget(Service):
    """A service that exports volumes over iSCSI."""

    id: IscsiTargetId
    status: IscsiTargetStatus


class Mgmt(Service):
    """A service that answers the API."""

    id: MgmtId
    status: ClientStatus
    active: bool
    prio: int | None = None


class Server(Service):
    """A service that keeps disks."""

    id: ServerId
    status: ServerStatus
    missing_disks: list[DiskId]
    pending_disks: list[DiskId]


class AoeTarget(Service):
    """A service that exports volumes over ATA over Ethernet."""

    id: AoeTargetId
    status: str


class ClusterStatus(Answer):
    """All services; ``aoe_targets`` only from API 16.01."""

    cluster_status: ClusterStatusValue
    mgmt: dict[MgmtId, Mgmt]
    servers: dict[ServerId, Server]
    clients: dict[ClientId, Client]
    bridges: dict[BridgeId, Bridge]
    iscsi_targets: dict[IscsiTargetId, IscsiTarget]
    aoe_targets: dict[AoeTargetId, AoeTarget] | None = None


class ClientConfigStatus(Answer):
    """Which generation of the configuration a client has.

    ``delay`` is in milliseconds.
    """

    id: ClientId
    generation: int
    client_generation: int
    config_status: ClientConfigState
    delay: int


class ServiceCalls:
    """Services and clients."""

    @get("ServicesList")
    def services_list(self) -> ClusterStatus:
        """The state of every service of the cluster."""

    @get("ServersList")
    def servers_list(self) -> ClusterStatus:
        """The same, without the clients."""

    @get("ServersListBlocked")
    def servers_list_blocked(self) -> ClusterStatus:
        """The servers, answered also while the cluster is not up."""

    @get("ClientsConfigDump")
    def clients_config_dump(self) -> list[ClientConfigStatus]:
        """The generation that each client has."""

    @get("ClientConfigWait/{client_id}")
    def client_config_wait(
        self, client_id: ClientId
    ) -> list[ClientConfigStatus]:
        """Wait until a client has the newest generation."""
