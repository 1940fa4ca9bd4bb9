# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Time, as something that a caller can replace.

Whatever waits takes a clock, so that a test of a 30 s deadline needs no 30 s.
"""

from collections.abc import Iterator
import random
import time
import typing

_random = random.SystemRandom()


class Clock(typing.Protocol):
    """Where time comes from and how it passes."""

    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass, and other threads and green threads run."""
        ...


class SystemClock:
    """The real time.

    ``time.sleep`` is looked up at each call: eventlet, and os_brick.utils
    too, put their own in its place.
    """

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def pauses(first: float, longest: float) -> Iterator[float]:
    """Seconds to wait between tries, doubling and jittered, without end.

    The jitter keeps those who wait for the same thing from trying in step.
    """
    pause = first
    while True:
        yield pause * _random.uniform(0.5, 1.0)
        pause = min(pause * 2, longest)


def try_until(
    deadline: float, clock: Clock, *, first: float, longest: float
) -> Iterator[None]:
    """Yield once for each try, with growing pauses in between.

    There is always a first try, and a last one when the deadline has come.

    :param deadline: when to stop, by ``clock``.
    :param first: seconds between the first two tries.
    :param longest: seconds between tries at most.
    """
    yield
    for pause in pauses(first, longest):
        left = deadline - clock.now()
        if left <= 0:
            return
        clock.sleep(min(pause, left))
        yield
