# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every volume of a large cluster: from the bytes to checked structures."""

import argparse
from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import gc
import json
import statistics
import time
from typing import Any

from storpool_common import answers
from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_common import transport
from storpool_simulator import testing
from tests.benchmarks import processes
from tests.benchmarks import table
from tests.benchmarks import vendor

SIZE = 10 << 30
MIB = 1 << 20
_ADDRESS = config.ApiAddress("127.0.0.1")
_SETTINGS = config.ApiSettings(addresses=(_ADDRESS,), token="0")


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one decoding took: seconds, and bytes beside the answer's."""

    seconds: float
    memory: int


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Decode and check the list of all volumes; theirs: the bindings."""
    vendor.bindings()
    text = answer(arguments.volumes)
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(processes.fresh(_cost, our_decoder, text))
        theirs.append(processes.fresh(_cost, their_decoder, text))
    for what, unit, of, target in (
        ("time", "s", lambda cost: cost.seconds, "10 or more"),
        ("peak memory", "MiB", lambda cost: cost.memory / MIB, "above 1"),
    ):
        yield table.Row(
            f"{what}, {arguments.volumes} volumes",
            statistics.median(map(of, ours)),
            unit,
            statistics.median(map(of, theirs)),
            target,
        )


def answer(count: int) -> bytes:
    """An answer with that many volumes, each as the simulator says it."""
    with testing.SimulatorFixture() as simulator:
        asked = client.Client(simulator.settings)
        asked.volume_create(
            api.volumes.VolumeCreateDesc(
                name="one", size=SIZE, template="hybrid", tags={"cs": "v"}
            )
        )
        (one,) = asked.raw.volumes_list()
        asked.close()
    cluster = one["clusterId"]
    volumes = [
        one
        | {
            "name": f"os--volume-{number:036}",
            "globalId": f"{cluster}.{number}",
            "visibleVolumeId": number,
            "id": number,
        }
        for number in range(1, count + 1)
    ]
    envelope = {"generation": 1, "data": volumes}
    return json.dumps(envelope, separators=(",", ":")).encode()


def our_decoder() -> Callable[[bytes], Any]:
    """What our client does with a reply."""
    call = api.Calls.volumes_list

    def decode(text: bytes) -> Any:
        reply = transport.Reply(_ADDRESS, 200, "application/json", text)
        return answers.decode(call, reply, _SETTINGS)[0]

    return decode


def their_decoder() -> Callable[[bytes], Any]:
    """What the vendor's bindings do with a reply."""
    bindings = vendor.bindings()

    class Answered(bindings.Api):  # type: ignore[misc, name-defined]
        """The bindings' own checks, for an answer that is there."""

        def __init__(self, text: bytes) -> None:
            self.text = text

        def __call__(self, *_: Any, **__: Any) -> Any:
            return bindings.js.loads(self.text)["data"]

    return lambda text: Answered(text).volumesList()


def _cost(decoder: Callable[[], Callable[[bytes], Any]], text: bytes) -> Cost:
    decode = decoder()
    gc.collect()
    before = processes.resident()
    processes.forget_peak()
    began = time.perf_counter()
    decoded = decode(text)
    seconds = time.perf_counter() - began
    memory = processes.peak() - before
    if not decoded[-1].name.startswith("os--volume-"):
        raise RuntimeError(f"decoded {decoded[-1]}")
    return Cost(seconds, memory)
