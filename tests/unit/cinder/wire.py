# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that can go wrong between a driver and its cluster.

What the simulator shows by itself is told to it. What takes a client's time
or half of an answer is done here, to the simulator's answers on their way
out: the clients look at a clock that only this moves.
"""

import http.client
import types
from typing import Any

import fixtures

from storpool_simulator import service
from storpool_simulator import testing
from tests import manual_clock

#: Seconds; longer than any of the clients waits for a call.
LATE = 1000.0

#: What the simulator does when it is told.
FAULTS: dict[str, dict[str, Any]] = {
    "refused": {
        "action": "error",
        "name": "internalError",
        "descr": "made up",
        "transient": False,
        "status": 500,
    },
    "transient": {
        "action": "error",
        "name": "tryAgain",
        "descr": "made up",
        "transient": True,
        "status": 503,
    },
    "dropped_before": {"action": "drop_before"},
    "dropped_after": {"action": "drop_after"},
    "html": {
        "action": "raw",
        "status": 502,
        "content_type": "text/html",
        "body": "<html>bad gateway</html>",
    },
    "truncated_before": {
        "action": "raw",
        "status": 200,
        "content_type": "application/json",
        "body": '{"generation": 1, "data": {"ok": tr',
    },
}
TRUNCATED_AFTER = "truncated_after"
LATE_BEFORE = "late_before"
LATE_AFTER = "late_after"

ALL = (*FAULTS, TRUNCATED_AFTER, LATE_BEFORE, LATE_AFTER)


class Wire(fixtures.Fixture):  # type: ignore[misc]
    """Where faults of all kinds are set.

    :ivar clock: what a client is to look at.
    """

    def __init__(self, simulator: testing.SimulatorFixture) -> None:
        super().__init__()
        self.clock = manual_clock.ManualClock()
        self._simulator = simulator
        self._fault = ""
        self._strikes = range(0)
        self._seen = 0

    def _setUp(self) -> None:  # noqa: N802
        answers = self._simulator.simulator.service
        self._answer = answers.answer
        self.useFixture(
            fixtures.MockPatchObject(answers, "answer", self._answered)
        )

    def arm(self, fault: str, nth: int, count: int) -> None:
        """Let the ``nth`` call from now on, and so many in all, go wrong."""
        if fault in FAULTS:
            self._simulator.add_fault(
                call="*", nth=nth, count=count, **FAULTS[fault]
            )
            return
        self._fault = fault
        self._seen = 0
        self._strikes = range(nth, nth + count)

    def disarm(self) -> None:
        """Let everything go well."""
        self._simulator.clear_faults()
        self._strikes = range(0)

    def _answered(self, request: service.Request) -> service.Reply:
        self._seen += 1
        if self._seen not in self._strikes:
            return self._answer(request)
        if self._fault == LATE_BEFORE:
            self.clock.sleep(LATE)
            return service.Reply(200, b"{")
        reply = self._answer(request)
        if self._fault == LATE_AFTER:
            self.clock.sleep(LATE)
            return reply
        return service.Reply(200, reply.body[: len(reply.body) // 2])


def timed_http(clock: manual_clock.ManualClock) -> types.SimpleNamespace:
    """``http`` for os-brick's client, whose time-out goes by a clock."""

    class Connection(http.client.HTTPConnection):
        def request(self, *args: Any, **kwargs: Any) -> None:
            self.began = clock.now()
            super().request(*args, **kwargs)

        def getresponse(self) -> http.client.HTTPResponse:
            response = super().getresponse()
            if clock.now() - self.began > (self.timeout or LATE):
                raise TimeoutError("timed out")
            return response

    return types.SimpleNamespace(
        client=types.SimpleNamespace(
            HTTPConnection=Connection,
            HTTPException=http.client.HTTPException,
            OK=http.client.OK,
        )
    )
