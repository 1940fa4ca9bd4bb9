# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Runs tempest against the cloud and shows what came of it."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import os
import pathlib
import re
import subprocess

from rich import console
from rich import table

from tests.stack import checks
from tests.stack import image
from tests.stack import layout
from tests.stack import network
from tests.stack import report
from tests.stack import stack
from tests.stack.tempest import environment
from tests.stack.tempest import results

WORKERS = 2
EVERY = 25
"""Tests between two lines that tell how far it is."""

FORCED = "FORCED DETACH of open"


@dataclasses.dataclass(frozen=True)
class Tempest:
    """Runs tests, as often as it is asked to."""

    workspace: environment.Workspace
    tools: environment.Environment
    log: pathlib.Path
    progress: report.Report
    guests: network.Network

    def run(self, selection: Sequence[str]) -> list[results.Result]:
        """The results of what regular expressions find.

        Some fail for a race that is OpenStack's own; these, and they alone,
        are tried once more.
        """
        found = self._once(selection)
        racing = results.racing(found, environment.patterns(environment.RACES))
        if not racing:
            return found
        for one in racing:
            self.progress.say(f"once more, see races.txt: {one.test}")
        again = self._once([f"^{re.escape(one.test)}" for one in racing])
        return results.replaced(found, again)

    def _lists(self, selection: Sequence[str]) -> Iterator[str]:
        """The options that name what is to be run, and what is not."""
        excluded = environment.patterns(environment.EXCLUDED)
        for name, wanted in (("include", selection), ("exclude", excluded)):
            path = self.workspace.directory / name
            path.write_text("\n".join(wanted) + "\n")
            yield f"--{name}-list={path}"

    def _once(self, selection: Sequence[str]) -> list[results.Result]:
        command = [
            self.tools.bin("tempest"), "run", f"--concurrency={WORKERS}",
            *self._lists(selection),
        ]  # fmt: skip
        found: list[results.Result] = []
        with (
            self.log.open("a", buffering=1) as output,
            subprocess.Popen(
                self.guests.enter(command),
                cwd=self.workspace.directory,
                env=os.environ | self.workspace.variables(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as child,
        ):
            for line in child.stdout or ():
                output.write(line)
                result = results.read(line)
                if result is not None:
                    found.append(result)
                    self._tell(found)
        return found

    def _tell(self, found: list[results.Result]) -> None:
        last = found[-1]
        if last.result == "FAILED" or len(found) % EVERY == 0:
            self.progress.say(
                f"{self.progress.elapsed:6.1f} s {len(found)} tests; "
                f"{last.test} {last.result}"
            )


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
            found = Tempest(
                workspace, tools, log, progress, whole.network
            ).run(
                patterns
                or environment.patterns(environment.HERE / f"{selection}.txt")
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
