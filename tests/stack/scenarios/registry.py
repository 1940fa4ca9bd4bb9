# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The scenarios there are: functions that were declared to be one."""

from collections.abc import Callable
import dataclasses
import fnmatch
import importlib

from tests.stack import errors
from tests.stack.scenarios.lab import Lab

FAMILIES = (
    "migration",
    "evacuation",
    "shared",
    "booting",
    "attaching",
    "lifecycle",
    "copying",
    "retyping",
    "encryption",
    "crashes",
    "switching",
    "documented",
    "faults",
)
"""Modules of this package, the most telling first."""

Play = Callable[[Lab], str]


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One scenario.

    :ivar name: family and name, as the user types it
    :ivar about: what it shows, in one line
    :ivar play: does it, and says what was seen
    :ivar quick: whether every change has to pass it
    """

    name: str
    about: str
    play: Play
    quick: bool


_KNOWN: dict[str, Scenario] = {}


def scenario(play: Play) -> Play:
    """Declare a function to be a scenario; its docstring says what of."""
    return _declare(play, quick=False)


def quick_scenario(play: Play) -> Play:
    """Declare a scenario that every change has to pass.

    One for each way to lose or to share data, and none that shows what
    another of them shows.
    """
    return _declare(play, quick=True)


def _declare(play: Play, *, quick: bool) -> Play:
    family = play.__module__.rpartition(".")[2]
    name = f"{family}.{play.__name__}".replace("_", "-")
    about = (play.__doc__ or "").partition("\n")[0].rstrip(".")
    _KNOWN[name] = Scenario(name, about, play, quick)
    return play


def known() -> list[Scenario]:
    """Every scenario, family by family."""
    for family in FAMILIES:
        importlib.import_module(f"tests.stack.scenarios.{family}")
    return list(_KNOWN.values())


def quick() -> list[Scenario]:
    """Those that every change has to pass."""
    return [one for one in known() if one.quick]


def choose(patterns: list[str]) -> list[Scenario]:
    """The scenarios whose name, or family, matches one of *patterns*.

    :raises StackError: a pattern that matches nothing
    """
    everything = known()
    if not patterns:
        return everything
    chosen: dict[str, Scenario] = {}
    for pattern in patterns:
        found = [
            one
            for one in everything
            if fnmatch.fnmatch(one.name, pattern)
            or one.name.partition(".")[0] == pattern
        ]
        if not found:
            raise errors.StackError(
                f"no scenario is called {pattern}: bin/stack scenarios --list"
            )
        chosen |= {one.name: one for one in found}
    return [one for one in everything if one.name in chosen]
