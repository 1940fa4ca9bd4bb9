# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about requests for data that are under way: where is it slow."""

from storpool_common.api.call import get
from storpool_common.api.types import Answer
from storpool_common.api.types import ClientId
from storpool_common.api.types import DiskId
from storpool_common.api.types import DiskIdOrNoDiskId
from storpool_common.api.types import PeerId
from storpool_common.api.types import Request
from storpool_common.api.types import VolumeOrSnapshotName
from storpool_common.api.words import ActiveRequestsServiceType
from storpool_common.api.words import DiskLastState
from storpool_common.api.words import DiskState
from storpool_common.api.words import RequestOp


class ActiveRequestDesc(Answer):
    """A request.

    :ivar address: byte of the volume at which it begins.
    :ivar size: bytes.
    :ivar msec_active: milliseconds so far.
    """

    address: int
    msec_active: int
    op: RequestOp
    request_id: str
    request_idx: int
    size: int
    volume: VolumeOrSnapshotName
    dr_op: str | None = None
    prev_state: str | None = None
    state: str | None = None


class ClientActiveRequests(Answer):
    """The requests that a client waits for."""

    client_id: ClientId
    requests: list[ActiveRequestDesc]


class DiskActiveRequests(Answer):
    """The requests that a disk works on."""

    disk_id: DiskId
    requests: list[ActiveRequestDesc]


class AllPeersActiveRequestsQuery(Request):
    """How long to wait for the peers.

    :ivar msecs_timeout: milliseconds.
    """

    msecs_timeout: int | None = None


class AllPeersActiveRequestsServiceDesc(Answer):
    """A service."""

    id: str
    type: ActiveRequestsServiceType


class AllPeersActiveRequestsPeerDesc(Answer):
    """A service, and its number on the network."""

    peer_id: PeerId
    service: AllPeersActiveRequestsServiceDesc


class AllPeersActiveRequestsRequestPeer(Answer):
    """A service that a request waits for."""

    disk_id: DiskIdOrNoDiskId
    peer_id: PeerId
    service: AllPeersActiveRequestsServiceDesc | None = None


class AllPeersActiveRequest(AllPeersActiveRequestsPeerDesc):
    """What a peer said; ``status`` tells which members are there.

    ``request``: a request, from ``address`` to ``volume_id``.
    ``diskState``: the state of a disk of it, ``disk_state``.
    ``diskExpected``: a disk that it lacks, ``last_state``.
    Any other word: why it said nothing.

    :ivar address: byte of the volume at which a request begins.
    :ivar size: bytes.
    :ivar usec_active: microseconds so far.
    :ivar volume: left out for a request that is not about one.
    """

    status: str
    address: int | None = None
    disk_id: DiskIdOrNoDiskId | None = None
    dr_op: str | None = None
    op: RequestOp | None = None
    peers: list[AllPeersActiveRequestsRequestPeer] | None = None
    prev_state: str | None = None
    request_id: str | None = None
    request_idx: int | None = None
    size: int | None = None
    state: str | None = None
    usec_active: int | None = None
    volume: VolumeOrSnapshotName | None = None
    volume_id: int | None = None
    last_state: DiskLastState | None = None
    disk_state: DiskState | None = None
    objects_outdated: int | None = None
    objects_outdated_remote: int | None = None
    objects_waiting_for_version: int | None = None


class AllPeersActiveRequests(Answer):
    """What all peers said."""

    requests: list[AllPeersActiveRequest]


class ActiveRequestCalls:
    """Requests under way, by client, by disk or everywhere."""

    @get("AllPeersActiveRequests", since="5.5.0")
    def all_peers_active_requests(
        self, request: AllPeersActiveRequestsQuery | None = None
    ) -> AllPeersActiveRequests:
        """Ask all peers."""

    @get("ClientActiveRequests/{client_id}")
    def client_active_requests(
        self, client_id: ClientId
    ) -> ClientActiveRequests:
        """Ask one client."""

    @get("DiskActiveRequests/{disk_id}")
    def disk_active_requests(self, disk_id: DiskId) -> DiskActiveRequests:
        """Ask one disk."""
