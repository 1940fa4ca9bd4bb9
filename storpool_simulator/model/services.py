# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Services of the cluster: its manager, servers and clients."""

from collections.abc import Callable

from storpool_common.api.services import Client as ClientAnswer
from storpool_common.api.services import ClientConfigStatus
from storpool_common.api.services import ClusterStatus
from storpool_common.api.services import Mgmt
from storpool_common.api.services import Server
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Disk
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid

_VERSION = "21.0"


class Services:
    """Calls about services; everything is always running."""

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        self._state = state
        self._started = int(clock())

    def services_list(self) -> ClusterStatus:
        """Every service."""
        servers = {disk.server for disk in self._state.all(Disk).values()}
        return ClusterStatus(
            cluster_status="running",
            mgmt={
                1: Mgmt(
                    id=1,
                    version=_VERSION,
                    status="running",
                    start_time=self._started,
                    active=True,
                    prio=0,
                )
            },
            servers={each: self._server(each) for each in sorted(servers)},
            clients={
                client.id: self._client(client)
                for client in self._state.all(Client).values()
            },
            bridges={},
            iscsi_targets={},
        )

    def servers_list_blocked(self) -> ClusterStatus:
        """The same."""
        return self.services_list()

    def clients_config_dump(self) -> list[ClientConfigStatus]:
        """Every client has the current generation."""
        return [
            self._config(client) for client in self._state.all(Client).values()
        ]

    def client_config_wait(self, client_id: int) -> list[ClientConfigStatus]:
        """A client that is known has it at once."""
        client = self._state.all(Client).get(str(client_id))
        if client is None:
            raise invalid(f"No such client registered: {client_id}")
        return [self._config(client)]

    def _server(self, number: int) -> Server:
        return Server(
            id=number,
            node_id=number,
            version=_VERSION,
            status="running",
            start_time=self._started,
            missing_disks=[],
            pending_disks=[],
        )

    def _client(self, client: Client) -> ClientAnswer:
        return ClientAnswer(
            id=client.id,
            version=_VERSION,
            status="running",
            start_time=self._started,
        )

    def _config(self, client: Client) -> ClientConfigStatus:
        generation = self._state.cluster.generation
        return ClientConfigStatus(
            id=client.id,
            generation=generation,
            client_generation=generation,
            config_status="ok",
            delay=0,
        )
