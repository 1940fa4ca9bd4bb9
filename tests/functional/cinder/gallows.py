# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where a process waits that is going to be killed."""

import threading

import fixtures

from storpool_simulator import service as answering
from storpool_simulator import testing

#: Seconds for a service to start and to get to where it is killed.
PATIENCE = 120


class Gallows(fixtures.Fixture):  # type: ignore[misc]
    """Holds a change's answer until the process that waits for it is dead."""

    def __init__(self, simulator: testing.SimulatorFixture) -> None:
        super().__init__()
        self._simulator = simulator
        self._nth = 0
        self._applied = False
        self.reached = threading.Event()
        self.over = threading.Event()

    def _setUp(self) -> None:  # noqa: N802
        answers = self._simulator.simulator.service
        self._answer = answers.answer
        self.useFixture(
            fixtures.MockPatchObject(answers, "answer", self._answered)
        )
        self.addCleanup(self.over.set)

    def hold(self, nth: int, applied: bool) -> None:
        """Hold the ``nth`` change from now on, carried out or not."""
        self.reached.clear()
        self.over.clear()
        self._nth, self._applied = nth, applied

    def _answered(self, request: answering.Request) -> answering.Reply:
        if request.method != "POST" or not self._nth:
            return self._answer(request)
        self._nth -= 1
        if self._nth:
            return self._answer(request)
        if self._applied:
            self._answer(request)
        self.reached.set()
        self.over.wait(PATIENCE)
        raise answering.Dropped
