# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is to happen when, found without looking at everything."""

import heapq


class Calendar:
    """A date for each of many keys; says which have come.

    Setting a date takes the logarithm of their number, and asking takes
    nothing while no date has come.
    """

    def __init__(self) -> None:
        self._dates: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        self._come: dict[str, None] = {}

    def set(self, key: str, date: float) -> None:
        """Set the date of a key, in seconds; 0 takes it away."""
        self._come.pop(key, None)
        if not date:
            self._dates.pop(key, None)
            return
        self._dates[key] = date
        heapq.heappush(self._heap, (date, key))

    def due(self, now: float) -> list[str]:
        """The keys whose date has come, as long as they have it."""
        while self._heap and self._heap[0][0] <= now:
            date, key = heapq.heappop(self._heap)
            if self._dates.get(key) == date:
                self._come[key] = None
        return [key for key in self._come if self._dates[key] <= now]
