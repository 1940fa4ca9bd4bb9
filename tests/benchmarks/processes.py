# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that have done nothing else, and what memory they take."""

from collections.abc import Callable
from collections.abc import Sequence
import concurrent.futures
import multiprocessing
import pathlib
from typing import Any
from typing import TypeVar

R = TypeVar("R")

_STATUS = pathlib.Path("/proc/self/status")
_FORGET = pathlib.Path("/proc/self/clear_refs")
_PEAK = "5"


def fresh(function: Callable[..., R], *arguments: Any) -> R:
    """Call a function in a new process."""
    return together(function, [arguments])[0]


def together(
    function: Callable[..., R], calls: Sequence[tuple[Any, ...]]
) -> list[R]:
    """Call a function in as many new processes as there are calls."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(len(calls), context) as pool:
        begun = [pool.submit(function, *each) for each in calls]
        return [each.result() for each in begun]


def resident() -> int:
    """Bytes of memory that this process has."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let :func:`peak` count from now on."""
    _FORGET.write_text(_PEAK)


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    return _status("VmHWM")


def _status(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    raise KeyError(name)
