# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The network view of the cluster, and what it is busy with."""

from collections.abc import Callable
from collections.abc import Iterator

from storpool_common.api import active_requests as requests
from storpool_common.api.peers import NetDesc
from storpool_common.api.peers import PeerDesc
from storpool_common.api.peers import Task
from storpool_simulator.model.chains import per_disk
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.places import Places
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Disk
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import objects_count
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import Refusal

#: Where the numbers of clients begin among those of peers.
_CLIENTS = 32768


class Peers:
    """Calls about peers, tasks and requests for data.

    Nothing here sees the reads and writes of a device, so nobody is ever
    found waiting for one.
    """

    def __init__(
        self,
        state: State,
        *,
        machines: Machines,
        places: Places,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._machines = machines
        self._places = places
        self._rules = rules
        self._clock = clock

    def peers_list(self) -> dict[int, PeerDesc]:
        """Servers by their numbers; clients do not vote."""
        servers = {
            number: _peer(number, self._machines.server_is_up(number), False)
            for number in self._machines.servers()
        }
        clients = {
            _CLIENTS + client.id: _peer(_CLIENTS + client.id, client.up, True)
            for client in self._state.all(Client).values()
        }
        return servers | clients

    def tasks_list(self) -> list[Task]:
        """The disks that are being emptied."""
        return [
            self._task(disk)
            for disk in self._machines.disks()
            if disk.soft_eject == "on"
        ]

    def _task(self, disk: Disk) -> Task:
        objects = self._objects_on(disk.id)
        seconds = self._rules.now.soft_eject_seconds or 1.0
        left = max(0.0, disk.drained_at - self._clock()) / seconds
        completed = int(objects * max(0.0, 1 - left))
        return Task(
            disk_id=disk.id,
            transaction_id=disk.id,
            all_objects=objects,
            completed_objects=completed,
            dispatched_objects=completed,
            unresolved_objects=0,
        )

    def _objects_on(self, disk: int) -> int:
        total = 0
        for policy, members in self._state.indexes.policies():
            sets = self._places.sets(policy)
            for member in members:
                count = objects_count(self._state.objects[member])
                total += per_disk(sets, count).get(disk, 0)
        return total

    def client_active_requests(
        self, client_id: int
    ) -> requests.ClientActiveRequests:
        """The requests of a client that is there to answer."""
        client = self._state.all(Client).get(str(client_id))
        if client is None:
            raise invalid(f"No such client registered: {client_id}")
        if not client.up:
            raise _silent(f"client {client_id}")
        return requests.ClientActiveRequests(client_id=client_id, requests=[])

    def disk_active_requests(
        self, disk_id: int
    ) -> requests.DiskActiveRequests:
        """The requests of a disk that is there to answer."""
        if self._machines.left(self._machines.disk(disk_id)) >= 0:
            raise _silent(f"disk {disk_id}")
        return requests.DiskActiveRequests(disk_id=disk_id, requests=[])

    def all_peers_active_requests(
        self, request: requests.AllPeersActiveRequestsQuery | None = None
    ) -> requests.AllPeersActiveRequests:
        """What every peer has to say, which is little."""
        return requests.AllPeersActiveRequests(requests=list(self._said()))

    def _said(self) -> Iterator[requests.AllPeersActiveRequest]:
        for number in self._machines.servers():
            up = self._machines.server_is_up(number)
            yield _done(number, "server", number, up)
        for client in self._state.all(Client).values():
            yield _done(_CLIENTS + client.id, "client", client.id, client.up)


def _peer(number: int, up: bool, non_voting: bool) -> PeerDesc:
    return PeerDesc(
        beacon_status="NODE_UP" if up else "NODE_DOWN",
        cluster_status="CNODE_UP" if up else "CNODE_DOWN",
        joined=up,
        non_voting=non_voting,
        rdma={},
        networks={
            0: NetDesc(mac=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}")
        },
    )


def _done(
    peer: int, kind: str, number: int, up: bool
) -> requests.AllPeersActiveRequest:
    return requests.AllPeersActiveRequest(
        peer_id=peer,
        service=requests.AllPeersActiveRequestsServiceDesc(
            id=str(number), type=kind
        ),
        status="peerDone" if up else "peer_down",
    )


def _silent(who: str) -> Refusal:
    return Refusal("timeout", f"{who} is down and does not answer", status=504)
