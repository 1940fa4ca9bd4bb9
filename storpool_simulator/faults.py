# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Failures on order: which call, the how-manieth, and what goes wrong."""

import threading
from typing import Annotated
from typing import Literal

import msgspec

Action = Literal[
    "error",
    "delay",
    "drop_before",
    "drop_after",
    "raw",
    "device_never",
    "device_slow",
    "device_busy",
]

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """One failure to show.

    :ivar call: the API's name of the call, or ``*`` for every call.
    :ivar method: GET or POST; None is both.
    :ivar nth: the first matching call that fails, counted from when the
        fault was set.
    :ivar count: how many calls from there on fail; None is all of them.
    :ivar name: name, ``descr``, ``transient`` and ``status`` of an error;
        its status is 503 when it is transient and 500 when it is not, unless
        it is said.
    :ivar seconds: how long a delay is, or how late a device appears.
    :ivar body: what a raw answer says, with ``content_type``.
    """

    call: str = "*"
    method: Literal["GET", "POST"] | None = None
    nth: _Positive = 1
    count: _Positive | None = 1
    action: Action
    name: str = "internalError"
    descr: str = "a fault that was set"
    transient: bool = False
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    content_type: str = "text/html"
    body: str = ""


class Faults:
    """The faults that are set, and how many calls each has seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Set one more fault."""
        with self._lock:
            self._set.append((fault, [0]))

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._set.clear()

    def listed(self) -> list[dict[str, object]]:
        """Every fault, and how many matching calls it has ``seen``."""
        with self._lock:
            return [
                msgspec.structs.asdict(fault) | {"seen": seen[0]}
                for fault, seen in self._set
            ]

    def due(self, call: str, method: str) -> list[Fault]:
        """Count a call, and tell what goes wrong with it, in order set."""
        with self._lock:
            return [
                fault
                for fault, seen in self._set
                if _matches(fault, call, method) and _counts(fault, seen)
            ]


def _matches(fault: Fault, call: str, method: str) -> bool:
    return fault.call in ("*", call) and fault.method in (None, method)


def _counts(fault: Fault, seen: list[int]) -> bool:
    seen[0] += 1
    if seen[0] < fault.nth:
        return False
    return fault.count is None or seen[0] < fault.nth + fault.count
