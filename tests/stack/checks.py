# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How both demonstrations run their steps, and what they leave."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
from typing import Any
from typing import Protocol

from openstack.exceptions import SDKException
from os_brick.exception import BrickException
from rich import console
from rich import table

from storpool_common.errors import StorPoolError
from tests.stack import errors
from tests.stack import layout
from tests.stack import report
from tests.stack import snapshot

FAILURES = (
    BrickException,
    SDKException,
    StorPoolError,
    OSError,
)
"""What a step of a demonstration may end with."""


class Cloud(Protocol):
    """What is brought up before the steps and taken down after them."""

    @property
    def running(self) -> bool: ...

    @property
    def remains(self) -> bool: ...

    def up(self) -> None: ...

    def down(self) -> list[snapshot.Difference]: ...


def require(condition: bool, message: str) -> None:
    """End the demonstration when a check fails.

    :raises StackError: *condition* does not hold
    """
    if not condition:
        raise errors.StackError(f"check failed: {message}")


class Steps:
    """Runs steps that tell what they showed."""

    def __init__(self, progress: report.Report) -> None:
        self._report = progress

    def _step(self, name: str, action: Callable[[], tuple[str, Any]]) -> Any:
        """Run one step: it answers what it showed, and a value."""
        with self._report.step(name) as step:
            step.result, value = action()
        return value


def bring_up(
    cloud: Cloud, place: layout.Layout, progress: report.Report
) -> bool:
    """Start the cloud unless it runs.

    :return: whether it had to be started
    :raises StackError: a step failed, or an earlier one is half there
    """
    if cloud.running:
        progress.say(f"the cloud of {place.directory} is up already")
        return False
    if cloud.remains:
        raise errors.StackError(
            f"an earlier cloud in {place.directory} did not start to the "
            f"end, or has died: bin/stack down --dir {place.directory}"
        )
    with translated():
        cloud.up()
    progress.say(f"up after {progress.elapsed:.0f} s")
    return True


def take_down(cloud: Cloud, progress: report.Report) -> int:
    """Stop the cloud and tell what it left on the machine.

    :return: the exit status: 0 when the machine is as before
    """
    left = cloud.down()
    for difference in left:
        progress.say(f"LEFT BEHIND {difference}")
    if left:
        return 1
    progress.say(
        "loop devices, mounts, StorPool nodes, network, files and processes "
        "are as before"
    )
    return 0


def explain(place: layout.Layout, progress: report.Report) -> None:
    """How to use the cloud that runs."""
    if place.environment.exists():
        progress.say(f"    . {place.environment}")
        progress.say("    openstack volume type list")
    progress.say(f"    logs: {place.log}")
    progress.say(f"    bin/stack down --dir {place.directory}")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """What libraries raise, as an error of ours.

    :raises StackError: what failed, whoever said so
    """
    try:
        yield
    except FAILURES as error:
        kind = type(error).__name__
        raise errors.StackError(f"{kind}: {error}") from error


@contextlib.contextmanager
def left_to_look_at(
    place: layout.Layout, progress: report.Report
) -> Iterator[None]:
    """After a failure the cloud is still there; say how to use it.

    :raises StackError: what failed, whoever said so
    """
    try:
        with translated():
            yield
    except errors.StackError:
        progress.say("the cloud is left as it is:")
        explain(place, progress)
        raise


def finish(
    cloud: Cloud,
    place: layout.Layout,
    progress: report.Report,
    steps: list[report.Step],
    keep: bool,
) -> int:
    """The table, and the end of the cloud unless it is to stay.

    :return: the exit status
    """
    status = 0
    if keep:
        progress.say("the cloud stays up:")
        explain(place, progress)
    else:
        status = take_down(cloud, progress)
    rows = table.Table(box=None, expand=True)
    rows.add_column("step", no_wrap=True)
    rows.add_column("seconds", justify="right", no_wrap=True)
    rows.add_column(
        "what was seen", no_wrap=True, overflow="ellipsis", ratio=1
    )
    for step in steps:
        rows.add_row(step.name, f"{step.seconds:.1f}", step.result)
    console.Console().print(rows)
    progress.say(f"done after {progress.elapsed:.0f} s, exit {status}")
    return status
