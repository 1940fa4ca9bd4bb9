# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""One operation, one fault at one of its calls, and what comes of it.

After the fault is over the operation is repeated, as Cinder or its user
would, and then everything is as if nothing had happened.
"""

import functools
import http.client
import itertools
from typing import Any

from cinder import exception
from cinder.volume import driver as base_driver
import fixtures
from os_brick import exception as brick_exception

from cinder_storpool import driver
from storpool_common import client
from tests.unit.cinder import expectations
from tests.unit.cinder import operations
from tests.unit.cinder import wire

#: Enough to outlast all tries of a client.
ALWAYS = 99
COUNTS = (1, ALWAYS)

#: What a driver must not let out: Cinder does not expect it.
ESCAPED = (
    AssertionError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    brick_exception.BrickException,
    http.client.HTTPException,
)

RIGHT = ""
FOREIGN = "not Cinder's exception"
HALF = "half done"
STUCK = "cannot be repeated"
WRONG = "wrong in the end"


class TrialTestCase(expectations.ExpectingTestCase):
    """Tries a driver."""

    def begin(
        self,
        kind: type[base_driver.VolumeDriver] = driver.StorPoolDriver,
    ) -> None:
        """Start a driver whose cluster may be faulty."""
        self.wire = self.useFixture(wire.Wire(self.simulator))
        clock = self.wire.clock
        for name, replacement in {
            "storpool_common.client.Client": functools.partial(
                client.Client, sleep=clock.sleep, clock=clock.now
            ),
            "os_brick.initiator.storpool_utils.http": wire.timed_http(clock),
        }.items():
            self.useFixture(fixtures.MonkeyPatch(name, replacement))
        self.driver = self.start_driver(kind, storpool_template="nvme")

    def calls_of(self, chosen: operations.Operation) -> int:
        """How many calls an operation makes when nothing goes wrong.

        :raises AssertionError: it does not do what was asked.
        """
        self.empty_the_cluster()
        state = chosen.prepare(self)
        self.simulator.clear_requests()
        chosen.run(self, state)
        asked = len(self.calls())
        chosen.check(self, state)
        return asked

    def trials_of(self, calls: int) -> list[tuple[str, int, int]]:
        """Every fault, the call that it meets first, how often it strikes."""
        return list(itertools.product(wire.ALL, range(1, calls + 1), COUNTS))

    def tried(
        self, chosen: operations.Operation, fault: str, nth: int, count: int
    ) -> str:
        """What is wrong when a fault meets the ``nth`` call."""
        self.empty_the_cluster()
        state = chosen.prepare(self)
        before = self.picture()
        self.wire.arm(fault, nth, count)
        try:
            chosen.run(self, state)
        except exception.CinderException:
            self.wire.disarm()
            return self._repeated(chosen, state, before)
        except ESCAPED:
            return FOREIGN
        finally:
            self.wire.disarm()
        return self._checked(chosen, state)

    def _repeated(
        self,
        chosen: operations.Operation,
        state: Any,
        before: expectations.Picture,
    ) -> str:
        if not self._is_whole(chosen, state, before):
            return HALF
        try:
            chosen.run(self, state)
        except (exception.CinderException, *ESCAPED):
            return STUCK
        return self._checked(chosen, state)

    def _is_whole(
        self,
        chosen: operations.Operation,
        state: Any,
        before: expectations.Picture,
    ) -> bool:
        """Whether the cluster is as it was or as it is to be."""
        after = self.picture()
        if after == before or self._checked(chosen, state) == RIGHT:
            return True
        return chosen.many and (after <= before or after >= before)

    def _checked(self, chosen: operations.Operation, state: Any) -> str:
        try:
            chosen.check(self, state)
        except AssertionError:
            return WRONG
        return RIGHT
