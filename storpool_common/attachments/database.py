# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""SQLite, as the services of one host share it.

Write-ahead logging without fsync at each commit: a killed process loses
nothing that it had committed. A power cut may lose the last commits, and
with them ends every guest and every copy that they were about. With
``FULL`` each commit is on the disk when it returns.

SQLite's own waiting for a lock stops every green thread of a service, so it
is told not to wait, and we try again. A connection is used by one thread at
a time and never by a process that did not open it.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import os
import sqlite3
import typing
import weakref

from storpool_common.attachments.directory import prepare
from storpool_common.clock import Clock
from storpool_common.clock import SystemClock
from storpool_common.clock import try_until
from storpool_common.errors import LockTimeout
from storpool_common.errors import RecordsDamaged
from storpool_common.errors import RecordsUnusable

T = typing.TypeVar("T")

#: SQLite's ``PRAGMA synchronous``.
Synchronous = typing.Literal["NORMAL", "FULL"]

_FIRST_PAUSE = 0.0002
_LONGEST_PAUSE = 0.02
_FILE_MODE = 0o660
# The log is read to its end by whoever comes first after a writer was killed,
# and everybody waits for that: with SQLite's 1,000 pages 50 ms were seen.
_LOG_PAGES = 250
#: Connections kept open; more are made while more threads need one.
_KEPT = 4

# SQLITE_PROTOCOL is the outcome of a race when a log is opened.
_CONTENTION = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
)
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF


@dataclasses.dataclass(frozen=True)
class _Connection:
    """An open connection, and which file and process it belongs to."""

    connection: sqlite3.Connection
    file: tuple[int, int]
    pid: int


class Database:
    """A database file that several processes write to.

    :param path: the file; made, with its directory, at the first use.
    :param schema: statements that make the tables in a new file.
    :param version: of the schema; a file of a later one is refused.
    :param synchronous: what of it outlives a power cut.
    :param timeout: seconds to wait for other writers.
    """

    def __init__(
        self,
        path: str,
        *,
        schema: str,
        version: int,
        synchronous: Synchronous = "NORMAL",
        timeout: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        self.path = path
        self._schema = schema
        self._version = version
        self._synchronous = synchronous
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._idle: list[_Connection] = []
        weakref.finalize(self, _close_all, self._idle)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what ``query`` returns, from one state of the file.

        :raises LockTimeout: the file was being made by others all the time.
        :raises RecordsUnusable: the file cannot be read.
        """
        return self._patiently("BEGIN", query)

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Carry out ``change`` as one transaction: all of it, or nothing.

        :raises LockTimeout: others wrote all the time.
        :raises RecordsUnusable: the file cannot be written.
        """
        return self._patiently("BEGIN IMMEDIATE", change)

    def close(self) -> None:
        """Close the connections; the next use opens one again."""
        _close_all(self._idle)

    def _patiently(
        self, begin: str, work: Callable[[sqlite3.Connection], T]
    ) -> T:
        for _ in try_until(
            self._clock.now() + self._timeout,
            self._clock,
            first=_FIRST_PAUSE,
            longest=_LONGEST_PAUSE,
        ):
            try:
                return self._transaction(begin, work)
            except sqlite3.DatabaseError as error:
                if not _is_contention(error):
                    raise self._unusable(error) from error
        raise LockTimeout(
            f"{self.path} has been locked by others for {self._timeout:g} s;"
            " nothing was recorded"
        )

    def _transaction(
        self, begin: str, work: Callable[[sqlite3.Connection], T]
    ) -> T:
        with self._connection() as connection:
            connection.execute(begin)
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    @contextlib.contextmanager
    def _connection(self) -> typing.Iterator[sqlite3.Connection]:
        taken = self._take()
        try:
            yield taken.connection
        except BaseException:
            taken.connection.close()
            raise
        if len(self._idle) < _KEPT:
            self._idle.append(taken)
        else:
            taken.connection.close()

    def _take(self) -> _Connection:
        while True:
            try:
                kept = self._idle.pop()
            except IndexError:
                return self._open()
            if kept.pid != os.getpid():
                # Not even to be closed: that would drop locks which the
                # process that opened it believes to have.
                _inherited(kept)
            elif kept.file == identity(self.path):
                return kept
            else:
                kept.connection.close()

    def _open(self) -> _Connection:
        prepare(os.path.dirname(self.path))
        self._make_file()
        connection = sqlite3.connect(
            self.path,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            file = identity(self.path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            connection.execute("PRAGMA foreign_keys = ON")
            self._provide_schema(connection)
        except BaseException:
            connection.close()
            raise
        if file is None:
            raise RecordsUnusable(f"{self.path} has just been removed")
        return _Connection(connection, file, os.getpid())

    def _make_file(self) -> None:
        # SQLite would make it with the umask's mode, and gives its log and
        # shared memory the mode of the file.
        try:
            descriptor = os.open(
                self.path,
                os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC,
                _FILE_MODE,
            )
        except FileExistsError:
            return
        except OSError as error:
            raise RecordsUnusable(
                f"cannot make {self.path}: {error.strerror}; its directory"
                " has to be writable by the group of the OpenStack services"
            ) from error
        try:
            os.fchmod(descriptor, _FILE_MODE)
        finally:
            os.close(descriptor)

    def _provide_schema(self, connection: sqlite3.Connection) -> None:
        found = self._found_version(connection)
        if found == self._version:
            return
        if found > self._version:
            raise RecordsUnusable(
                f"{self.path} was written by a later release (its version is"
                f" {found}, this release knows {self._version}): upgrade"
                " every service of this host"
            )
        connection.execute("BEGIN IMMEDIATE")
        if not self._found_version(connection):
            for statement in self._schema.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self._version:d}")
        connection.execute("COMMIT")

    def _found_version(self, connection: sqlite3.Connection) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)

    def _unusable(self, error: sqlite3.DatabaseError) -> RecordsUnusable:
        if _code(error) in _DAMAGE:
            return RecordsDamaged(
                f"{self.path} is damaged ({error})", identity(self.path)
            )
        return RecordsUnusable(
            f"cannot use {self.path} ({error}): it, its directory and the"
            " files beside it have to be writable by the group of the"
            " OpenStack services, on a disk with free space"
        )


_of_other_processes: list[_Connection] = []


def _inherited(kept: _Connection) -> None:
    """Keep a parent's connection from being closed when it is collected."""
    _of_other_processes.append(kept)


def _close_all(idle: list[_Connection]) -> None:
    while idle:
        kept = idle.pop()
        if kept.pid == os.getpid():
            kept.connection.close()


def identity(path: str) -> tuple[int, int] | None:
    """What tells a file from another one that has taken its place."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _code(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE


def _is_contention(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in _CONTENTION
