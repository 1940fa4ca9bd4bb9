# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about one volume, one after the other, over a socket."""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
import http.client
import statistics
import time
from typing import Any

from storpool_common import api
from storpool_common import client
from storpool_simulator import testing
from tests.benchmarks import table
from tests.benchmarks import vendor

CALLS = 500
NAME = "one"
_TAGS = {"cs": "v"}
_FASTER = {"1.1": "2.5 or more", "1.0": "1 or more"}
_SPOKEN = {"1.1": "kept connection", "1.0": "closed connection"}

Ask = Callable[[], Any]


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Ask about one volume and change it; theirs: os-brick's client."""
    theirs = vendor.in_tree()
    for version in _FASTER:
        with testing.SimulatorProcess("--http", version) as simulator:
            ours = client.Client(simulator.settings)
            ours.volume_create(
                api.volumes.VolumeCreateDesc(
                    name=NAME, size=512, template="hybrid", tags=_TAGS
                )
            )
            yield from _compared(
                version,
                ours,
                theirs.StorPoolAPI(
                    simulator.host, simulator.port, simulator.token
                ),
                arguments.rounds,
            )
            yield _floor(version, simulator, arguments.rounds)
            ours.close()


def _compared(
    version: str, ours: client.Client, theirs: Any, rounds: int
) -> Iterator[table.Row]:
    change = api.volumes.VolumeUpdateDesc(tags=_TAGS)
    pairs: dict[str, tuple[Ask, Ask]] = {
        "Volume": (
            lambda: ours.volume_list(NAME),
            lambda: theirs.volume(NAME),
        ),
        "VolumeUpdate": (
            lambda: ours.volume_update(NAME, change),
            lambda: theirs.volume_update(NAME, {"tags": _TAGS}),
        ),
    }
    for what, pair in pairs.items():
        rates = rates_of(pair, rounds)
        yield table.Row(
            f"{what}, {_SPOKEN[version]}",
            rates[0],
            "calls/s",
            rates[1],
            _FASTER[version],
        )


def _floor(
    version: str, simulator: testing.SimulatorProcess, rounds: int
) -> table.Row:
    """What a client that does next to nothing reaches."""
    connection = http.client.HTTPConnection(simulator.host, simulator.port)
    headers = {"Authorization": f"Storpool v1:{simulator.token}"}
    path = f"{api.URL_PREFIX}{api.MULTICLUSTER_PREFIX}Volume/{NAME}"

    def ask() -> None:
        connection.request("GET", path, None, headers)
        connection.getresponse().read()

    (rate,) = rates_of((ask,), rounds)
    connection.close()
    return table.Row(
        f"Volume by http.client alone, {_SPOKEN[version]}", rate, "calls/s"
    )


def rates_of(functions: tuple[Ask, ...], rounds: int) -> list[float]:
    """Calls a second of each function, measured in turn; the medians."""
    rates: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for ask, measured in zip(functions, rates, strict=True):
            began = time.perf_counter()
            for _ in range(CALLS):
                ask()
            measured.append(CALLS / (time.perf_counter() - began))
    return [statistics.median(measured) for measured in rates]
