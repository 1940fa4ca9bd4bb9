# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cluster's time, which can be moved on."""

from collections.abc import Callable


class Clock:
    """Seconds since 1970, and how far they are ahead of the host's.

    :param base: the host's clock, or one that only a test moves.
    """

    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._base() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let so much time have passed."""
        self._ahead += seconds
