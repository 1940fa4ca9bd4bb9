# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Locations, clusters and bridges that are known."""

import msgspec

from storpool_common.api import remote as api
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.records import LONGEST_CLUSTER_NAME
from storpool_simulator.model.records import Record
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.remote_records import Location
from storpool_simulator.model.remote_records import RemoteCluster
from storpool_simulator.model.state import State
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Remotes:
    """Calls about who else there is."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def own_location(self) -> str:
        """The id of the location that this cluster is in."""
        return self._state.cluster.id.partition(".")[0]

    def location(self, name: str) -> Location:
        """A location by its name; the own one goes by its id."""
        if name == self.own_location:
            return Location(id=name, name=name)
        for each in self._state.all(Location).values():
            if each.name == name:
                return each
        raise missing("location", name)

    def cluster(self, name: str | None, full_id: str | None) -> RemoteCluster:
        """A cluster by its name or by its full id."""
        if (name is None) == (full_id is None):
            raise invalid("give either cluster or clusterId")
        for each in self._state.all(RemoteCluster).values():
            if name == each.name or full_id == each.key:
                return each
        raise missing("cluster", name or full_id or "")

    def bridge(self, location: str, cluster: str = "") -> Bridge:
        """How to reach a location, or a cluster of it.

        :param location: its id.
        :param cluster: key of the cluster; empty is any of the location.
        """
        known = self._state.all(Bridge).values()
        for wanted in (cluster, ""):
            for bridge in known:
                if bridge.location == location and (
                    not cluster or bridge.cluster == wanted
                ):
                    return bridge
        raise missing("bridge to", cluster or self.location_name(location))

    def bridges(self) -> list[Bridge]:
        """Every bridge."""
        return list(self._state.all(Bridge).values())

    def location_name(self, number: str) -> str:
        """How a location is called here."""
        found = self._state.all(Location).get(number)
        return found.name if found is not None else number

    def locations_list(self) -> api.LocationsList:
        """The known locations."""
        return api.LocationsList(
            locations=[
                api.RemoteLocation(
                    id=each.id,
                    name=each.name,
                    recv_buffer_size=each.recv_buffer,
                    send_buffer_size=each.send_buffer,
                )
                for each in self._state.all(Location).values()
            ]
        )

    def location_add(self, request: api.RemoteLocationBase) -> ApiOk:
        """Know a location."""
        known = self._state.all(Location)
        if request.id in known or request.id == self.own_location:
            raise exists("location", request.id)
        self._require_free_location(request.name)
        self._state.put(Location(id=request.id, name=request.name))
        return done(self._state)

    def _require_free_location(self, name: str) -> None:
        names = {each.name for each in self._state.all(Location).values()}
        if name in names | {self.own_location}:
            raise exists("location", name)

    def _known_location(self, name: str) -> Location:
        location = self.location(name)
        if location.id == self.own_location:
            raise invalid("the cluster's own location cannot be changed")
        return location

    def location_remove(self, request: api.RemoteLocationRemoveDesc) -> ApiOk:
        """Forget a location that nothing refers to."""
        location = self._known_location(request.location)
        self._require_unused(location.id, f"location '{location.name}'")
        self._state.remove(location)
        return done(self._state)

    def _require_unused(self, key: str, what: str) -> None:
        users: list[Record] = [
            *(
                each
                for each in self._state.all(RemoteCluster).values()
                if each.location == key
            ),
            *(
                each
                for each in self._state.all(Bridge).values()
                if key in (each.location, each.cluster)
            ),
            *(
                each
                for each in self._state.all(Export).values()
                if each.target == key
            ),
        ]
        if users:
            kind = type(users[0]).__name__.lower()
            raise invalid(f"{what} is still used by {kind} {users[0].key}")

    def location_update(self, request: api.RemoteLocationUpdateDesc) -> ApiOk:
        """Change the buffers of connections."""
        old = self._known_location(request.location)
        receive, send = request.recv_buffer_size, request.send_buffer_size
        self._state.put(
            msgspec.structs.replace(
                old,
                recv_buffer=old.recv_buffer if receive is None else receive,
                send_buffer=old.send_buffer if send is None else send,
            )
        )
        return done(self._state)

    def location_rename(self, request: api.RemoteLocationRenameDesc) -> ApiOk:
        """Call a location otherwise."""
        old = self._known_location(request.location)
        if request.name != old.name:
            self._require_free_location(request.name)
        self._state.put(msgspec.structs.replace(old, name=request.name))
        return done(self._state)

    def clusters_list(self) -> api.ClustersList:
        """The known clusters."""
        return api.ClustersList(
            clusters=[
                api.RemoteCluster(
                    id=each.id,
                    location=self.location_name(each.location),
                    name=each.name,
                )
                for each in self._state.all(RemoteCluster).values()
            ]
        )

    def cluster_add(self, request: api.RemoteClusterAddDesc) -> ApiOk:
        """Know a cluster; without a name it is called by its full id."""
        location = self.location(request.location)
        key = f"{location.id}.{request.id}"
        known = self._state.all(RemoteCluster)
        if key in known or key == self._state.cluster.id:
            raise exists("cluster", key)
        name = request.name or key
        if len(name) > LONGEST_CLUSTER_NAME:
            raise invalid(
                f"a cluster's name has {LONGEST_CLUSTER_NAME} characters at"
                f" most, and '{name}' has more: give a name"
            )
        self._require_free_cluster(name)
        self._state.put(
            RemoteCluster(id=request.id, location=location.id, name=name)
        )
        return done(self._state)

    def _require_free_cluster(self, name: str) -> None:
        known = self._state.all(RemoteCluster).values()
        if name in {each.name for each in known}:
            raise exists("cluster", name)

    def cluster_remove(self, request: api.RemoteClusterRemoveDesc) -> ApiOk:
        """Forget a cluster that nothing refers to."""
        full_id = None
        if request.name is None:
            if request.location is None or request.id is None:
                raise invalid("give either name, or location and id")
            full_id = f"{self.location(request.location).id}.{request.id}"
        cluster = self.cluster(request.name, full_id)
        if not request.cluster_will_not_be_coming_back:
            self._require_unused(cluster.key, f"cluster '{cluster.name}'")
        self._forget(cluster)
        return done(self._state)

    def _forget(self, cluster: RemoteCluster) -> None:
        self._state.remove(cluster)
        for bridge in list(self._state.all(Bridge).values()):
            if bridge.cluster == cluster.key:
                self._state.remove(bridge)
        for export in list(self._state.all(Export).values()):
            if export.target == cluster.key:
                self._state.remove(export)

    def cluster_rename(self, request: api.RemoteClusterRenameDesc) -> ApiOk:
        """Call a cluster otherwise."""
        old = self.cluster(request.cluster, None)
        if request.name != old.name:
            self._require_free_cluster(request.name)
        self._state.put(msgspec.structs.replace(old, name=request.name))
        return done(self._state)

    def remote_bridges_list(self) -> api.RemoteBridgesList:
        """The known bridges."""
        bridges = self._state.all(Bridge).values()
        return api.RemoteBridgesList(
            remote_bridges=[self._bridge(each) for each in bridges]
        )

    def _bridge(self, bridge: Bridge) -> api.RemoteBridge:
        location = self.location_name(bridge.location)
        cluster = self._state.all(RemoteCluster).get(bridge.cluster)
        return api.RemoteBridge(
            ip=bridge.ip,
            location=location,
            public_key=bridge.public_key,
            remote=cluster.name if cluster is not None else location,
            cluster=cluster.name if cluster is not None else None,
            minimum_delete_delay=bridge.minimum_delete_delay,
            no_crypto=bridge.no_crypto,
        )

    def remote_bridge_add(self, request: api.RemoteBridgeAddDesc) -> ApiOk:
        """Know a bridge."""
        if request.ip in self._state.all(Bridge):
            raise exists("bridge", request.ip)
        cluster = None
        if request.remote is not None:
            cluster = self.cluster(request.remote, None)
            location = cluster.location
        else:
            location = self.location(request.location or "").id
        self._state.put(
            Bridge(
                ip=request.ip,
                public_key=request.public_key,
                location=location,
                cluster=cluster.key if cluster is not None else "",
                minimum_delete_delay=request.minimum_delete_delay,
                no_crypto=request.no_crypto,
            )
        )
        return done(self._state)

    def remote_bridge_remove(
        self, request: api.RemoteBridgeRemoveDesc
    ) -> ApiOk:
        """Forget a bridge."""
        bridge = self._state.all(Bridge).get(request.ip)
        if bridge is None:
            raise missing("bridge", request.ip)
        self._state.remove(bridge)
        return done(self._state)
