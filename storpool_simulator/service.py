# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Answers requests: token, faults, route, checks, call, log."""

from collections.abc import Callable
import dataclasses
import hmac
import pathlib
import time
from typing import Any
import urllib.parse

import msgspec

from storpool_simulator.backups import Backups
from storpool_simulator.bridges import Caller
from storpool_simulator.cluster import Cluster
from storpool_simulator.crossing import Crossing
from storpool_simulator.dispatch import Dispatcher
from storpool_simulator.faults import Fault
from storpool_simulator.faults import Faults
from storpool_simulator.gate import Gate
from storpool_simulator.journal import Journal
from storpool_simulator.refusal import Refusal
from storpool_simulator.refusal import unauthorized
from storpool_simulator.routes import call_name
from storpool_simulator.routes import decode_body
from storpool_simulator.watch import Watch

_SCHEME = "Storpool v1:"
_JSON = "application/json"
#: What a browser is shown: one file, which asks for the rest.
_PAGE = pathlib.Path(__file__).with_name("page.html")


@dataclasses.dataclass(frozen=True)
class Request:
    """What came in.

    :ivar path: as it was sent.
    :ivar authorization: the header of that name, or empty.
    :ivar bridge_key: which cluster another simulator believes to ask.
    :ivar bridge_from: id of the cluster of that simulator.
    """

    method: str
    path: str
    authorization: str
    body: bytes
    bridge_key: str = ""
    bridge_from: str = ""


@dataclasses.dataclass(frozen=True)
class Reply:
    """What goes out."""

    status: int
    body: bytes
    content_type: str = _JSON


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Service:
    """The API of one cluster, and ``/sim/`` to watch and disturb it.

    :param error_status: HTTP status of every error, or None for one that
        fits; some clients are only right when errors come with 200.
    :param latency: seconds that every call takes at least.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        token: str,
        clock: Callable[[], float],
        error_status: int | None = None,
        latency: float = 0.0,
    ) -> None:
        self.faults = Faults()
        self.journal = Journal()
        self._cluster = cluster
        self._token = token.encode()
        self._clock = clock
        self._error_status = error_status
        self._latency = latency
        caller = Caller()
        crossing = Crossing(cluster, caller)
        backups = Backups(cluster, crossing)
        cluster.join({**crossing.calls, **backups.calls})
        self._caller = caller
        self._dispatcher = Dispatcher(cluster, crossing)
        self._gate = Gate(cluster, crossing, self._dispatcher)
        self._watch = Watch(cluster, self.faults, self.journal)

    def answer(self, request: Request) -> Reply:
        """Answer one request.

        :raises Dropped: a fault says that no answer is sent.
        """
        if (request.method, request.path) == ("GET", "/"):
            return Reply(200, _PAGE.read_bytes(), "text/html; charset=utf-8")
        if request.path.startswith("/sim/"):
            return self._watched(request)
        due: list[Fault] = []
        sent = None
        try:
            self._require_token(request)
            due = self.faults.due(call_name(request.path), request.method)
            sent = _document(request)
            reply = self._carry_out(request, sent, due)
        except Refusal as error:
            reply = self._refused(error)
        except Dropped:
            self._note(request, sent, None)
            raise
        if any(fault.action == "drop_after" for fault in due):
            self._note(request, sent, None)
            raise Dropped
        self._note(request, sent, reply)
        return reply

    def close(self) -> None:
        """Close the connections to other simulators."""
        self._caller.close()

    def _require_token(self, request: Request) -> None:
        given = request.authorization.encode("utf-8", "surrogateescape")
        wanted = _SCHEME.encode() + self._token
        if not hmac.compare_digest(given, wanted):
            raise unauthorized()

    def _carry_out(
        self, request: Request, sent: Any, due: list[Fault]
    ) -> Reply:
        if self._latency:
            time.sleep(self._latency)
        for fault in due:
            reply = _disturb(fault)
            if reply is not None:
                return reply
        devices = [each for each in due if each.action.startswith("device")]
        body = self._dispatcher.perform(
            request.method,
            request.path,
            sent,
            devices[0] if devices else None,
        )
        return Reply(200, body)

    def _refused(self, error: Refusal) -> Reply:
        rules = self._cluster.rules.now
        status: int = error.status
        if error.name == "unauthorized":
            status = rules.wrong_token_status
        elif error.name == "unknownCall":
            status = rules.unknown_call_status
        status = self._error_status or status
        return Reply(status, msgspec.json.encode(error.envelope()))

    def _note(self, request: Request, sent: Any, reply: Reply | None) -> None:
        self.journal.add(
            time=self._clock(),
            method=request.method,
            path=request.path,
            body=sent,
            status=reply.status if reply else 0,
            answer=reply.body
            if reply and reply.content_type == _JSON
            else None,
        )

    def _watched_body(self, request: Request) -> bytes:
        gate = self._gate
        if not request.path.startswith("/sim/bridge"):
            return self._watch.answer(
                request.method, request.path, request.body
            )
        if request.method == "GET" and request.path == "/sim/bridge":
            return msgspec.json.encode(gate.identity)
        return gate.answer(
            request.path,
            request.bridge_key,
            request.bridge_from,
            request.body,
        )

    def _watched(self, request: Request) -> Reply:
        try:
            return Reply(200, self._watched_body(request))
        except Refusal as error:
            return self._refused(error)


def _document(request: Request) -> Any:
    """The body, or for a question what ``?json=`` has."""
    if request.body or request.method != "GET":
        return decode_body(request.body)
    query = urllib.parse.parse_qs(request.path.partition("?")[2])
    return decode_body(query.get("json", [""])[0].encode())


def _disturb(fault: Fault) -> Reply | None:
    """Let a fault that precedes the call happen."""
    if fault.action == "delay":
        time.sleep(fault.seconds)
    elif fault.action == "drop_before":
        raise Dropped
    elif fault.action == "error":
        raise Refusal(
            fault.name,
            fault.descr,
            status=fault.status or (503 if fault.transient else 500),
            transient=fault.transient,
        )
    elif fault.action == "raw":
        return Reply(
            fault.status or 200, fault.body.encode(), fault.content_type
        )
    return None
