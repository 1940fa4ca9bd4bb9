# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""One lock for each volume, between all services of this host.

Two parts. Between the threads of a process a lock in memory hands over
without delay. Between processes it is ``flock`` on a file of its own, asked
for without blocking: under eventlet a blocking ``flock`` stops every green
thread of the service (0.7 s of waiting was 0.7 s of standstill), and the
kernel gives the lock back when its holder is killed.

The file goes away with the lock. Who was let in by a file that has gone in
the meantime holds nothing, sees it, and asks again.
"""

from collections.abc import Iterator
import contextlib
import dataclasses
import fcntl
import os
import sys
import threading

from storpool_common.attachments.directory import prepare
from storpool_common.clock import Clock
from storpool_common.clock import SystemClock
from storpool_common.clock import try_until
from storpool_common.errors import LockTimeout
from storpool_common.errors import RecordsUnusable

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02
# The services of a host run as several users of one group.
_FILE_MODE = 0o660
_NOTE_SIZE = 200


@dataclasses.dataclass
class _Seat:
    """A volume's lock within one process.

    :ivar users: how many threads hold it or wait for it.
    :ivar depth: how often its holder has entered.
    """

    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)
    users: int = 0
    depth: int = 0
    descriptor: int = -1


class _Seats:
    """The seats of one process: a lock held over a fork is never freed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._seats: dict[str, _Seat] = {}

    @contextlib.contextmanager
    def at(self, name: str) -> Iterator[_Seat]:
        with self._guard:
            seat = self._seats.setdefault(name, _Seat())
            seat.users += 1
        try:
            yield seat
        finally:
            with self._guard:
                seat.users -= 1
                if not seat.users:
                    del self._seats[name]


class VolumeLocks:
    """Locks by name in a directory that the services of a host share.

    :param directory: made at the first use.
    :param clock: what passes between two tries.
    """

    def __init__(self, directory: str, *, clock: Clock | None = None) -> None:
        self._directory = directory
        self._clock = clock or SystemClock()
        self._processes: dict[int, _Seats] = {}

    @contextlib.contextmanager
    def hold(self, name: str, *, timeout: float) -> Iterator[None]:
        """Have the lock of ``name`` inside the context.

        A thread that holds it may enter again.

        :param timeout: seconds to wait for others.
        :raises LockTimeout: somebody else held it all that time.
        :raises RecordsUnusable: the file cannot be made or locked.
        """
        deadline = self._clock.now() + timeout
        with self._here().at(name) as seat:
            if not seat.lock.acquire(timeout=timeout):
                raise LockTimeout(
                    f"{name}: another thread of this process has worked on"
                    f" it for {timeout:g} s"
                )
            try:
                with self._between_processes(seat, name, deadline):
                    yield
            finally:
                seat.lock.release()

    def held(self) -> list[str]:
        """The names whose locks may be held, by whatever process."""
        try:
            files = os.listdir(self._directory)
        except FileNotFoundError:
            return []
        return [
            file.removesuffix(".lock")
            for file in files
            if file.endswith(".lock")
        ]

    def _here(self) -> _Seats:
        return self._processes.setdefault(os.getpid(), _Seats())

    @contextlib.contextmanager
    def _between_processes(
        self, seat: _Seat, name: str, deadline: float
    ) -> Iterator[None]:
        path = os.path.join(self._directory, f"{name}.lock")
        if not seat.depth:
            seat.descriptor = self._lock(path, deadline)
        seat.depth += 1
        try:
            yield
        finally:
            seat.depth -= 1
            if not seat.depth:
                _unlock(path, seat.descriptor)

    def _lock(self, path: str, deadline: float) -> int:
        prepare(self._directory)
        for _ in try_until(
            deadline,
            self._clock,
            first=_FIRST_PAUSE,
            longest=_LONGEST_PAUSE,
        ):
            descriptor = _try_to_lock(path)
            if descriptor is not None:
                return descriptor
        raise LockTimeout(
            f"{path} is held by {_holder(path)}; nothing was done"
        )


def _try_to_lock(path: str) -> int | None:
    try:
        descriptor = _open(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                _leave_note(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
    except BlockingIOError:
        return None
    except OSError as error:
        raise RecordsUnusable(
            f"cannot lock {path}: {error.strerror}; the directory has to be"
            " on a local file system and writable by the group of the"
            " OpenStack services"
        ) from error
    os.close(descriptor)
    return None


def _open(path: str) -> int:
    descriptor = os.open(
        path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE
    )
    try:
        found = os.fstat(descriptor)
        # The umask of a service usually keeps the group out.
        if found.st_uid == os.geteuid() and found.st_mode & 0o777 != (
            _FILE_MODE
        ):
            os.fchmod(descriptor, _FILE_MODE)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _unlock(path: str, descriptor: int) -> None:
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    finally:
        os.close(descriptor)


def _leave_note(descriptor: int) -> None:
    program = os.path.basename(sys.argv[0] if sys.argv else "")
    note = f"process {os.getpid()} {program}".encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note[:_NOTE_SIZE], 0)


def _holder(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(_NOTE_SIZE).decode(errors="replace").strip()
    except OSError:
        return "another process"
