# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The file in which the drivers of former years kept their requests.

``openstack-attach.json``, as storpool.spopenstack 3.2.0 writes it: one JSON
object, with a member for each request. It is emptied and written again for
each change, so a writer that is killed leaves it empty or cut off.
"""

import dataclasses
import fcntl
import re
import typing
from typing import Any
from typing import Literal

import msgspec

from storpool_common.attachments.requests import Mode
from storpool_common.clock import Clock
from storpool_common.clock import try_until
from storpool_common.errors import LockTimeout

PATH = "/var/spool/openstack-storpool/openstack-attach.json"

# Each request has its key in it too, and nothing nested.
_REQUEST = re.compile(r"\{[^{}]*\}")
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.2
#: Seconds; its writers hold its lock while they wait for a cluster.
_PATIENCE = 30.0


class OldRequest(msgspec.Struct, frozen=True):
    """One request.

    :ivar id: what its owner knows it by.
    :ivar volume: name of the volume or snapshot.
    :ivar rights: 1 to read, 2 to write too.
    :ivar volsnap: whether it is a snapshot.
    """

    id: str
    volume: str
    rights: Literal[1, 2]
    volsnap: bool = False

    @property
    def mode(self) -> Mode:
        """The rights as we call them."""
        return "rw" if self.rights > 1 and not self.volsnap else "ro"


@dataclasses.dataclass(frozen=True)
class OldFile:
    """What a file has.

    :ivar faults: what is wrong with it, a line each.
    """

    requests: list[OldRequest]
    faults: list[str]


def read(path: str, clock: Clock) -> OldFile:
    """Read as much of a file as is there.

    :raises OSError: it cannot be read.
    :raises LockTimeout: a service is working on it all the time.
    """
    text = _read(path, clock)
    if not text.strip():
        return OldFile([], [f"{path} is empty: what it held is lost"])
    faults = []
    try:
        members = list(msgspec.json.decode(text, type=dict[str, Any]).values())
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        faults.append(f"{path} is damaged, and not all of it is read: {error}")
        members = _whole_requests(text)
    requests = []
    for member in members:
        try:
            requests.append(msgspec.convert(member, OldRequest))
        except msgspec.ValidationError as error:
            faults.append(f"{path}: {member!r} is no request: {error}")
    return OldFile(requests, faults)


def _whole_requests(text: str) -> list[Any]:
    found = []
    for match in _REQUEST.finditer(text):
        try:
            found.append(msgspec.json.decode(match.group()))
        except msgspec.DecodeError:
            continue
    return found


def _read(path: str, clock: Clock) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        for _ in try_until(
            clock.now() + _PATIENCE,
            clock,
            first=_FIRST_PAUSE,
            longest=_LONGEST_PAUSE,
        ):
            if _try_to_lock(file):
                return file.read()
    raise LockTimeout(
        f"{path} has been in use for {_PATIENCE:g} s: stop the services that"
        " write to it"
    )


def _try_to_lock(file: typing.TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
