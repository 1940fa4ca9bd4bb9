# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about one volume, one after the other, over a socket."""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import http.client
import json
import socket
import statistics
import time
from typing import Any

from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_simulator import testing
from tests.benchmarks import answering
from tests.benchmarks import table
from tests.benchmarks import vendor

#: Calls of one side before it is the other's turn, and turns of a round.
CALLS = 50
TURNS = 20
NAME = "one"
TOKEN = "4098273409872340987"
_TAGS = {"cs": "v"}
_FASTER = {"1.1": "2.5 or more", "1.0": "1 or more"}
_SPOKEN = {"1.1": "kept connection", "1.0": "closed connection"}
_PATH = f"{api.URL_PREFIX}{api.MULTICLUSTER_PREFIX}Volume/{NAME}"

Ask = Callable[[], Any]


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Ask about one volume and change it; theirs: os-brick's client."""
    theirs = vendor.in_tree()
    bodies = answers()
    for version in _FASTER:
        with answering.answering(bodies, version) as port:
            address = config.ApiAddress(answering.HOST, port)
            ours = client.Client(
                config.ApiSettings(addresses=(address,), token=TOKEN)
            )
            in_tree = theirs.StorPoolAPI(address.host, port, TOKEN)
            yield from _compared(version, ours, in_tree, arguments.rounds)
            yield from _floors(version, address, arguments.rounds)
            ours.close()


def answers() -> dict[str, bytes]:
    """What the simulator says to either call, by its method."""
    with testing.SimulatorFixture() as simulator:
        asked = client.Client(simulator.settings)
        asked.volume_create(
            api.volumes.VolumeCreateDesc(
                name=NAME, size=512, template="hybrid", tags=_TAGS
            )
        )
        said = {
            "GET": asked.raw.volume_list(NAME),
            "POST": asked.raw.volume_update(NAME, {"tags": _TAGS}),
        }
        asked.close()
    return {
        method: json.dumps({"generation": 1, "data": data}).encode()
        for method, data in said.items()
    }


def _compared(
    version: str, ours: client.Client, theirs: Any, rounds: int
) -> Iterator[table.Row]:
    change = api.volumes.VolumeUpdateDesc(tags=_TAGS)
    pairs: Mapping[str, tuple[Ask, Ask]] = {
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
            statistics.median(rates[0]),
            "calls/s",
            statistics.median(rates[1]),
            _FASTER[version],
            side_by_side=statistics.median(
                one / other for one, other in zip(*rates, strict=True)
            ),
        )


def _floors(
    version: str, address: config.ApiAddress, rounds: int
) -> Iterator[table.Row]:
    """What clients reach that do next to nothing."""
    connection = http.client.HTTPConnection(address.host, address.port)
    headers = {"Authorization": f"Storpool v1:{TOKEN}"}

    def ask() -> None:
        connection.request("GET", _PATH, None, headers)
        connection.getresponse().read()

    bare = _Bare(address, version)
    floors = {"http.client alone": ask, "a bare socket": bare.ask}
    rates = rates_of(tuple(floors.values()), rounds)
    connection.close()
    bare.close()
    for what, measured in zip(floors, rates, strict=True):
        yield table.Row(
            f"Volume by {what}, {_SPOKEN[version]}",
            statistics.median(measured),
            "calls/s",
        )


class _Bare:
    """A request made before, and an answer that is not understood."""

    def __init__(self, address: config.ApiAddress, version: str) -> None:
        self._address = address
        self._keeps = version == "1.1"
        self._kept: socket.socket | None = None
        self._request = (
            f"GET {_PATH} HTTP/1.1\r\nHost: {address}\r\n"
            f"Authorization: Storpool v1:{TOKEN}\r\n\r\n"
        ).encode()

    def ask(self) -> None:
        """Send the request, and read until the answer's last bracket."""
        connection = self._kept or self._connected()
        connection.sendall(self._request)
        answer = b""
        while not answer.endswith(b"]}"):
            answer += connection.recv(1 << 16)
        if self._keeps:
            self._kept = connection
        else:
            connection.close()

    def close(self) -> None:
        """Close what was kept."""
        if self._kept is not None:
            self._kept.close()

    def _connected(self) -> socket.socket:
        made = socket.create_connection(
            (self._address.host, self._address.port)
        )
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


def rates_of(functions: tuple[Ask, ...], rounds: int) -> list[list[float]]:
    """Calls a second of each function, turn by turn."""
    rates: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds * TURNS):
        for ask, measured in zip(functions, rates, strict=True):
            began = time.perf_counter()
            for _ in range(CALLS):
                ask()
            measured.append(CALLS / (time.perf_counter() - began))
    return rates
