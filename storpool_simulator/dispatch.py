# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""From a path and a document to an answer: here, there, or everywhere."""

from typing import Any

import msgspec

from storpool_common import api
from storpool_common.api.call import Call
from storpool_simulator.cluster import Cluster
from storpool_simulator.crossing import Crossing
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.faults import Fault
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.multicluster import MultiCluster
from storpool_simulator.refusal import Refusal
from storpool_simulator.refusal import unknown_call
from storpool_simulator.routes import check_request
from storpool_simulator.routes import EVERYWHERE
from storpool_simulator.routes import find_call
from storpool_simulator.routes import remote_command
from storpool_simulator.store import StoreUnusable


class Dispatcher:
    """Carries out requests for this cluster, and passes others on."""

    def __init__(self, cluster: Cluster, crossing: Crossing) -> None:
        self._cluster = cluster
        self._crossing = crossing
        self._multicluster = MultiCluster(cluster, crossing)

    def perform(
        self, method: str, path: str, sent: Any, fault: Fault | None = None
    ) -> bytes:
        """The answer's envelope as JSON.

        :param sent: the decoded body.
        :param fault: what goes wrong with devices.
        :raises Refusal: there is no such call, or it is refused.
        """
        name, rest = remote_command(path)
        if name and not self._is_own(name):
            return self._pass_on(self._bridge(name), method, rest, sent)
        everywhere = rest.removeprefix(EVERYWHERE)
        if everywhere == rest:
            return self._here(method, rest, sent, fault)
        return self._everywhere(method, api.URL_PREFIX + everywhere, sent)

    def _is_own(self, name: str) -> bool:
        own, called = self._cluster.look(
            lambda state, _: (state.cluster.id, state.cluster.name)
        )
        return name in (f"~{own}", called)

    def _bridge(self, name: str) -> Bridge:
        key = name[1:] if name.startswith("~") else None
        return self._crossing.bridge_to_cluster(
            None if key is not None else name, key
        )

    def _pass_on(
        self, bridge: Bridge, method: str, path: str, sent: Any
    ) -> bytes:
        body = {"method": method, "path": path, "document": sent}
        return self._crossing.fetch(bridge, "command", body)

    def _here(
        self, method: str, path: str, sent: Any, fault: Fault | None
    ) -> bytes:
        match = find_call(method, path)
        self._require_version(match.call, method, path)
        if not self._cluster.answers(match.call):
            raise Refusal(
                "notImplemented",
                f"the simulator does not know {match.call.name}",
                status=501,
            )
        checked = check_request(match.call, sent)
        if match.multicluster:
            bridge = self._multicluster.holder(match)
            if bridge is not None:
                return self._pass_on(bridge, method, _alone(path), sent)
            checked = self._multicluster.gather(match, checked)
        try:
            data, generation = self._cluster.perform(
                match.call, match.path, checked, fault
            )
        except (StoreUnusable, PlaneFailed) as error:
            raise Refusal("internalError", str(error), status=500) from error
        return msgspec.json.encode({"generation": generation, "data": data})

    def _require_version(
        self, call: Call[..., Any], method: str, path: str
    ) -> None:
        """Refuse a call that a server of that version has no more."""
        served = self._cluster.rules.now.api_version
        if call.until is not None and _after(served, call.until.api):
            raise unknown_call(method, path)

    def _everywhere(self, method: str, path: str, sent: Any) -> bytes:
        """What every cluster of the location says; nothing of the silent."""
        said: list[Any] = []
        for bridge in (None, *self._crossing.neighbours()):
            try:
                if bridge is None:
                    answer = self._here(method, path, sent, None)
                else:
                    answer = self._pass_on(bridge, method, path, sent)
            except Refusal as error:
                silent = error.name == "remoteUnreachable"
                said.append({} if silent else {"response": error.envelope()})
            else:
                said.append({"response": msgspec.Raw(answer)})
        generation = self._cluster.look(
            lambda state, _: state.cluster.generation
        )
        return msgspec.json.encode(
            {"generation": generation, "data": {"clusters": said}}
        )


def _alone(path: str) -> str:
    """The path of the same call for one cluster."""
    prefix = api.URL_PREFIX + api.MULTICLUSTER_PREFIX
    return api.URL_PREFIX + path.removeprefix(prefix)


def _after(version: str, other: str) -> bool:
    first, second = (
        [int(part) for part in each.split(".")] for each in (version, other)
    )
    return first > second
