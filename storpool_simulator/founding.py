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


def found(
    state: State, clients: Iterable[Client], templates: Iterable[str]
) -> None:
    """Make what is missing; what is there stays as it is.

    A client that was down stays so.
    """
    if not state.all(Cluster):
        _found_cluster(state)
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


def _found_cluster(state: State) -> None:
    location = f"s{secrets.token_hex(3)}"
    state.put(Cluster(id=f"{location}.b", name="simulator"))
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
