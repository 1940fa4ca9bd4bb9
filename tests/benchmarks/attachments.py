# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of recording a request and forgetting it, 1,000 others recorded."""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import dataclasses
import os
import statistics
import tempfile
import time
from typing import Any
from typing import Protocol

from storpool_common.attachments import database
from storpool_common.attachments import records
from storpool_common.attachments import requests
from tests.benchmarks import processes
from tests.benchmarks import table
from tests.benchmarks import vendor

RECORDED = 1000
PAIRS = 4000
#: Seconds for all processes to be ready to begin.
READY = 2.0
MILLISECONDS = 1000


class Kept(Protocol):
    """What either side can do with the request of a number."""

    def add(self, number: int) -> None:
        """Record it."""

    def remove(self, number: int) -> None:
        """Forget it."""


class Ours:
    """Our records."""

    SYNCHRONOUS: database.Synchronous = "NORMAL"

    def __init__(self, directory: str) -> None:
        self._records = records.Records(
            directory, synchronous=self.SYNCHRONOUS
        )

    def add(self, number: int) -> None:
        """Record a request."""
        self._records.add(
            requests.Request(
                key=f"nova:{number}",
                wanted=requests.StoredObject(
                    f"a.b.{number}", f"os--volume-{number}"
                ),
                mode="rw",
                process=requests.Process.current(),
                created=time.time(),
            )
        )

    def remove(self, number: int) -> None:
        """Forget a request."""
        self._records.remove([f"nova:{number}"])


class OursDurable(Ours):
    """The same, with every commit on the disk when it returns."""

    SYNCHRONOUS = "FULL"


class Theirs:
    """The vendor's records, which are not synchronised to the disk."""

    def __init__(self, directory: str) -> None:
        path = os.path.join(directory, "openstack-attach.json")
        if not os.path.exists(path):
            with open(path, "x", encoding="utf-8") as file:
                file.write("{}")
        self._records = vendor.attachments(path)

    def add(self, number: int) -> None:
        """Record a request."""
        self._records.add(
            f"nova:{number}",
            {
                "volume": f"os--volume-{number}",
                "type": "attach",
                "id": f"nova:{number}",
                "rights": 2,
                "volsnap": False,
                "remove_on_detach": False,
            },
        )

    def remove(self, number: int) -> None:
        """Forget a request."""
        self._records.remove(f"nova:{number}")


@dataclasses.dataclass(frozen=True)
class Times:
    """What pairs took.

    :ivar pairs: seconds of each.
    :ivar whole: seconds of all, the processes side by side.
    :ivar failed: how many did not come about.
    """

    pairs: list[float]
    whole: float
    failed: int


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Record and forget attachments; theirs: storpool.spopenstack."""
    kinds: dict[str, Callable[[str], Kept]] = {
        "ours": Ours,
        "durable": OursDurable,
    }
    try:
        vendor.attachments(os.devnull)
        kinds["theirs"] = Theirs
    except vendor.Absent as error:
        print(f"  ours alone: {error}")
    for count in (1, 8):
        taken = {
            name: _times(kind, arguments.directory, count)
            for name, kind in kinds.items()
        }
        theirs = taken.get("theirs")
        processes_used = f"{count} processes" if count > 1 else "1 process"
        yield from _rows(processes_used, taken["ours"], theirs)
        yield from _rows(
            f"{processes_used}, durable", taken["durable"], theirs
        )
        _say_failed(processes_used, taken)


def _rows(
    others: str, ours: Times, theirs: Times | None
) -> Iterator[table.Row]:
    def row(what: str, unit: str, of: Callable[[Times], float]) -> table.Row:
        return table.Row(
            f"{what}, {others}", of(ours), unit, theirs and of(theirs)
        )

    yield row("pairs", "pairs/s", lambda each: len(each.pairs) / each.whole)
    yield row("median", "ms", lambda each: _centile(each, 50))
    yield row("99th of 100", "ms", lambda each: _centile(each, 99))
    yield row("longest", "ms", lambda each: max(each.pairs) * MILLISECONDS)


def _say_failed(others: str, taken: dict[str, Times]) -> None:
    for name, times in taken.items():
        if times.failed:
            print(f"  {name}, {others}: {times.failed} pairs failed")


def _centile(times: Times, number: int) -> float:
    return statistics.quantiles(times.pairs, n=100)[number - 1] * MILLISECONDS


def _times(
    kind: Callable[[str], Kept], parent: str | None, count: int
) -> Times:
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        kept = kind(directory)
        for number in range(RECORDED):
            kept.add(number)
        del kept
        start = time.time() + READY
        results = processes.together(
            _pairs,
            [
                (kind, directory, RECORDED + worker, PAIRS // count, start)
                for worker in range(count)
            ],
        )
        ended = max(ended for _, ended, _ in results)
    return Times(
        [seconds for times, _, _ in results for seconds in times],
        ended - start,
        sum(failed for _, _, failed in results),
    )


def _pairs(
    kind: Callable[[str], Kept],
    directory: str,
    number: int,
    count: int,
    start: float,
) -> tuple[list[float], float, int]:
    """Seconds of each pair, the time of the last, and how many failed."""
    kept = kind(directory)
    failures: tuple[type[Exception], ...] = _failures(kind)
    with contextlib.suppress(*failures):
        kept.add(number)
    time.sleep(max(0.0, start - time.time()))
    times, failed = [], 0
    for _ in range(count):
        began = time.perf_counter()
        try:
            kept.add(number)
            kept.remove(number)
        except failures:
            failed += 1
            continue
        times.append(time.perf_counter() - began)
    return times, time.time(), failed


def _failures(kind: Any) -> tuple[type[Exception], ...]:
    """How theirs says that it did not get its turn."""
    if kind is not Theirs:
        return ()
    locked = vendor.module("storpool.spopenstack.splocked", "")
    return (locked.SPLockedFileError,)
