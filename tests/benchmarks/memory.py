# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a client that is used for long takes more and more."""

import argparse
from collections.abc import Iterator
import gc

from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_common import errors
from storpool_simulator import testing
from tests.benchmarks import processes
from tests.benchmarks import table

NAME = "one"
KIB = 1024
SAMPLES = 10


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Memory of one client over many calls; it is to stay what it is."""
    with testing.SimulatorProcess() as simulator:
        sampled = processes.fresh(
            grown, simulator.settings, arguments.calls // SAMPLES
        )
    first = sampled[0]
    for number, size in enumerate(sampled, 1):
        yield table.Row(
            f"grown after {number * arguments.calls // SAMPLES} calls",
            (size - first) / KIB,
            "KiB",
            target="0" if number == SAMPLES else "",
        )


def grown(settings: config.ApiSettings, calls: int) -> list[int]:
    """The bytes of this process after each so many calls.

    Of ten calls eight ask, one changes and one is refused.
    """
    asked = client.Client(settings)
    asked.volume_create(
        api.volumes.VolumeCreateDesc(name=NAME, size=512, template="hybrid")
    )
    sampled = []
    for _ in range(SAMPLES):
        for number in range(calls):
            _call(asked, number)
        gc.collect()
        sampled.append(processes.resident())
    asked.close()
    return sampled


def _call(asked: client.Client, number: int) -> None:
    kind = number % 10
    if kind == 0:
        asked.volume_update(
            NAME, api.volumes.VolumeUpdateDesc(tags={"n": str(number)})
        )
    elif kind == 1:
        try:
            asked.volume_list(f"missing-{number}")
        except errors.ObjectDoesNotExist:
            return
    else:
        asked.volume_list(NAME)
