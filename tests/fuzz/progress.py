# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How far fuzzing has come, and which calls it made."""

import collections
from collections.abc import Callable
from collections.abc import Iterator
import time
from typing import TextIO

from storpool_common import api

#: Seconds between two lines.
PAUSE = 30.0


class Tally:
    """Counts sequences and calls, and tells about it while it goes on.

    :param wanted: how many sequences there are to be.
    :param output: where lines are written.
    :param clock: seconds from any moment.
    """

    def __init__(
        self,
        wanted: int = 0,
        output: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sequences = 0
        self.asked: collections.Counter[str] = collections.Counter()
        self.answered: collections.Counter[str] = collections.Counter()
        self._wanted = wanted
        self._output = output
        self._clock = clock
        self._began = self._told = clock()

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return self._clock() - self._began

    def count(self, call: str, status: int) -> None:
        """A call was made, and answered so."""
        self.asked[call] += 1
        if status == 200:
            self.answered[call] += 1

    def end_sequence(self) -> None:
        """A sequence is over."""
        self.sequences += 1
        if self._clock() - self._told >= PAUSE:
            self._told = self._clock()
            self.tell()

    def tell(self) -> None:
        """Write one line about it, where anybody wants to know."""
        if self._output is None:
            return
        print(
            f"{self.sequences:,} of {self._wanted:,} sequences,"
            f" {self.asked.total():,} calls,"
            f" {self.answered.total():,} answered with 200,"
            f" {self.seconds:.0f} s",
            file=self._output,
            flush=True,
        )

    def table(self) -> Iterator[str]:
        """Every call, how often it was made and how often it succeeded."""
        for call in api.CALLS:
            yield f"{call:34}{self.asked[call]:10,}{self.answered[call]:10,}"
        succeeded = sum(map(bool, self.answered.values()))
        yield f"{succeeded} of {len(api.CALLS)} calls succeeded at least once"
