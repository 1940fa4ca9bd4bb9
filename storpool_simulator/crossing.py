# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that take more than one cluster.

Each asks the other side while its own cluster goes on: nobody holds a lock
while waiting for another simulator, so two may ask each other.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from storpool_common import api
from storpool_common.api import exports
from storpool_common.api import moves
from storpool_common.api.types import ApiOk
from storpool_simulator.bridges import Caller
from storpool_simulator.cluster import Cluster
from storpool_simulator.model.crossings import Described
from storpool_simulator.model.crossings import Wish
from storpool_simulator.model.placement import said
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.refusal import missing
from storpool_simulator.refusal import Refusal

#: Bytes that are asked for at once.
PIECE = 4 << 20


class Crossing:
    """Copies and moves between this cluster and others."""

    def __init__(self, cluster: Cluster, caller: Caller) -> None:
        self._cluster = cluster
        self._caller = caller

    @property
    def calls(self) -> Mapping[str, Callable[..., Any]]:
        """A function for each call that is answered here, by its name."""
        return {
            name: getattr(self, name)
            for name in api.CALLS
            if hasattr(self, name)
        }

    def ask(self, bridge: Bridge, what: str, body: Any, answer: Any) -> Any:
        """Ask a bridge; for errors see :class:`Caller`."""
        return self._caller.ask(self._cluster.id, bridge, what, body, answer)

    def fetch(self, bridge: Bridge, what: str, body: Any) -> bytes:
        """The same for an answer of bytes."""
        return self._caller.fetch(self._cluster.id, bridge, what, body)

    def neighbours(self) -> list[Bridge]:
        """The bridges of the other clusters of this location."""
        own = self._cluster.id.partition(".")[0]
        bridges = self._cluster.look(lambda _, model: model.remotes.bridges())
        return [each for each in bridges if each.location == own]

    def bridge(self, location: str, cluster: str = "") -> Bridge:
        """The bridge to a location or cluster, by ids."""
        return self._cluster.look(
            lambda _, model: model.remotes.bridge(location, cluster)
        )

    def bridge_to(self, location_name: str) -> Bridge:
        """The bridge to a location, by its name."""
        return self._cluster.look(
            lambda _, model: model.remotes.bridge(
                model.remotes.location(location_name).id
            )
        )

    def bridge_to_cluster(self, name: str | None, key: str | None) -> Bridge:
        """The bridge to a cluster, by its name or its full id."""

        def look(_: Any, model: Any) -> Bridge:
            cluster = model.remotes.cluster(name, key)
            found: Bridge = model.remotes.bridge(cluster.location, cluster.key)
            return found

        return self._cluster.look(look)

    def snapshots_remote_list(self) -> exports.RemoteSnapshotsList:
        """What other clusters show of their snapshots."""
        return exports.RemoteSnapshotsList(snapshots=self._shown("snapshot"))

    def volumes_remote_list(self) -> exports.RemoteVolumesList:
        """What other clusters show of their volumes."""
        return exports.RemoteVolumesList(volumes=self._shown("volume"))

    def _shown(self, kind: str) -> list[exports.RemoteSnapshot]:
        bridges = self._cluster.look(lambda _, model: model.remotes.bridges())
        return [
            self._remote(bridge, each)
            for bridge in bridges
            for each in self.ask(bridge, "list", {}, list[Described])
            if each.kind == kind
        ]

    def _remote(
        self, bridge: Bridge, each: Described
    ) -> exports.RemoteSnapshot:
        location, local = self._cluster.look(
            lambda state, model: (
                model.remotes.location_name(bridge.location),
                state.shown_name(each.global_id),
            )
        )
        return exports.RemoteSnapshot(
            creation_timestamp=each.created,
            location=location,
            name=each.name or f"~{each.global_id}",
            remote_id=each.global_id,
            size=each.size,
            created_from_global_id=each.origin or None,
            created_from_visible_volume_id=each.origin_number or None,
            local_snapshot=local or None,
            on_volume=each.on_volume or None,
            tags=each.tags,
        )

    def snapshot_from_remote(
        self, request: moves.SnapshotFromRemoteDesc
    ) -> ApiOk:
        """Copy a snapshot that is exported to here."""
        bridge = self.bridge_to(request.remote_location)
        self._require_shown(bridge, request.remote_id)
        self.copy(
            bridge,
            request.remote_id,
            Wish(
                name=request.name or "",
                template=request.template,
                policy=said(api.volumes.VolumePolicyDesc(**_placed(request))),
                tags=request.tags,
            ),
        )
        if request.export:
            self.export(request.remote_id, bridge.location)
        return self.ok()

    def _require_shown(self, bridge: Bridge, global_id: str) -> None:
        shown = self.ask(bridge, "list", {}, list[Described])
        if global_id not in {each.global_id for each in shown}:
            raise missing("snapshot exported to here", f"~{global_id}")

    def export(self, global_id: str, location: str) -> None:
        """Let a location, by its id, see a snapshot."""

        def export(model: Any) -> None:
            name = model.remotes.location_name(location)
            model.exports.snapshot_export(
                exports.SnapshotExportDesc(
                    snapshot=f"~{global_id}", location=name
                )
            )

        self._cluster.steer(export)

    def volume_from_remote(self, request: moves.VolumeFromRemoteDesc) -> ApiOk:
        """Make a volume of a snapshot that is exported to here."""
        here = self._cluster.look(
            lambda state, _: request.remote_id in state.objects
        )
        if not here:
            self.snapshot_from_remote(
                moves.SnapshotFromRemoteDesc(
                    remote_id=request.remote_id,
                    remote_location=request.remote_location,
                    export=request.export,
                    template=request.template,
                    **_placed(request),
                )
            )
        made: ApiOk = self._cluster.steer(
            lambda model: model.calls["volume_create"](
                request=api.volumes.VolumeCreateDesc(
                    name=request.name,
                    parent=f"~{request.remote_id}",
                    template=request.template,
                    tags=request.tags,
                    **_placed(request),
                )
            )
        )
        return made

    def volume_move_to_remote(
        self, volume_name: str, request: moves.VolumeMoveToRemoteDesc
    ) -> ApiOk:
        """Move a volume."""
        self._cluster.look(lambda state, _: state.volume(volume_name))
        return self._move(volume_name, request)

    def snapshot_move_to_remote(
        self, snapshot_name: str, request: moves.SnapshotMoveToRemoteDesc
    ) -> ApiOk:
        """Move a snapshot."""
        self._cluster.look(lambda state, _: state.snapshot(snapshot_name))
        return self._move(snapshot_name, request)

    def _move(self, name: str, request: moves.VolumeMoveToRemoteBase) -> ApiOk:
        bridge = self.bridge_to_cluster(request.cluster, request.cluster_id)
        return self.move(bridge, name, request.on_attached or "fail")

    def move(self, bridge: Bridge, name: str, on_attached: str) -> ApiOk:
        """Let another cluster copy an object, and forget it."""

        def prepare(model: Any) -> Any:
            target = model.crossings.known(name)
            model.crossings.prepare_to_leave(target, on_attached)
            return target

        target = self._cluster.steer(prepare)
        body = {
            "global_id": target.global_id,
            "wish": Wish(name=target.name),
        }
        try:
            self.ask(bridge, "copy", body, object)
        except Refusal:
            self._cluster.steer(
                lambda model: model.crossings.stay(target.global_id)
            )
            raise
        return self._cluster.steer(
            lambda model: model.crossings.leave(target.global_id)
        )

    def volume_acquire(
        self, volume_name: str, request: moves.VolumeAcquireDesc
    ) -> ApiOk:
        """Bring a volume here from whichever cluster has it."""
        if self._cluster.look(lambda state, _: state.find(volume_name)):
            return self.ok()
        choice = request.on_remote_attached or "fail"
        for bridge in self.neighbours():
            try:
                self.fetch_object(bridge, volume_name, choice)
            except Refusal as error:
                if error.name != "objectDoesNotExist":
                    raise
            else:
                return self.ok()
        raise missing("volume in any cluster of the location", volume_name)

    def fetch_object(
        self, bridge: Bridge, name: str, on_attached: str
    ) -> None:
        """Have another cluster move an object to here."""
        body = {"name": name, "on_attached": on_attached}
        self.ask(bridge, "move", body, object)

    def snapshots_remote_unexport(
        self, request: exports.SnapshotsRemoteUnexport
    ) -> ApiOk:
        """Tell other locations that snapshots of theirs may go."""
        for each in request.remote_snapshots:
            bridge = self.bridge_to(each.location)
            body = {
                "global_id": each.global_snapshot_id,
                "delete_after": each.delete_after,
                "target_delete_date": each.target_delete_date,
            }
            self.ask(bridge, "unexport", body, object)
        return self.ok()

    def copy(self, bridge: Bridge, global_id: str, wish: Wish) -> None:
        """Copy an object of another cluster, with all its data."""
        came: Described = self.ask(
            bridge, "describe", {"global_id": global_id}, Described
        )
        pieces = self._pieces(bridge, global_id)
        self._cluster.adopt(came, wish, pieces)

    def _pieces(
        self, bridge: Bridge, global_id: str
    ) -> Iterator[tuple[int, bytes]]:
        body: dict[str, Any] = {"global_id": global_id}
        extents = self.ask(bridge, "extents", body, list[tuple[int, int]])
        for start, length in extents:
            for offset in range(start, start + length, PIECE):
                count = min(PIECE, start + length - offset)
                asked = body | {"offset": offset, "length": count}
                yield (
                    offset,
                    self.fetch(bridge, "read", asked),
                )

    def ok(self) -> ApiOk:
        """That it is done."""
        generation = self._cluster.look(
            lambda state, _: state.cluster.generation
        )
        return ApiOk(ok=True, generation=generation)


def _placed(request: moves.FromRemoteBase) -> dict[str, Any]:
    """Where a copy is to be, as other requests say it, too."""
    return {
        "place_all": request.place_all,
        "place_head": request.place_head,
        "place_tail": request.place_tail,
        "replication": request.replication,
    }
