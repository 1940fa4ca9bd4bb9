# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Runs tempest against the cloud and shows what came of it."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import os
import pathlib
import subprocess

from rich import console
from rich import table

from tests.stack import checks
from tests.stack import image
from tests.stack import layout
from tests.stack import network
from tests.stack import report
from tests.stack import stack
from tests.stack import storage
from tests.stack.tempest import environment
from tests.stack.tempest import results
from tests.stack.tempest import selection as selections

WORKERS = 2
EVERY = 25
"""Tests between two lines that tell how far it is."""

FORCED = "FORCED DETACH of open"


def _run(
    workspace: environment.Workspace,
    tools: environment.Environment,
    part: selections.Part,
    log: pathlib.Path,
    progress: report.Report,
    guests: network.Network,
) -> list[results.Result]:
    lists = []
    for option, name, names in (
        ("--include-list", "included", part.wanted),
        ("--exclude-list", "excluded", part.unwanted),
    ):
        path = workspace.directory / name
        path.write_text("\n".join(names) + "\n")
        lists += [option, str(path)]
    command = [
        tools.bin("tempest"), "run", "--concurrency", str(WORKERS), *lists
    ]  # fmt: skip
    found: list[results.Result] = []
    with (
        log.open("a", buffering=1) as output,
        subprocess.Popen(
            guests.enter(command),
            cwd=workspace.directory,
            env=os.environ | workspace.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child,
    ):
        for line in child.stdout or ():
            output.write(line)
            result = results.read(line)
            if result is None:
                continue
            found.append(result)
            if result.result == "FAILED" or len(found) % EVERY == 0:
                progress.say(
                    f"{progress.elapsed:6.1f} s {len(found)} tests; "
                    f"{result.test} {result.result}"
                )
    return found


@contextlib.contextmanager
def _slow(
    place: layout.Layout, ports: Mapping[str, int], seconds: float
) -> Iterator[None]:
    """A cluster that takes its time to delete a volume."""
    if not seconds:
        yield
        return
    cluster = storage.Storage(place, ports["simulator"])
    cluster.set_fault(
        call="VolumeDelete", action="delay", seconds=seconds, count=None
    )
    try:
        yield
    finally:
        cluster.clear_faults()


def _show(found: list[results.Result]) -> None:
    rows = table.Table(box=None)
    rows.add_column("module", overflow="fold")
    for name in results.RESULTS.values():
        rows.add_column(name, justify="right")
    for group, counted in results.count(found).items():
        rows.add_row(
            group, *(str(counted[one]) for one in results.RESULTS.values())
        )
    why = table.Table(box=None)
    why.add_column("skipped", justify="right")
    why.add_column("because", overflow="fold")
    for reason, number in results.reasons(found).most_common():
        why.add_row(str(number), reason)
    console.Console().print(rows, why)


def run(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    selection: str,
    patterns: Sequence[str] = (),
) -> int:
    """Run a selection of tests; a cloud that is not up is started for it.

    :param selection: ``smoke`` or ``full``
    :param patterns: what to run instead, unless it is empty
    :return: the exit status: 0 when no test failed and no device was
        detached while it was open
    :raises StackError: tempest cannot be run
    """
    tools = environment.Environment(place)
    with progress.step("install tempest") as step:
        step.result = tools.prepare()
    with progress.step("build the image of a guest that is spoken to") as step:
        step.result = image.build(place, image.SPOKEN_TO)
    whole = stack.Online(place, ports, progress)
    started = checks.bring_up(whole, place, progress)
    log = place.log / "tempest-run.log"
    log.unlink(missing_ok=True)
    simulator = place.log / "simulator.log"
    before = simulator.read_text(errors="replace").count(FORCED)
    workspace = environment.Workspace(
        place, ports, tools, len(whole.hosts), whole.network.exists
    )
    with checks.translated():
        try:
            workspace.make()
            found = []
            for part in selections.parts(selection, patterns):
                with _slow(place, ports, part.deletion):
                    found += _run(
                        workspace, tools, part, log, progress, whole.network
                    )
        finally:
            workspace.close()
    _show(found)
    forced = simulator.read_text(errors="replace").count(FORCED) - before
    bad = [one for one in found if one.result == "FAILED"]
    for one in bad:
        progress.say(f"FAILED {one.test}")
    good = sum(one.result == "passed" for one in found)
    progress.say(
        f"{good} passed, {len(bad)} failed, "
        f"{len(found) - good - len(bad)} skipped, {forced} devices detached "
        f"while open, after {progress.elapsed:.0f} s; {log} has it all"
    )
    status = 1 if bad or forced or not good else 0
    if started and not status:
        return checks.take_down(whole, progress)
    return status
