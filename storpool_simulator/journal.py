# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The log of requests, for whoever wants to know what a client asked."""

import collections
import itertools
import threading
from typing import Any

import msgspec

#: The oldest entries go once there are this many, or so many bytes of answers.
KEPT = 100_000
KEPT_BYTES = 128 << 20


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its answer.

    :ivar seq: counts all requests since the start.
    :ivar time: when it was answered, in seconds since 1970.
    :ivar path: as it was sent, not decoded.
    :ivar body: decoded JSON; None where there was none.
    :ivar status: HTTP status; 0 when the connection was dropped.
    :ivar answer: JSON as it was sent; None when dropped or not JSON.
    """

    seq: int
    time: float
    method: str
    path: str
    body: Any
    status: int
    answer: msgspec.Raw | None


class Journal:
    """Requests in the order they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[Entry] = collections.deque()
        self._bytes = 0
        self._seq = 0

    def add(
        self,
        *,
        time: float,
        method: str,
        path: str,
        body: Any,
        status: int,
        answer: bytes | None,
    ) -> None:
        """Note a request; for the members see :class:`Entry`."""
        with self._lock:
            self._seq += 1
            self._entries.append(
                Entry(
                    seq=self._seq,
                    time=time,
                    method=method,
                    path=path,
                    body=body,
                    status=status,
                    answer=None if answer is None else msgspec.Raw(answer),
                )
            )
            self._bytes += len(answer or b"")
            while len(self._entries) > KEPT or self._bytes > KEPT_BYTES:
                oldest = self._entries.popleft()
                self._bytes -= len(bytes(oldest.answer or b""))

    def entries(self) -> list[Entry]:
        """What was noted and not cleared."""
        with self._lock:
            return list(self._entries)

    def latest(self, count: int) -> list[Entry]:
        """The last entries, the newest first."""
        with self._lock:
            newest = itertools.islice(reversed(self._entries), count)
            return list(newest)

    def clear(self) -> None:
        """Forget the entries; the count goes on."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
