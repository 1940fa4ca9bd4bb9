# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What tempest says while it runs, test by test."""

import collections
from collections.abc import Iterable
import dataclasses
import re

LINE = re.compile(
    r"\{\d+\} "
    r"(?:(?:setUp|tearDown)Class \((?P<group>[^)]+)\)"
    r"|(?P<test>[^\s\[]+)(?:\[[^]]*\])?)"
    r"(?: \[(?P<seconds>[\d.]+)s\])? \.\.\. "
    r"(?P<result>ok|FAILED|SKIPPED)(?:: (?P<reason>.*))?"
)
RESULTS = {"ok": "passed", "FAILED": "FAILED", "SKIPPED": "skipped"}


@dataclasses.dataclass(frozen=True)
class Result:
    """How one test ended; a class that is skipped whole counts as one."""

    test: str
    seconds: float
    result: str
    reason: str = ""

    @property
    def group(self) -> str:
        """The module that it is in."""
        words = self.test.split(".")
        return ".".join(word for word in words[:-1] if word.islower())


def read(line: str) -> Result | None:
    """The result that a line of tempest's output tells, if it does."""
    found = LINE.match(line)
    if found is None:
        return None
    return Result(
        found["test"] or found["group"],
        float(found["seconds"] or 0),
        RESULTS[found["result"]],
        (found["reason"] or "").strip(),
    )


def count(results: Iterable[Result]) -> dict[str, collections.Counter[str]]:
    """How many of each result there are in each module."""
    table: dict[str, collections.Counter[str]] = {}
    for one in results:
        table.setdefault(one.group, collections.Counter())[one.result] += 1
    return dict(sorted(table.items()))


def reasons(found: Iterable[Result]) -> collections.Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    return collections.Counter(
        one.reason for one in found if one.result == "skipped"
    )
