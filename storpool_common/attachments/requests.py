# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Requests: somebody on this host wants a volume or a snapshot attached."""

from __future__ import annotations

from collections.abc import Iterable
import contextlib
import dataclasses
import os
import typing

import msgspec

from storpool_common.api.types import GlobalVolumeId
from storpool_common.devices import Mode
from storpool_common.errors import ValidationError

#: From the weakest to the strongest.
MODES: tuple[Mode, ...] = ("ro", "rw")

#: The kind of a request that stands for owners who are not recorded: there
#: were no records when they attached the object, or the records were lost.
FORMER = "former"

# A guest outlives the nova-compute that attached its volumes. What the
# connector makes up for Nova's own driver bears the name of the program.
_OUTLIVE_THEIR_PROCESS = frozenset({"nova", "nova-compute", FORMER})

_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_PID_NAMESPACE = "/proc/self/ns/pid"
# Where the start time stands in /proc/PID/stat, counted from behind the
# name of the program, which may have blanks and brackets of its own.
_START_TIME_FIELD = 19


@dataclasses.dataclass(frozen=True)
class StoredObject:
    """A volume or a snapshot of the cluster.

    :ivar global_id: names it for ever.
    :ivar name: what it is called at the moment, for people.
    """

    global_id: str
    name: str
    snapshot: bool = False

    def __post_init__(self) -> None:
        # It becomes part of the paths of a link and of a lock.
        try:
            msgspec.convert(self.global_id, GlobalVolumeId)
        except msgspec.ValidationError as error:
            raise ValidationError(
                f"{self.name}: {self.global_id!r} is no global id"
            ) from error

    def __str__(self) -> str:
        kind = "snapshot" if self.snapshot else "volume"
        return f"{kind} {self.name} (~{self.global_id})"


@dataclasses.dataclass(frozen=True)
class Process:
    """A process, so that it is not taken for a later one of its number.

    :ivar started: clock ticks from boot to its start.
    :ivar boot_id: which boot of the host it ran in.
    :ivar namespace: in which name space the number means it; containers
        have their own.
    """

    pid: int
    started: int
    boot_id: str
    namespace: int

    @classmethod
    def current(cls) -> Process:
        """The process that asks."""
        return cls(
            pid=os.getpid(),
            started=_start_time(os.getpid()) or 0,
            boot_id=_boot_id(),
            namespace=os.stat(_PID_NAMESPACE).st_ino,
        )

    def has_ended(self) -> bool:
        """Whether it certainly runs no more.

        One that cannot be looked at from here, because it is of another
        container, counts as running.
        """
        if self.boot_id != _boot_id():
            return True
        if self.namespace != os.stat(_PID_NAMESPACE).st_ino:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it runs as another user
        started = _start_time(self.pid)
        return started is not None and started != self.started


@dataclasses.dataclass(frozen=True)
class Request:
    """One owner's wish to have one object attached.

    :ivar key: names the request, ``KIND:...``: ``nova:INSTANCE:VOLUME``, or
        ``SERVICE:UUID`` where the connector made it up.
    :ivar created: Unix time.
    """

    key: str
    wanted: StoredObject
    mode: Mode
    process: Process
    created: float

    def __post_init__(self) -> None:
        if not self.key.partition(":")[0] or not self.key.partition(":")[2]:
            raise ValidationError(
                f"request key {self.key!r} for {self.wanted}: it has to be"
                " KIND:NAME"
            )
        if self.mode not in MODES:
            raise ValidationError(
                f"{self.wanted}, request {self.key}: access mode"
                f" {self.mode!r} is neither ro nor rw"
            )
        if self.wanted.snapshot and self.mode != "ro":
            raise ValidationError(
                f"{self.wanted}, request {self.key}: a snapshot can only be"
                " attached ro"
            )

    @property
    def kind(self) -> str:
        """What sort of owner it is: ``nova``, ``cinder-volume``, ..."""
        return self.key.partition(":")[0]

    def is_live(self) -> bool:
        """Whether the owner may still be using the object.

        A copy or a backup ends with the process that runs it; a guest does
        not, so the request of a guest lives until it is withdrawn.
        """
        if self.kind in _OUTLIVE_THEIR_PROCESS:
            return True
        return not self.process.has_ended()


def strongest(modes: Iterable[Mode | None]) -> Mode | None:
    """The mode that satisfies all of these; None where none is asked for."""
    asked = [mode for mode in modes if mode is not None]
    return max(asked, key=MODES.index, default=None)


def combined(mode: Mode, others: Iterable[Mode | None]) -> Mode:
    """The mode that satisfies this one and those of others."""
    return strongest([mode, *others]) or mode


def satisfies(mode: Mode | None, wanted: Mode) -> bool:
    """Whether who has ``mode`` can do what ``wanted`` allows."""
    return mode is not None and MODES.index(mode) >= MODES.index(wanted)


def _boot_id() -> str:
    with open(_BOOT_ID, encoding="ascii") as file:
        return file.read().strip()


def _start_time(pid: int) -> int | None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            behind_name = file.read().rpartition(")")[2]
        return int(behind_name.split()[_START_TIME_FIELD])
    return None


__all__: typing.Final = (
    "FORMER",
    "MODES",
    "Mode",
    "Process",
    "Request",
    "StoredObject",
    "combined",
    "satisfies",
    "strongest",
)
