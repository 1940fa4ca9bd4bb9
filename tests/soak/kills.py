# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Writers of the records are killed, over and over.

Each writer is forked, adds and removes requests as fast as it can, and says
what it has done through a pipe. After each kill the records are opened anew
and compared with what was said.
"""

import dataclasses
import gc
import itertools
import os
import random
import signal
import statistics
import tempfile
import time

from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from tests.soak.progress import Progress

#: Seconds that a writer lives, at most.
_LIFE = 0.05
_PIPE = 1 << 16


@dataclasses.dataclass
class Writer:
    """One that is to be killed, and the pipe that it speaks through."""

    pid: int
    pipe: int

    def end(self) -> list[str]:
        """Kill it; returns what it had said."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        said = b""
        while chunk := os.read(self.pipe, _PIPE):
            said += chunk
        os.close(self.pipe)
        return said.decode().splitlines()


@dataclasses.dataclass
class Result:
    """What happened.

    :ivar changes: requests added and removed.
    :ivar lost: requests that were recorded and are not there.
    :ivar kept: requests that were removed and are there.
    :ivar median: seconds to open the records and find one, after a kill.
    :ivar centile: the same, of which one in a hundred takes longer.
    """

    kills: int = 0
    changes: int = 0
    lost: list[str] = dataclasses.field(default_factory=list)
    kept: list[str] = dataclasses.field(default_factory=list)
    median: float = 0.0
    centile: float = 0.0


def run(count: int, writers: int) -> Result:
    """Kill ``count`` times one of ``writers`` that write at once."""
    result = Result()
    times = []
    with tempfile.TemporaryDirectory(prefix="storpool-kills-") as state_dir:
        names = (f"{number}" for number in itertools.count())
        alive = [_start(state_dir, next(names)) for _ in range(writers)]
        try:
            progress = Progress(count, "kills")
            for done in range(count):
                progress.show(done)
                time.sleep(random.uniform(0, _LIFE))
                victim = alive.pop(random.randrange(len(alive)))
                times.append(_check(state_dir, victim.end(), result))
                alive.append(_start(state_dir, next(names)))
        finally:
            for writer in alive:
                writer.end()
    result.median = statistics.median(times)
    result.centile = statistics.quantiles(times, n=100)[-1]
    return result


def _start(state_dir: str, name: str) -> Writer:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Writer(pid, reading)
    try:
        os.close(reading)
        _write(state_dir, name, writing)
    finally:
        os._exit(1)


def _write(state_dir: str, name: str, pipe: int) -> None:
    records = Records(state_dir)
    volume = StoredObject(f"a.b.{name}", f"os--volume-{name}")
    process = Process.current()
    for number in itertools.count():
        key = f"test:{name}-{number}"
        records.add(Request(key, volume, "rw", process, float(number)))
        os.write(pipe, f"+{key}\n".encode())
        if number % 3:
            os.write(pipe, f"?{key}\n".encode())
            records.remove([key])
            os.write(pipe, f"-{key}\n".encode())


def _check(state_dir: str, said: list[str], result: Result) -> float:
    # A collection of all that was said so far takes 40 ms, and is not theirs.
    gc.disable()
    began = time.perf_counter()
    records = Records(state_dir)
    records.get("test:nothing")
    took = time.perf_counter() - began
    gc.enable()
    found = {one.key for one in records.requests()}
    added = {line[1:] for line in said if line.startswith("+")}
    doubtful = {line[1:] for line in said if line.startswith("?")}
    removed = {line[1:] for line in said if line.startswith("-")}
    result.kills += 1
    result.changes += len(added) + len(removed)
    result.lost += sorted(added - doubtful - found)
    result.kept += sorted(removed & found)
    # Others go on; what this one has left is not looked at again.
    records.remove(added & found)
    records.close()
    return took
