# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The second half of bin/stack: up, down and status of a cloud."""

from collections.abc import Mapping

from rich import console
from rich import table

from tests.stack import checks
from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import report
from tests.stack import stack

KINDS = {False: stack.Stack, True: stack.Online}
"""By whether guests are to have a network."""


def up(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    computes: int,
    chosen: drivers.Drivers,
    network: bool,
) -> int:
    """Start the cloud unless it runs.

    :param computes: how many compute hosts it is to have
    :param chosen: the drivers with which it starts
    :param network: whether its guests are to have one
    :return: the exit status
    :raises StackError: a step failed, or an earlier cloud is half there, or
        runs with another number of compute hosts, with other drivers, or
        without a network
    """
    if network and computes > 1:
        raise errors.StackError(
            "--network is for one compute host: leave --computes out"
        )
    cloud = KINDS[network](place, ports, progress, computes, chosen)
    wanted = f"{computes} compute host(s) and drivers {chosen.name}"
    there = (
        f"{len(hosts.kept(place))} compute host(s) and drivers "
        f"{drivers.kept(place).name}"
    )
    if cloud.running and there != wanted:
        raise errors.StackError(
            f"the cloud of {place.directory} runs with {there}, not {wanted}: "
            f"bin/stack down --dir {place.directory} first"
        )
    if cloud.running and network and not cloud.network.exists:
        raise errors.StackError(
            f"the cloud of {place.directory} runs without a network: "
            f"bin/stack down --dir {place.directory} first"
        )
    checks.bring_up(cloud, place, progress)
    checks.explain(place, progress)
    return 0


def down(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
) -> int:
    """Stop the cloud.

    :return: 0 when the machine is as before ``up``
    """
    cloud = stack.Stack(place, ports, progress)
    if not cloud.remains:
        progress.say(f"nothing runs in {place.directory}")
        return 0
    return checks.take_down(cloud, progress)


def status(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
) -> int:
    """Print what runs.

    :return: 0 when the cloud is up
    """
    cloud = stack.Stack(place, ports, progress)
    rows = table.Table("service", "state", "about", box=None)
    for row in cloud.status():
        rows.add_row(*row)
    if rows.row_count:
        console.Console().print(rows)
    progress.say("up" if cloud.running else "not up")
    return 0 if cloud.running else 1
