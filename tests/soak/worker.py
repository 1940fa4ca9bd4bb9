# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A service that attaches, writes, reads and detaches, as often as told.

``python -m tests.soak.worker ARGUMENTS``, in JSON; it says what it leaks.
"""

import contextlib
import itertools
import json
import os
import random
import sys
import zlib

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Devices
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownRequest
from tests.soak import counter

BLOCK = 4096
#: Cycles after which what is opened once has been opened.
_WARM = 20


class Worker:
    """One service of a host.

    :param slot: its block of every volume, and its counter.
    """

    def __init__(self, host: HostAttachments, owner: str, slot: int) -> None:
        self._host = host
        self._owner = owner
        self._slot = slot
        self._written: dict[str, bytes] = {}
        self.errors = 0

    def cycle(self, target: Target) -> None:
        """Attach, read what was written last, write, read, detach."""
        key = f"{self._owner}:{target.name}"
        attached = self._host.attach(key, target, "rw")
        disk = os.open(attached.path, os.O_RDWR)
        try:
            self._compare(disk, str(target.name))
        finally:
            os.close(disk)
        try:
            self._host.detach(key)
        except UnknownRequest:
            # As the connector does when the records have been damaged.
            with contextlib.suppress(UnknownRequest):
                self._host.detach_former(target)

    def attempt(self, target: Target) -> bool:
        """The same; False where the cluster was away."""
        try:
            self.cycle(target)
        except (StorPoolError, OSError) as error:
            self.errors += 1
            print(f"{self._owner}: {error}", file=sys.stderr, flush=True)
            return False
        return True

    def _compare(self, disk: int, name: str) -> None:
        offset = self._slot * BLOCK
        found = os.pread(disk, BLOCK, offset)
        expected = self._written.get(name)
        if expected is None and any(found):
            # A predecessor wrote it; it may have been killed, not torn.
            expected = _sealed(found[4:])
        if expected is not None and found != expected:
            raise AssertionError(f"{name}: the data is not what was written")
        content = _sealed(os.urandom(BLOCK - 4))
        os.pwrite(disk, content, offset)
        os.fsync(disk)
        self._written[name] = content


def _sealed(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "big") + content


def _size() -> dict[str, int]:
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[1])
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
    }


def main() -> None:
    """Do it, and say how it was."""
    told = json.loads(sys.argv[1])
    configuration = load(values=told["values"], environ={})
    host = open_host(
        configuration,
        Client(configuration.api),
        devices=Devices(told["by_id"]),
    )
    worker = Worker(host, told["owner"], told["slot"])
    targets = [
        Target(each["global_id"], each["name"], size=each["size"])
        for each in told["volumes"]
    ]
    done = counter.Counter(told["counter"], told["slot"])
    begin = None
    for number in itertools.count():
        if done.value >= told["cycles"]:
            break
        if number == _WARM:
            begin = _size()
        if worker.attempt(random.choice(targets)):
            done.add_one()
    end = _size()
    host.close()
    said = {"begin": begin or end, "end": end, "errors": worker.errors}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
