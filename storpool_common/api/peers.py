# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about the network and what the cluster is busy with."""

from storpool_common.api.call import get
from storpool_common.api.types import Answer
from storpool_common.api.types import DiskId
from storpool_common.api.types import GUID
from storpool_common.api.types import MacAddr
from storpool_common.api.types import NetId
from storpool_common.api.types import PeerId
from storpool_common.api.words import BeaconClusterStatus
from storpool_common.api.words import BeaconNodeStatus
from storpool_common.api.words import RdmaState


class NetDesc(Answer):
    """A link of a node."""

    mac: MacAddr


class RdmaDesc(Answer):
    """A link of a node that uses RDMA."""

    guid: GUID
    state: RdmaState


class PeerDesc(Answer):
    """A node on the network.

    :ivar joined: it is part of the cluster.
    :ivar non_voting: it does not count for the quorum.
    """

    beacon_status: BeaconNodeStatus
    cluster_status: BeaconClusterStatus
    joined: bool
    non_voting: bool
    rdma: dict[NetId, RdmaDesc]
    networks: dict[NetId, NetDesc] | None = None


class Task(Answer):
    """A disk that is being brought up to date.

    Counts are of objects, of 32 MiB at most.
    """

    all_objects: int
    completed_objects: int
    disk_id: DiskId
    dispatched_objects: int
    transaction_id: int
    unresolved_objects: int | None = None


class PeerCalls:
    """Nodes and tasks."""

    @get("NetworkPeersList")
    def peers_list(self) -> dict[PeerId, PeerDesc]:
        """Every node and its links."""

    @get("TasksList")
    def tasks_list(self) -> list[Task]:
        """What is being recovered or moved now."""
