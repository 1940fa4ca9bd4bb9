# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster starts with: disks, a placement group, templates, clients."""

from collections.abc import Iterable
import secrets

import msgspec

from storpool_simulator.model.changes import next_number
from storpool_simulator.model.placement import completed
from storpool_simulator.model.placement import DEFAULT_GROUP
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import State

_SERVERS = 3
_DISKS_A_SERVER = 2
_COPIES = 3


class OtherCluster(Exception):
    """The state is that of another cluster; the message says which."""


def found(
    state: State,
    clients: Iterable[Client],
    templates: Iterable[str],
    cluster_id: str | None,
) -> None:
    """Make what is missing; what is there stays as it is.

    A client that was down stays so.
    """
    if not state.all(Cluster):
        _found_cluster(state, cluster_id or f"s{secrets.token_hex(3)}.b")
    if cluster_id not in (None, state.cluster.id):
        raise OtherCluster(
            f"the state directory is that of cluster {state.cluster.id} and"
            f" not of {cluster_id}: leave --cluster-id out, or give another"
            " directory"
        )
    for target in [each for each in state.objects.values() if each.leaving]:
        # The move that this was for ended with the process.
        state.put(msgspec.structs.replace(target, leaving=False))
    for client in clients:
        before = state.all(Client).get(client.key)
        if before is not None:
            client = msgspec.structs.replace(
                before, host=client.host, devices=client.devices
            )
        state.put(client)
    for name in templates:
        if name in state.all(Template):
            continue
        policy = completed(Policy(replication=_COPIES))
        number = next_number(state)
        state.put(Template(name=name, number=number, policy=policy))


def _found_cluster(state: State, cluster_id: str) -> None:
    state.put(Cluster(id=cluster_id, name="simulator"))
    disks = [
        Disk(id=server * 10 + number, server=server)
        for server in range(1, _SERVERS + 1)
        for number in range(1, _DISKS_A_SERVER + 1)
    ]
    for disk in disks:
        state.put(disk)
    state.put(
        Group(
            name=DEFAULT_GROUP,
            number=next_number(state),
            disks=tuple(disk.id for disk in disks),
        )
    )
