# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The bridge of this cluster: what it answers to other simulators."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import msgspec

from storpool_simulator.bridges import public_key
from storpool_simulator.cluster import Cluster
from storpool_simulator.crossing import Crossing
from storpool_simulator.crossing import PIECE
from storpool_simulator.dispatch import Dispatcher
from storpool_simulator.model.crossings import Wish
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import Refusal
from storpool_simulator.refusal import unknown_call


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked; which members there are depends on the question."""

    global_id: str = ""
    offset: int = 0
    length: int = 0
    wish: Wish = Wish()
    name: str = ""
    on_attached: str = "fail"
    method: str = ""
    path: str = ""
    document: Any = None
    delete_after: int | None = None
    target_delete_date: int | None = None


class Gate:
    """Answers below ``/sim/bridge/``."""

    def __init__(
        self, cluster: Cluster, crossing: Crossing, dispatcher: Dispatcher
    ) -> None:
        self._dispatcher = dispatcher
        self._cluster = cluster
        self._crossing = crossing
        self._answers: Mapping[str, Callable[[str, _Asked], Any]] = {
            "holds": self._holds,
            "list": self._list,
            "describe": self._describe,
            "extents": self._extents,
            "read": self._read,
            "copy": self._copy,
            "move": self._move,
            "unexport": self._unexport,
            "command": self._command,
        }

    @property
    def identity(self) -> dict[str, str]:
        """What another cluster's operator has to know."""
        own = self._cluster.id
        return {"clusterId": own, "publicKey": public_key(own)}

    def answer(self, path: str, key: str, sender: str, body: bytes) -> bytes:
        """The answer to a question.

        :param key: whom the other side believes to speak to.
        :param sender: id of the cluster that asks.
        :raises Refusal: it is not meant for this cluster, or refused.
        """
        function = self._answers.get(path.removeprefix("/sim/bridge/"))
        if function is None:
            raise unknown_call("POST", path)
        if key != public_key(self._cluster.id):
            raise Refusal(
                "wrongPublicKey",
                f"cluster {self._cluster.id} has another public key",
                status=403,
            )
        try:
            asked = msgspec.json.decode(body, type=_Asked)
        except (msgspec.DecodeError, RecursionError) as error:
            raise invalid(f"not a question of a bridge: {error}") from error
        answer = function(sender, asked)
        if isinstance(answer, bytes):
            return answer
        return msgspec.json.encode(answer)

    def _command(self, sender: str, asked: _Asked) -> bytes:
        return self._dispatcher.perform(
            asked.method, asked.path, asked.document
        )

    def _holds(self, sender: str, asked: _Asked) -> Any:
        found = self._cluster.look(lambda state, _: state.find(asked.name))
        return found is not None

    def _list(self, sender: str, asked: _Asked) -> Any:
        return self._cluster.look(
            lambda _, model: model.crossings.seen_by(sender)
        )

    def _describe(self, sender: str, asked: _Asked) -> Any:
        return self._cluster.look(
            lambda _, model: model.crossings.describe(asked.global_id)
        )

    def _extents(self, sender: str, asked: _Asked) -> Any:
        return self._cluster.extents(asked.global_id)

    def _read(self, sender: str, asked: _Asked) -> bytes:
        if not 0 <= asked.length <= PIECE:
            raise invalid(f"{asked.length} bytes are too many at once")
        return self._cluster.read(asked.global_id, asked.offset, asked.length)

    def _copy(self, sender: str, asked: _Asked) -> Any:
        bridge = self._bridge_of(sender)
        self._crossing.copy(bridge, asked.global_id, asked.wish)
        return {}

    def _move(self, sender: str, asked: _Asked) -> Any:
        bridge = self._bridge_of(sender)
        self._crossing.move(bridge, asked.name, asked.on_attached)
        return {}

    def _bridge_of(self, sender: str) -> Bridge:
        location = sender.partition(".")[0]
        return self._crossing.bridge(location, sender)

    def _unexport(self, sender: str, asked: _Asked) -> Any:
        location = sender.partition(".")[0]
        least = self._bridge_of(sender).minimum_delete_delay or 0
        after = asked.delete_after
        if after:
            after = max(after, least)
        self._cluster.steer(
            lambda model: model.crossings.not_needed(
                location, asked.global_id, after, asked.target_delete_date
            )
        )
        return {}
