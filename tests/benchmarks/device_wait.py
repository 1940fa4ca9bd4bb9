# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How long after a device can be used whoever waits for it goes on."""

import argparse
from collections.abc import Iterator
import contextlib
import os
import random
import statistics
import subprocess  # nosec B404
import tempfile
import threading
import time

from storpool_common import devices
from tests.benchmarks import table

WAITS = 200
MIB = 1024 * 1024
#: Seconds that udev takes to make a link, at least and at most.
LATENESS = (0.005, 0.05)
MILLISECONDS = 1000


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """Wait for devices whose link comes late; as root."""
    with tempfile.TemporaryDirectory() as directory:
        links = os.path.join(directory, "links")
        os.mkdir(links)
        host = devices.Devices(links)
        with _loop_device(os.path.join(directory, "image")) as node:
            waited = [_late(host, node, str(n)) for n in range(WAITS)]
    yield table.Row(
        "median", statistics.median(waited) * MILLISECONDS, "ms", target="1 ms"
    )
    centile = statistics.quantiles(waited, n=100)[-1]
    yield table.Row("99th of 100", centile * MILLISECONDS, "ms")


@contextlib.contextmanager
def _loop_device(image: str) -> Iterator[str]:
    with open(image, "wb") as file:
        file.truncate(MIB)
    node = _losetup("--find", "--show", image).strip()
    try:
        yield node
    finally:
        _losetup("--detach", node)


def _losetup(*arguments: str) -> str:
    return subprocess.run(  # nosec B603 B607
        ["losetup", *arguments], check=True, capture_output=True, text=True
    ).stdout


def _late(host: devices.Devices, node: str, name: str) -> float:
    """Seconds from the moment that the link is there."""
    came = []

    def appear() -> None:
        time.sleep(random.uniform(*LATENESS))
        came.append(time.perf_counter())
        os.symlink(node, host.path(name))

    udev = threading.Thread(target=appear)
    udev.start()
    host.wait_ready(name, mode="rw", size=MIB, timeout=10)
    went_on = time.perf_counter()
    udev.join()
    return went_on - came[0]
