# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the Cinder driver minds how many volumes a cluster has."""

import argparse
from collections.abc import Iterator
import importlib

from tests.benchmarks import processes
from tests.benchmarks import table

FEW = 100
#: Of the time with few volumes over that with many.
TARGET = f"{1 / 1.2:.2f}"

#: Milliseconds by operation.
Taken = dict[str, float]


def measure(arguments: argparse.Namespace) -> Iterator[table.Row]:
    """The Cinder driver with --volumes, and 100 for "theirs".

    As many snapshots are there too. What the simulator takes is in it.
    """
    few, many = (
        processes.fresh(measured, count) for count in (FEW, arguments.volumes)
    )
    for name, taken in many.items():
        yield table.Row(name, taken, "ms", few[name], target=TARGET)


def measured(count: int) -> Taken:
    """The times with so many volumes, in this process.

    Cinder is imported here: it changes the process that does.
    """
    scale = importlib.import_module("tests.benchmarks.cinder_scale")
    found: Taken = scale.measure(count)
    return found
