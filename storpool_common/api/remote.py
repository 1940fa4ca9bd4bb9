# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about other clusters and how to reach them.

A location is a site, a cluster a member of one. A bridge is the service of
a cluster that speaks to others.
"""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import LocationId
from storpool_common.api.types import RemoteClusterName
from storpool_common.api.types import RemoteLocationName
from storpool_common.api.types import Request
from storpool_common.api.types import SubClusterId


class RemoteLocationBase(Request):
    """A location and its id, the first part of its clusters' ids."""

    id: LocationId
    name: RemoteLocationName


class RemoteLocation(Answer):
    """A location; buffers of TCP connections to it are in bytes."""

    id: LocationId
    name: RemoteLocationName
    recv_buffer_size: int
    send_buffer_size: int


class LocationsList(Answer):
    """The known locations."""

    locations: list[RemoteLocation]


class RemoteLocationRemoveDesc(Request):
    """A location to forget."""

    location: RemoteLocationName


class RemoteLocationUpdateDesc(Request):
    """What to change of a location.

    :ivar recv_buffer_size: bytes, of each TCP connection to it.
    :ivar send_buffer_size: bytes, of each TCP connection to it.
    """

    location: RemoteLocationName
    recv_buffer_size: int | None = None
    send_buffer_size: int | None = None


class RemoteLocationRenameDesc(Request):
    """A new name of a location.

    :ivar location: as it is called now.
    :ivar name: as it is to be called.
    """

    location: RemoteLocationName
    name: RemoteLocationName


class RemoteClusterBase(Answer):
    """A cluster: its location, and the second part of its id."""

    id: SubClusterId
    location: RemoteLocationName


class RemoteCluster(RemoteClusterBase):
    """A cluster and how it is called here."""

    name: RemoteClusterName


class ClustersList(Answer):
    """The known clusters."""

    clusters: list[RemoteCluster]


class RemoteClusterAddDesc(Request):
    """A cluster to know, and how to call it."""

    id: SubClusterId
    location: RemoteLocationName
    name: RemoteClusterName | None = None


class RemoteClusterRemoveDesc(Request):
    """A cluster to forget, by name or by location and id.

    :ivar cluster_will_not_be_coming_back: confirms it where objects of that
        cluster are still known here.
    """

    cluster_will_not_be_coming_back: bool | None = None
    id: SubClusterId | None = None
    location: RemoteLocationName | None = None
    name: RemoteClusterName | None = None


class RemoteClusterRenameDesc(Request):
    """A new name of a cluster.

    :ivar cluster: as it is called now.
    :ivar name: as it is to be called.
    """

    cluster: RemoteClusterName
    name: RemoteClusterName


class RemoteBridgeBase(Request):
    """How to reach a bridge.

    :ivar public_key: by which it is known.
    :ivar minimum_delete_delay: seconds that what the other side deletes here
        is kept at least.
    :ivar no_crypto: speak without encryption.
    """

    ip: str
    public_key: str
    minimum_delete_delay: int | None = None
    no_crypto: bool | None = None


class RemoteBridge(Answer):
    """A bridge, and whose it is.

    :ivar remote: the cluster or location, as it was added.
    """

    ip: str
    location: RemoteLocationName
    public_key: str
    remote: RemoteLocationName
    cluster: RemoteClusterName | None = None
    minimum_delete_delay: int | None = None
    no_crypto: bool | None = None


class RemoteBridgesList(Answer):
    """The known bridges."""

    remote_bridges: list[RemoteBridge]


class RemoteBridgeAddDesc(RemoteBridgeBase):
    """A bridge to know: of a location, or of a cluster (``remote``).

    Exactly one of ``location`` and ``remote`` is given.
    """

    location: RemoteLocationName | None = None
    remote: RemoteClusterName | None = None

    def __post_init__(self) -> None:
        if (self.location is None) == (self.remote is None):
            raise ValueError("give either location or remote")


class RemoteBridgeRemoveDesc(Request):
    """A bridge to forget, by its address."""

    ip: str


class RemoteCalls:
    """Locations, clusters and bridges."""

    @get("LocationsList", since="4.0.0")
    def locations_list(self) -> LocationsList:
        """The known locations."""

    @post("LocationAdd", since="5.5.0")
    def location_add(self, request: RemoteLocationBase) -> ApiOk:
        """Know a location."""

    @post("LocationRemove", since="5.5.0")
    def location_remove(self, request: RemoteLocationRemoveDesc) -> ApiOk:
        """Forget a location."""

    @post("LocationUpdate", since="5.5.0")
    def location_update(self, request: RemoteLocationUpdateDesc) -> ApiOk:
        """Change the buffers of connections to a location."""

    @post("LocationRename", since="5.5.0")
    def location_rename(self, request: RemoteLocationRenameDesc) -> ApiOk:
        """Call a location otherwise."""

    @get("ClustersList", since="5.5.0")
    def clusters_list(self) -> ClustersList:
        """The known clusters."""

    @post("ClusterAdd", since="5.5.0")
    def cluster_add(self, request: RemoteClusterAddDesc) -> ApiOk:
        """Know a cluster."""

    @post("ClusterRemove", since="5.5.0")
    def cluster_remove(self, request: RemoteClusterRemoveDesc) -> ApiOk:
        """Forget a cluster."""

    @post("ClusterRename", since="5.5.0")
    def cluster_rename(self, request: RemoteClusterRenameDesc) -> ApiOk:
        """Call a cluster otherwise."""

    @get("RemoteBridgesList", since="5.5.0")
    def remote_bridges_list(self) -> RemoteBridgesList:
        """The known bridges."""

    @post("RemoteBridgeAdd", since="5.5.0")
    def remote_bridge_add(self, request: RemoteBridgeAddDesc) -> ApiOk:
        """Know a bridge."""

    @post("RemoteBridgeRemove", since="5.5.0")
    def remote_bridge_remove(self, request: RemoteBridgeRemoveDesc) -> ApiOk:
        """Forget a bridge."""
