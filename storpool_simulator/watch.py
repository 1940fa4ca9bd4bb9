# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``/sim/``: what the simulator saw, and how it is disturbed and steered."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Annotated
from typing import Any
from typing import TypeVar

import msgspec

from storpool_simulator.cluster import Cluster
from storpool_simulator.faults import Fault
from storpool_simulator.faults import Faults
from storpool_simulator.journal import Journal
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.overview import overview
from storpool_simulator.model.switches import UnknownSwitch
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import unknown_call

T = TypeVar("T")

#: Requests that the overview shows.
_LATEST = 30


class Steering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A machine that goes down or comes back.

    :ivar id: number of the client, server or disk.
    """

    id: int
    up: bool


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An iSCSI initiator that logs in to a volume through a group."""

    initiator: str
    group: str
    volume: str


class LogOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number of a session that ends."""

    session: int


class Passing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Time that is to have passed, in seconds."""

    advance: Annotated[float, msgspec.Meta(ge=0)]


class Watch:
    """Answers that need no token and are no part of the API."""

    def __init__(
        self, cluster: Cluster, faults: Faults, journal: Journal
    ) -> None:
        self._cluster = cluster
        self._faults = faults
        self._journal = journal
        self._answers: Mapping[tuple[str, str], Callable[[bytes], Any]] = {
            ("GET", "/sim/overview"): self._overview,
            ("GET", "/sim/requests"): self._get_requests,
            ("DELETE", "/sim/requests"): self._clear_requests,
            ("GET", "/sim/faults"): self._get_faults,
            ("POST", "/sim/faults"): self._add_fault,
            ("DELETE", "/sim/faults"): self._clear_faults,
            ("GET", "/sim/switches"): self._get_switches,
            ("POST", "/sim/switches"): self._set_switches,
            ("POST", "/sim/clients"): self._steer(Machines.set_client),
            ("POST", "/sim/servers"): self._steer(Machines.set_server),
            ("POST", "/sim/disks"): self._steer(Machines.set_disk),
            ("POST", "/sim/clock"): self._set_clock,
            ("POST", "/sim/sessions"): self._log_in,
            ("DELETE", "/sim/sessions"): self._log_out,
        }

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """The answer as JSON.

        :param path: as it was sent; a query is not looked at.
        :raises Refusal: there is no such question, or its body is wrong.
        """
        plain = path.partition("?")[0]
        function = self._answers.get((method, plain))
        if function is None:
            raise unknown_call(method, plain)
        return msgspec.json.encode(function(body))

    def _overview(self, body: bytes) -> Any:
        latest = self._journal.latest(_LATEST)
        return self._cluster.look(overview) | {
            "faults": self._faults.listed(),
            "requests": [
                {
                    "seq": each.seq,
                    "time": each.time,
                    "method": each.method,
                    "path": each.path,
                    "status": each.status,
                }
                for each in latest
            ],
        }

    def _get_requests(self, body: bytes) -> Any:
        return {"requests": self._journal.entries()}

    def _clear_requests(self, body: bytes) -> Any:
        self._journal.clear()
        return {"requests": []}

    def _get_faults(self, body: bytes) -> Any:
        return {"faults": self._faults.listed()}

    def _add_fault(self, body: bytes) -> Any:
        self._faults.add(_decoded(body, Fault, "a fault"))
        return {"faults": self._faults.listed()}

    def _clear_faults(self, body: bytes) -> Any:
        self._faults.clear()
        return {"faults": []}

    def _get_switches(self, body: bytes) -> Any:
        return {"switches": self._cluster.rules.now}

    def _set_switches(self, body: bytes) -> Any:
        said = _decoded(body, dict[str, Any], "switches")
        try:
            self._cluster.rules.change(said)
        except UnknownSwitch as error:
            raise invalid(str(error)) from error
        return self._get_switches(b"")

    def _steer(
        self, change: Callable[[Machines, int, bool], None]
    ) -> Callable[[bytes], Any]:
        def steer(body: bytes) -> Any:
            wanted = _decoded(body, Steering, "a machine")
            self._cluster.steer(
                lambda model: change(model.machines, wanted.id, wanted.up)
            )
            return wanted

        return steer

    def _log_in(self, body: bytes) -> Any:
        asked = _decoded(body, LogIn, "a login")
        number = self._cluster.steer(
            lambda model: model.iscsi.log_in(
                asked.initiator, asked.group, asked.volume
            )
        )
        return {"session": number}

    def _log_out(self, body: bytes) -> Any:
        asked = _decoded(body, LogOut, "a session")
        self._cluster.steer(lambda model: model.iscsi.log_out(asked.session))
        return {"session": None}

    def _set_clock(self, body: bytes) -> Any:
        passing = _decoded(body, Passing, "a time")
        return {"now": self._cluster.advance(passing.advance)}


def _decoded(body: bytes, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid(f"not {what}: {error}") from error
