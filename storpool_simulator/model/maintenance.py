# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes in maintenance, and when one may not go into it."""

from collections.abc import Callable

from storpool_common.api.maintenance import MaintenanceCompleteDesc
from storpool_common.api.maintenance import MaintenanceNodeDesc
from storpool_common.api.maintenance import MaintenanceNodesList
from storpool_common.api.maintenance import MaintenanceSetDesc
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.places import Places
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Maintenance
from storpool_simulator.model.state import State
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Maintenances:
    """Calls about maintenance. A node is a server, with its number."""

    def __init__(
        self,
        state: State,
        *,
        machines: Machines,
        places: Places,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._machines = machines
        self._places = places
        self._clock = clock

    def maintenance_list(self) -> MaintenanceNodesList:
        """The nodes in maintenance."""
        nodes = self._state.all(Maintenance).values()
        return MaintenanceNodesList(
            nodes=[self._shown(each) for each in nodes]
        )

    def _shown(self, node: Maintenance) -> MaintenanceNodeDesc:
        left = node.started + node.duration - int(self._clock())
        return MaintenanceNodeDesc(
            node_id=node.node,
            description=node.description,
            duration=node.duration,
            started=node.started,
            overrun=left < 0,
            remaining=left if left >= 0 else None,
        )

    def maintenance_set(self, request: MaintenanceSetDesc) -> ApiOk:
        """Begin it, unless it costs more than the request allows."""
        node = request.node_id
        if node not in self._machines.servers():
            raise missing("node", str(node))
        if str(node) in self._state.all(Maintenance):
            raise exists("maintenance of node", str(node))
        if request.duration <= 0:
            raise invalid(f"a duration of {request.duration} s is none")
        self._require(request)
        self._state.put(
            Maintenance(
                node=node,
                description=request.description,
                duration=request.duration,
                started=int(self._clock()),
            )
        )
        return done(self._state)

    def _require(self, request: MaintenanceSetDesc) -> None:
        away = self._away() | {request.node_id}
        nodes = len(self._state.all(Maintenance)) + 1
        most = request.max_nodes_in_maintenance
        if most is not None and nodes > most:
            raise busy(f"{nodes} nodes would be in maintenance, not {most}")
        lacking, left = self._copies(away)
        most = request.max_replication_decrease
        if most is not None and lacking > most:
            raise busy(f"some data would lack {lacking} copies, not {most}")
        least = request.min_ok_replicas
        if least is not None and left is not None and left < least:
            raise busy(f"some data would have {left} copies, not {least}")
        servers = len(self._machines.servers())
        spare = servers - len(away) - (servers // 2 + 1)
        least = request.voting_safety_margin
        if least is not None and spare < least:
            raise busy(
                f"{spare} nodes would be left beyond the quorum, not {least}"
            )

    def _away(self) -> set[int]:
        """The servers that are in maintenance or down."""
        down = {
            server
            for server in self._machines.servers()
            if not self._machines.server_is_up(server)
        }
        nodes = self._state.all(Maintenance).values()
        return down | {each.node for each in nodes}

    def _copies(self, away: set[int]) -> tuple[int, int | None]:
        """The most copies that data lacks, and the fewest that it has."""
        lacking, left = 0, None
        for policy, _ in self._state.indexes.policies():
            for disks in self._places.sets(policy):
                there = sum(self._serves(disk, away) for disk in disks)
                lacking = max(lacking, len(disks) - there)
                left = there if left is None else min(left, there)
        return lacking, left

    def _serves(self, number: int, away: set[int]) -> bool:
        server = self._state.get(Disk, str(number)).server
        return self._machines.is_up(number) and server not in away

    def maintenance_complete(self, request: MaintenanceCompleteDesc) -> ApiOk:
        """End it."""
        node = self._state.all(Maintenance).get(str(request.node_id))
        if node is None:
            raise missing("maintenance of node", str(request.node_id))
        self._state.remove(node)
        return done(self._state)
