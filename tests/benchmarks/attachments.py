# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How many requests a second this host's records take.

``python -m tests.benchmarks.attachments [DIRECTORY]``: pairs of adding and
removing a request, with 1,000 others recorded, by one process and by eight.
The directory should be on the disk that /var/lib is on.
"""

import concurrent.futures
import multiprocessing
import statistics
import sys
import tempfile
import time

from storpool_common.attachments import records
from storpool_common.attachments import requests

RECORDED = 1000
PAIRS = 4000


def volume(number: int) -> requests.StoredObject:
    return requests.StoredObject(f"a.b.{number}", f"os--volume-{number}")


def request(kind: str, number: int) -> requests.Request:
    return requests.Request(
        key=f"{kind}:{number}",
        wanted=volume(number),
        mode="rw",
        process=requests.Process.current(),
        created=time.time(),
    )


def pairs(
    state_dir: str, worker: int, count: int, start: float
) -> list[float]:
    """Add and remove a request ``count`` times; seconds of each pair."""
    kept = records.Records(state_dir)
    wanted = request(f"bench{worker}", RECORDED + worker)
    kept.add(wanted)
    time.sleep(max(0.0, start - time.time()))
    times = []
    for _ in range(count):
        began = time.perf_counter()
        kept.add(wanted)
        kept.remove([wanted.key])
        times.append(time.perf_counter() - began)
    kept.close()
    return times


def measure(state_dir: str, processes: int) -> None:
    start = time.time() + 2.0
    with concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        results = pool.map(
            pairs,
            [state_dir] * processes,
            range(processes),
            [PAIRS // processes] * processes,
            [start] * processes,
        )
        times = sorted(seconds for result in results for seconds in result)
        took = time.time() - start
    centiles = statistics.quantiles(times, n=100)
    print(
        f"{processes} processes: {PAIRS / took:8.0f} add+remove/s,"
        f" median {centiles[49] * 1000:.2f} ms, p99"
        f" {centiles[98] * 1000:.2f} ms, longest {times[-1] * 1000:.1f} ms"
    )


def main() -> None:
    parent = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(dir=parent) as state_dir:
        kept = records.Records(state_dir)
        for number in range(RECORDED):
            kept.add(request("nova", number))
        kept.close()
        for processes in (1, 8):
            measure(state_dir, processes)


if __name__ == "__main__":
    main()
