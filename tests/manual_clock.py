# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Time that passes only when somebody sleeps."""

from collections.abc import Callable


class ManualClock:
    """A clock for what waits: sleeping is over at once.

    :ivar slept: how long each sleep was, in seconds.
    :ivar on_sleep: called at each sleep, after the time has passed; what
        happens elsewhere meanwhile.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.on_sleep: Callable[[], object] = lambda: None
        self._now = 1000.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        self.on_sleep()
