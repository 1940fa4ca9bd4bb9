# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls after ``MultiCluster/`` about what another cluster has.

A call that names a volume or snapshot is passed on to the cluster of the
location that has it. A volume that is to be attached here comes here first.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from storpool_common import api
from storpool_common.api.attachments import ReassignDesc
from storpool_common.api.attachments import VolumesReassignWaitDesc
from storpool_simulator.cluster import Cluster
from storpool_simulator.crossing import Crossing
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import Refusal
from storpool_simulator.routes import Match

#: Looks for itself in other clusters.
_ACQUIRE = "volume_acquire"
_REASSIGN = ("volumes_reassign", "volumes_reassign_wait")


class MultiCluster:
    """Who of the location is to carry out a call."""

    def __init__(self, cluster: Cluster, crossing: Crossing) -> None:
        self._cluster = cluster
        self._crossing = crossing

    def holder(self, match: Match) -> Bridge | None:
        """The other cluster that has what a call names in its path.

        :raises Refusal: nobody has it who answers, and some do not answer.
        """
        if match.call.python_name == _ACQUIRE:
            return None
        for parameter in ("volume_name", "snapshot_name"):
            if parameter in match.path:
                return self._holder(match.path[parameter])
        return None

    def gather(self, match: Match, request: Any) -> Any:
        """Let what is to be attached here come here.

        :param request: of the call, checked.
        :returns: the request, without what was done elsewhere.
        :raises Refusal: it cannot come.
        """
        if match.call.python_name not in _REASSIGN:
            return request
        if not self._crossing.neighbours():
            return request
        if isinstance(request, VolumesReassignWaitDesc):
            left = self._gathered(request.reassign)
            return msgspec.structs.replace(request, reassign=left)
        return self._gathered(request)

    def _gathered(self, elements: Iterable[ReassignDesc]) -> list[Any]:
        return [each for each in elements if self._is_for_here(each)]

    def _is_for_here(self, element: ReassignDesc) -> bool:
        name = element.volume or element.snapshot or ""
        bridge = self._holder(name)
        if bridge is None:
            return True
        clients = [*(element.rw or ()), *(element.ro or ())]
        if not clients:
            self._detach_there(bridge, element)
            return False
        self._require_can_come(name, element, clients)
        self._crossing.fetch_object(
            bridge, name, element.on_remote_attached or "export"
        )
        return True

    def _require_can_come(
        self, name: str, element: ReassignDesc, clients: Iterable[int]
    ) -> None:
        if element.mc_mode == "export":
            raise invalid(
                f"'{name}' is in another cluster, and the simulator forwards"
                " no reads and writes: use mcMode move"
            )
        known = {each.id for each in self._cluster.clients}
        for client in clients:
            if client not in known:
                raise invalid(f"No such client registered: {client}")

    def _detach_there(self, bridge: Bridge, element: ReassignDesc) -> None:
        """No client of this cluster has it; ``all`` are those of any."""
        if element.detach != "all":
            return
        self._crossing.ask(
            bridge,
            "command",
            {
                "method": "POST",
                "path": f"{api.URL_PREFIX}VolumesReassign",
                "document": [element],
            },
            object,
        )

    def _holder(self, name: str) -> Bridge | None:
        neighbours = self._crossing.neighbours()
        if not neighbours:
            return None
        if self._cluster.look(lambda state, _: state.find(name)) is not None:
            return None
        silent = None
        for bridge in neighbours:
            try:
                if self._crossing.ask(bridge, "holds", {"name": name}, bool):
                    return bridge
            except Refusal as error:
                silent = error
        if silent is not None:
            raise silent
        return None
