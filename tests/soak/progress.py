# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How far a long run has come."""

import sys
import time

_SECONDS = 10.0


class Progress:
    """Says it on the standard error stream, now and then.

    :param total: how many there are to be done.
    :param what: their name, in the plural.
    """

    def __init__(self, total: int, what: str) -> None:
        self._total = total
        self._what = what
        self._began = self._said = time.monotonic()

    def show(self, done: int) -> None:
        """Say how many are done, unless that was said a moment ago."""
        now = time.monotonic()
        if now < self._said + _SECONDS:
            return
        self._said = now
        print(
            f"{now - self._began:6.0f} s  {done:,} of {self._total:,}"
            f" {self._what}",
            file=sys.stderr,
            flush=True,
        )
