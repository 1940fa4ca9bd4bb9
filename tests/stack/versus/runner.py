# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""One cloud after the other with the drivers of each, and two tables."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from rich import console
from rich import table

from tests.stack import checks
from tests.stack import drivers
from tests.stack import errors
from tests.stack import layout
from tests.stack import report
from tests.stack.scenarios import lab as labs
from tests.stack.scenarios import registry
from tests.stack.scenarios import runner
from tests.stack.stack import Stack
from tests.stack.versus import harm
from tests.stack.versus import times


@dataclasses.dataclass(frozen=True)
class Found:
    """What one cloud showed; what it could not show is not in here.

    :ivar faults: by their name
    :ivar times: by what was timed
    :ivar trouble: what went wrong, or was left over
    """

    faults: dict[str, harm.Seen]
    times: dict[str, times.Times]
    trouble: list[str]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What one cloud is to show.

    :ivar times: what is timed
    :ivar faults: what is provoked
    """

    times: Mapping[str, Callable[[labs.Lab], times.Times]]
    faults: Sequence[harm.Fault]


def _look(
    scenes: runner.Runner, progress: report.Report, wanted: "Wanted"
) -> Found:
    found = Found({}, {}, [])
    for what, measure in wanted.times.items():
        _play(scenes, progress, what, measure, found.times, found.trouble)
    for fault in wanted.faults:
        _play(
            scenes,
            progress,
            fault.name,
            fault.look,
            found.faults,
            found.trouble,
        )
    return found


def _play(
    scenes: runner.Runner,
    progress: report.Report,
    name: str,
    look: Callable[[labs.Lab], Any],
    found: Any,
    trouble: list[str],
) -> None:
    def play(lab: labs.Lab) -> str:
        found[name] = look(lab)
        return name

    scene = registry.Scenario(
        f"compare.{name.replace(' ', '-')}", "", play, False
    )
    outcome = scenes.run(scene)
    trouble += [f"{name}: {one}" for one in outcome.trouble]
    progress.say(
        f"{progress.elapsed:6.1f} s {name} ({outcome.seconds:.1f} s): "
        f"{found.get(name, 'nothing')} {'; '.join(outcome.trouble)}"
    )


def _with(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    chosen: drivers.Drivers,
    wanted: Wanted,
) -> Found:
    """What a cloud with some drivers shows; it is stopped again.

    :raises StackError: there is a cloud already, or something is left of it
    """
    whole = Stack(place, ports, progress, runner.COMPUTES, chosen)
    if whole.remains:
        raise errors.StackError(
            f"there is a cloud in {place.directory}: bin/stack down --dir "
            f"{place.directory}"
        )
    progress.say(f"--- drivers: {chosen.name}")
    checks.bring_up(whole, place, progress)
    with checks.translated():
        scenes = runner.Runner(place, ports, progress)
        found = _look(scenes, progress, wanted)
        scenes.close()
    if checks.take_down(whole, progress):
        raise errors.StackError("the cloud left something behind")
    return found


def _show_times(theirs: Found, ours: Found) -> None:
    rows = table.Table(box=None)
    for column in ("", "in-tree s", "ours s", "ratio"):
        rows.add_column(column, justify="right" if column else "left")
    for column in ("in-tree calls", "ours calls"):
        rows.add_column(column, overflow="fold")
    for what in times.WHAT:
        left, right = theirs.times.get(what), ours.times.get(what)
        if left is None or right is None:
            continue
        rows.add_row(
            what,
            f"{left.seconds:.2f}",
            f"{right.seconds:.2f}",
            f"{right.seconds / left.seconds:.2f}",
            left.calls,
            right.calls,
        )
    console.Console().print(rows)


def _show_faults(theirs: Found, ours: Found) -> None:
    rows = table.Table("fault", "", "in-tree", "ours", box=None, expand=True)
    for fault in harm.FAULTS:
        rows.add_row(
            fault.name,
            fault.about,
            *(str(one.faults.get(fault.name, "-")) for one in (theirs, ours)),
        )
    console.Console().print(rows)


def judge(theirs: Found, ours: Found) -> list[str]:
    """What keeps the comparison from being what we say of it."""
    wrong = [f"ours: {one}" for one in ours.trouble]
    for fault in harm.FAULTS:
        left = theirs.faults.get(fault.name)
        right = ours.faults.get(fault.name)
        if left is None or not left.harm:
            wrong.append(f"{fault.name} does not show in-tree")
        if right is None or right.harm:
            wrong.append(f"{fault.name} shows with ours")
    wrong += [
        f"{what} was not timed"
        for what in times.WHAT
        if what not in theirs.times or what not in ours.times
    ]
    return wrong


def run(
    place: layout.Layout, ports: Mapping[str, int], progress: report.Report
) -> int:
    """Compare, and print it.

    :return: the exit status: 0 when every fault shows with the in-tree
        drivers and none with ours
    :raises StackError: one of the clouds could not be used
    """
    theirs, plain, guarded = (
        _with(place, ports, progress, chosen, wanted)
        for chosen, wanted in (
            (drivers.IN_TREE, Wanted(times.WHAT, harm.FAULTS)),
            # What somebody gets who sets no option of ours.
            (drivers.AS_INSTALLED, Wanted(times.WHAT, ())),
            (drivers.OURS, Wanted({}, harm.FAULTS)),
        )
    )
    ours = Found(
        guarded.faults, plain.times, [*plain.trouble, *guarded.trouble]
    )
    _show_times(theirs, ours)
    _show_faults(theirs, ours)
    wrong = judge(theirs, ours)
    for one in wrong:
        progress.say(f"WRONG {one}")
    progress.say(f"compared after {progress.elapsed:.0f} s")
    return 1 if wrong else 0
