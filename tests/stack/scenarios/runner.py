# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scenarios one after the other and looks what each leaves behind."""

from collections.abc import Callable
from collections.abc import Mapping
import contextlib
import dataclasses
import time
from typing import Any

from rich import console
from rich import table

from tests.stack import checks
from tests.stack import cloud
from tests.stack import computes
from tests.stack import deployment
from tests.stack import errors
from tests.stack import layout
from tests.stack import namespaces
from tests.stack import outage
from tests.stack import pool
from tests.stack import processes
from tests.stack import report
from tests.stack.scenarios import lab
from tests.stack.scenarios import leftovers
from tests.stack.scenarios import media
from tests.stack.scenarios import registry
from tests.stack.scenarios import servers
from tests.stack.stack import Stack
from tests.stack.storage import Storage
from tests.stack.volumes import Volumes

SETTLED_SECONDS = 30.0
COMPUTES = 2


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How one scenario ended."""

    name: str
    seconds: float
    seen: str
    trouble: list[str]


class Runner:
    """Scenarios on one cloud.

    :raises StackError: the guest's image or first volume cannot be made
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
    ) -> None:
        self._report = progress
        self._clean = contextlib.ExitStack()
        table = processes.Table(place.run / "pids", place.log)
        hypervisors = computes.Computes(place, ports, progress)
        here = namespaces.Namespace(place, table, hypervisors.hosts[0])
        connection = cloud.connect(place)
        cluster = Storage(place, ports["simulator"])
        simple = Volumes(
            connection.block_storage, place.log / "cinder-volume.log"
        )
        picture = self._upload(connection, place)
        golden = simple.create("scenarios-guest", 1, image_id=picture.id)
        self._clean.callback(simple.delete, golden)
        self._tools = lab.Tools(
            place,
            connection,
            cluster,
            hypervisors,
            deployment.Deployment(place, ports, progress),
            outage.Outage(place, ports, progress),
            simple,
            servers.Servers(
                connection.compute, place.log / "nova-compute.log"
            ),
            media.Media(place, cluster, here),
            golden,
            picture,
        )
        self._inventory = leftovers.Inventory(
            connection,
            cluster,
            hypervisors.hosts,
            hypervisors,
            pool.Pool(place, table, here),
            table.log("simulator"),
        )

    def _upload(self, connection: Any, place: layout.Layout) -> Any:
        picture = connection.create_image(
            "scenarios-guest",
            filename=str(place.image),
            disk_format="raw",
            container_format="bare",
            wait=True,
        )
        self._clean.callback(connection.image.delete_image, picture.id)
        return picture

    def close(self) -> None:
        """Remove what all scenarios shared."""
        self._clean.close()

    def run(self, scenario: registry.Scenario) -> Outcome:
        """One scenario, its clean-up, and what is left after it."""
        before = self._inventory.state()
        forced = len(self._inventory.forced())
        began = time.monotonic()
        at_hand = lab.Lab(self._tools, scenario.name)
        seen: list[str] = []
        trouble = self._attempt(lambda: seen.append(scenario.play(at_hand)))
        trouble += self._attempt(at_hand.close)
        trouble += self._leftovers(before)
        found = self._inventory.forced()[forced:]
        if sorted(found) != sorted(at_hand.fenced):
            trouble.append(
                f"detached while open: {found}, expected {at_hand.fenced}"
            )
        seconds = time.monotonic() - began
        return Outcome(scenario.name, seconds, " ".join(seen), trouble)

    @staticmethod
    def _attempt(action: Callable[[], Any]) -> list[str]:
        try:
            with checks.translated():
                action()
        except errors.StackError as error:
            return [str(error)]
        return []

    def _leftovers(self, before: leftovers.State) -> list[str]:
        last = [before]

        def settled() -> bool:
            last[0] = self._inventory.state()
            return last[0] == before

        with contextlib.suppress(errors.StackError):
            report.wait_for("all as before", settled, SETTLED_SECONDS)
        return leftovers.difference(before, last[0])


def _show(outcomes: list[Outcome]) -> None:
    rows = table.Table(box=None, expand=True)
    rows.add_column("scenario", no_wrap=True)
    rows.add_column("seconds", justify="right", no_wrap=True)
    rows.add_column("result", no_wrap=True)
    rows.add_column("what was seen", overflow="fold", ratio=1)
    for one in outcomes:
        rows.add_row(
            one.name,
            f"{one.seconds:.1f}",
            "FAILED" if one.trouble else "passed",
            "; ".join(one.trouble) or one.seen,
        )
    console.Console().print(rows)


def show_list() -> int:
    """Print what there is to run.

    :return: the exit status
    """
    rows = table.Table("scenario", "quick", "what it shows", box=None)
    for one in registry.known():
        rows.add_row(one.name, "yes" if one.quick else "", one.about)
    console.Console().print(rows)
    return 0


def _run_all(
    runner: Runner,
    chosen: list[registry.Scenario],
    progress: report.Report,
) -> list[Outcome]:
    outcomes = []
    for number, scenario in enumerate(chosen, 1):
        outcome = runner.run(scenario)
        outcomes.append(outcome)
        progress.say(
            f"{progress.elapsed:6.1f} s "
            f"[{'FAIL' if outcome.trouble else ' ok '}] "
            f"{number}/{len(chosen)} {outcome.name}: "
            f"{'; '.join(outcome.trouble) or outcome.seen} "
            f"({outcome.seconds:.1f} s)"
        )
    return outcomes


def run(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    chosen: list[registry.Scenario],
) -> int:
    """Run scenarios.

    A cloud that is not up is started with two compute hosts, and stopped
    again; one that was up stays up.

    :return: the exit status: 0 when all passed and nothing was left over
    :raises StackError: the cloud cannot be used for it
    """
    whole = Stack(place, ports, progress, COMPUTES)
    started = checks.bring_up(whole, place, progress)
    if len(computes.Computes(place, ports, progress).hosts) != COMPUTES:
        raise errors.StackError(
            f"the scenarios need {COMPUTES} compute hosts: bin/stack down, "
            f"then bin/stack up --computes {COMPUTES}"
        )
    with checks.translated():
        runner = Runner(place, ports, progress)
        try:
            outcomes = _run_all(runner, chosen, progress)
        finally:
            runner.close()
    _show(outcomes)
    failed = sum(bool(one.trouble) for one in outcomes)
    passed = len(outcomes) - failed
    status = 1 if failed else 0
    if started and not failed:
        status = checks.take_down(whole, progress)
    progress.say(
        f"{passed} scenarios passed, {failed} failed, after "
        f"{progress.elapsed:.0f} s"
    )
    return status
