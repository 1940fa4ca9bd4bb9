# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of the benchmarks."""

import argparse
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import sys

from tests.benchmarks import attachments
from tests.benchmarks import cinder_volumes
from tests.benchmarks import device_wait
from tests.benchmarks import memory
from tests.benchmarks import small_calls
from tests.benchmarks import table
from tests.benchmarks import vendor
from tests.benchmarks import volumes_list

Benchmark = Callable[[argparse.Namespace], Iterable[table.Row]]

BENCHMARKS: Mapping[str, Benchmark] = {
    "volumes-list": volumes_list.measure,
    "small-calls": small_calls.measure,
    "memory": memory.measure,
    "attachments": attachments.measure,
    "device-wait": device_wait.measure,
    "cinder-volumes": cinder_volumes.measure,
}


def main() -> int:
    """Run what was asked for; 2 when something that it needs is not there."""
    arguments = _parser().parse_args()
    if arguments.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:14} {_told(benchmark)}")
        return 0
    status = 0
    for name in arguments.names or BENCHMARKS:
        print(f"{name}: {_told(BENCHMARKS[name])}", flush=True)
        try:
            table.show(BENCHMARKS[name](arguments))
        except vendor.Absent as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 2
    return status


def _told(benchmark: Benchmark) -> str:
    return (benchmark.__doc__ or "").partition("\n")[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure, beside what is in use today, and print ratios:"
        " above 1 is better than that. The vendor's packages, storpool 7.3.0"
        " and storpool.spopenstack 3.2.0, are used where they are installed"
        " or on PYTHONPATH.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        choices=[[], *BENCHMARKS],
        help=f"what to measure: {', '.join(BENCHMARKS)}; all, if left out",
    )
    parser.add_argument(
        "--list", action="store_true", help="name the benchmarks"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        help="how often each side is measured; the median counts (5)",
    )
    parser.add_argument(
        "--volumes",
        type=int,
        default=100_000,
        help="volumes of volumes-list and cinder-volumes (100000)",
    )
    parser.add_argument(
        "--calls",
        type=int,
        default=20_000,
        help="calls that memory makes (20000)",
    )
    parser.add_argument(
        "--directory",
        help="where attachments keeps its records: on the disk that /var/lib"
        " is on (a temporary directory)",
    )
    return parser
