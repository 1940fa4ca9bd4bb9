# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Services of the cluster: its manager, servers and clients."""

from collections.abc import Callable
from typing import Any

import msgspec

from storpool_common.api.services import Client as ClientAnswer
from storpool_common.api.services import ClientConfigStatus
from storpool_common.api.services import ClusterStatus
from storpool_common.api.services import IscsiTarget
from storpool_common.api.services import Mgmt
from storpool_common.api.services import Server
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Client
from storpool_simulator.model.state import Await
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid

_VERSION = "21.0"


class Services:
    """Calls about services."""

    def __init__(
        self, state: State, machines: Machines, clock: Callable[[], float]
    ) -> None:
        self._state = state
        self._machines = machines
        self._started = int(clock())

    def services_list(self) -> ClusterStatus:
        """Every service."""
        servers = self._machines.servers()
        return ClusterStatus(
            cluster_status="running",
            mgmt={
                1: Mgmt(
                    **self._of(1, is_up=True),
                    active=True,
                    prio=0,
                )
            },
            servers={each: self._server(each) for each in servers},
            clients={
                client.id: self._client(client)
                for client in self._state.all(Client).values()
            },
            bridges={},
            iscsi_targets={each: self._iscsi(each) for each in servers},
        )

    def servers_list_blocked(self) -> ClusterStatus:
        """The same, without the clients."""
        return self.servers_list()

    def servers_list(self) -> ClusterStatus:
        """Every service but the clients."""
        return msgspec.structs.replace(self.services_list(), clients={})

    def clients_config_dump(self) -> list[ClientConfigStatus]:
        """The generation that each client has."""
        return [
            self._config(client) for client in self._state.all(Client).values()
        ]

    def client_config_wait(self, client_id: int) -> list[ClientConfigStatus]:
        """Ask again when a client is up: it has the newest one then."""
        client = self._state.all(Client).get(str(client_id))
        if client is None:
            raise invalid(f"No such client registered: {client_id}")
        if not client.up:
            self._state.require(Await(frozenset({client_id}), None))
        return [self._config(client)]

    def _server(self, number: int) -> Server:
        return Server(
            **self._of(number, is_up=self._machines.server_is_up(number)),
            node_id=number,
            missing_disks=self._machines.down(
                disk.id
                for disk in self._machines.disks()
                if disk.server == number and not disk.ignored
            ),
            pending_disks=[],
        )

    def _iscsi(self, number: int) -> IscsiTarget:
        return IscsiTarget(
            **self._of(number, is_up=self._machines.server_is_up(number)),
            node_id=number,
        )

    def _client(self, client: Client) -> ClientAnswer:
        return ClientAnswer(**self._of(client.id, is_up=client.up))

    def _of(self, number: int, *, is_up: bool) -> dict[str, Any]:
        """What there is to say of every service."""
        return {
            "id": number,
            "version": _VERSION,
            "status": "running" if is_up else "down",
            "start_time": self._started if is_up else None,
        }

    def _config(self, client: Client) -> ClientConfigStatus:
        current = self._state.cluster.generation
        return ClientConfigStatus(
            id=client.id,
            generation=current,
            client_generation=current if client.up else client.generation,
            config_status="ok" if client.up else "down",
            delay=0,
        )
