# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Words that the API answers with.

The values are those of API 19.01, as examples: a later server may know
more, and an answer that has one is not to be refused.
"""

from typing import Annotated

import msgspec

#: Why a peer did not tell its requests.
ActiveRequestsPeerStatus = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "peer_down",
            "peerDone",
            "timeout",
            "streamNotConnected",
            "streamOverfilled",
            "invalidResponse",
        ]
    ),
]
#: Which service a peer is.
ActiveRequestsServiceType = Annotated[
    str,
    msgspec.Meta(examples=["bridge", "server", "iSCSI", "client", "unknown"]),
]
#: Of an export over ATA over Ethernet, in API 16.01.
AoeExportStatus = Annotated[str, msgspec.Meta(examples=["OK", "down"])]
#: What the balancer is doing.
BalancerStatus = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "nothing to do",
            "blocked",
            "waiting",
            "working",
            "ready",
            "commiting",
        ]
    ),
]
#: What a node says of the cluster.
BeaconClusterStatus = Annotated[
    str, msgspec.Meta(examples=["CNODE_DOWN", "CNODE_DAMPING", "CNODE_UP"])
]
#: What the cluster says of a node.
BeaconNodeStatus = Annotated[
    str, msgspec.Meta(examples=["NODE_DOWN", "NODE_UP"])
]
BridgeStatus = Annotated[
    str, msgspec.Meta(examples=["running", "joining", "down"])
]
#: Whether a client has the newest configuration.
ClientConfigState = Annotated[
    str, msgspec.Meta(examples=["ok", "updating", "down"])
]
ClientStatus = Annotated[str, msgspec.Meta(examples=["running", "down"])]
#: Whether the cluster serves its clients.
ClusterStatusValue = Annotated[
    str, msgspec.Meta(examples=["running", "waiting", "down"])
]
#: Why a deleted snapshot is still there.
DeleteBlocked = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "not blocked",
            "pending",
            "rebasing",
            "flushing",
            "volume not found",
            "generation mismatch",
            "disk down",
            "multiple children",
            "peer down",
            "write not completed",
            "recovering from remote",
            "parent recovering from remote",
            "moving to remote",
            "unknown",
        ]
    ),
]
#: How far the removal of a snapshot is.
DematerializationStatus = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "pending",
            "allObjectsUsed",
            "complete",
            "blockedRelocate",
            "blockedParentRelocate",
            "blockedParentRemoving",
            "blockedParentDifferentVag",
            "destroyed",
        ]
    ),
]
DiskLastState = Annotated[str, msgspec.Meta(examples=["up", "down"])]
#: Whether a disk is being drained.
DiskSoftEjectStatus = Annotated[
    str, msgspec.Meta(examples=["on", "off", "paused"])
]
#: What a server does with a disk.
DiskState = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "DISK_NONE",
            "DISK_UNKNOWN",
            "DISK_DATA_INITIALIZING",
            "DISK_DATA_PENDING_INSERT",
            "DISK_DATA",
            "DISK_DATA_STOPPING",
            "DISK_DATA_FLUSH_WBC",
            "DISK_DATA_STOPPED",
            "DISK_STOPPING",
            "DISK_EJECTED",
            "DISK_JOURNAL",
            "DISK_JOURNAL_PENDING",
        ]
    ),
]
IscsiTargetStatus = Annotated[
    str, msgspec.Meta(examples=["running", "joining", "down"])
]
#: Whose an object is among several clusters.
MultiClusterState = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "owner",
            "ownerExported",
            "slaveCopy",
            "clusterLocal",
            "clusterLocalExported",
            "clusterLocalAutoReconcile",
            "clusterLocalAutoReconcileExported",
        ]
    ),
]
PeerStatus = Annotated[str, msgspec.Meta(examples=["up", "down"])]
RdmaState = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "Idle",
            "GidReceived",
            "Connecting",
            "Connected",
            "pendingError",
            "Error",
        ]
    ),
]
RelocatorStatus = Annotated[
    str, msgspec.Meta(examples=["on", "off", "blocked"])
]
#: What an I/O request does.
RequestOp = Annotated[
    str,
    msgspec.Meta(
        examples=[
            "read",
            "write",
            "merge",
            "system",
            "entries flush",
            "#bad_state",
            "#bad_drOp",
            "idle",
            "error recovery",
            "transaction",
            "data recovery",
        ]
    ),
]
ServerStatus = Annotated[
    str, msgspec.Meta(examples=["running", "waiting", "booting", "down"])
]
#: Whether an object can be read and written.
VolumeCurrentStatus = Annotated[
    str, msgspec.Meta(examples=["up", "up soon", "data lost", "down"])
]
