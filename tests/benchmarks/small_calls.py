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
from typing import NamedTuple

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
_SPOKEN = {"1.1": "kept", "1.0": "closed"}
_PATH = f"{api.URL_PREFIX}{api.MULTICLUSTER_PREFIX}Volume/{NAME}"

Ask = Callable[[], Any]


class Turn(NamedTuple):
    """What some calls in a row took.

    :ivar rate: calls a second.
    :ivar processor: microseconds that this side computed for a call.
    """

    rate: float
    processor: float


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Ask about one volume and change it; theirs: os-brick's client."""
    vendor.in_tree()
    bodies = answers()
    for version, spoken in _SPOKEN.items():
        with answering.answering(bodies, version) as port:
            address = config.ApiAddress(answering.HOST, port)
            yield from _compared(
                spoken,
                _FASTER[version],
                config.ApiSettings(addresses=(address,), token=TOKEN),
                arguments.rounds,
            )
            yield from _floors(version, address, arguments.rounds)
        with testing.SimulatorProcess("--http", version) as simulator:
            make_volume(simulator.settings)
            yield from _compared(
                f"simulator, {spoken}",
                _FASTER[version],
                simulator.settings,
                arguments.rounds,
            )


def make_volume(settings: config.ApiSettings) -> None:
    """Make the volume that calls are about."""
    asked = client.Client(settings)
    asked.volume_create(
        api.volumes.VolumeCreateDesc(
            name=NAME, size=512, template="hybrid", tags=_TAGS
        )
    )
    asked.close()


def answers() -> dict[str, bytes]:
    """What the simulator says to either call, by its method."""
    with testing.SimulatorFixture() as simulator:
        make_volume(simulator.settings)
        asked = client.Client(simulator.settings)
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
    way: str, target: str, settings: config.ApiSettings, rounds: int
) -> Iterator[table.Row]:
    ours = client.Client(settings)
    (address,) = settings.addresses
    theirs = vendor.in_tree().StorPoolAPI(
        address.host, address.port, settings.token
    )
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
        our_turns, their_turns = turns_of(pair, rounds)
        yield table.Row(
            f"{what}, {way}",
            statistics.median(turn.rate for turn in our_turns),
            "calls/s",
            statistics.median(turn.rate for turn in their_turns),
            target,
            side_by_side=statistics.median(
                one.rate / other.rate
                for one, other in zip(our_turns, their_turns, strict=True)
            ),
        )
        yield table.Row(
            f"{what}, {way}, processor",
            statistics.median(turn.processor for turn in our_turns),
            "us",
            statistics.median(turn.processor for turn in their_turns),
        )
    ours.close()


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
    measured = turns_of(tuple(floors.values()), rounds)
    connection.close()
    bare.close()
    for what, turns in zip(floors, measured, strict=True):
        yield table.Row(
            f"Volume by {what}, {_SPOKEN[version]}",
            statistics.median(turn.rate for turn in turns),
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


def turns_of(functions: tuple[Ask, ...], rounds: int) -> list[list[Turn]]:
    """The turns of each function; they take them one after the other."""
    turns: list[list[Turn]] = [[] for _ in functions]
    for _ in range(rounds * TURNS):
        for ask, taken in zip(functions, turns, strict=True):
            taken.append(_turn(ask))
    return turns


def _turn(ask: Ask) -> Turn:
    began, worked = time.perf_counter(), time.thread_time()
    for _ in range(CALLS):
        ask()
    worked = time.thread_time() - worked
    return Turn(
        CALLS / (time.perf_counter() - began), worked / CALLS * 1_000_000
    )
