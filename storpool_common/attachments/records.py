# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The requests of a host, kept over crashes and restarts.

A request is recorded before its attachment is made and removed after it has
ended, so that at no moment an attachment of ours is without a record.

An object stays recorded, with its requests gone, while its attachment could
not be ended: it is ours to end, and nobody else's.
"""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import os
import sqlite3

from storpool_common.attachments.database import Database
from storpool_common.attachments.database import Synchronous
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.clock import Clock

FILE = "attachments.sqlite"

_VERSION = 1
_SCHEMA = """
CREATE TABLE objects (
    global_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    snapshot INTEGER NOT NULL,
    foreign_mode TEXT CHECK (foreign_mode IN ('ro', 'rw')),
    inherited INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE requests (
    key TEXT PRIMARY KEY,
    global_id TEXT NOT NULL REFERENCES objects ON DELETE CASCADE,
    mode TEXT NOT NULL CHECK (mode IN ('ro', 'rw')),
    pid INTEGER NOT NULL,
    started INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    namespace INTEGER NOT NULL,
    created REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX requests_by_object ON requests (global_id);
CREATE INDEX objects_by_name ON objects (name)
"""
_SELECT = """
SELECT key, mode, pid, started, boot_id, namespace, created,
       global_id, name, snapshot
  FROM requests JOIN objects USING (global_id)
"""


@dataclasses.dataclass(frozen=True)
class ObjectRecord:
    """What is recorded about one object.

    :ivar foreign_mode: how it was attached to this host when our first
        request came, by somebody we know nothing of; None when it was not.
    :ivar inherited: it was attached to this host before there were records,
        for its first owner, and maybe for others too.
    :ivar requests: the oldest first.
    """

    stored: StoredObject
    foreign_mode: Mode | None
    inherited: bool
    requests: tuple[Request, ...]


class Records:
    """The requests recorded on this host, by all of its services.

    Every method raises ``LockTimeout`` and ``RecordsUnusable``.

    :param state_dir: the directory that the services share.
    :param synchronous: what of them outlives a power cut, see
        :mod:`~storpool_common.attachments.database`.
    """

    def __init__(
        self,
        state_dir: str,
        *,
        synchronous: Synchronous = "NORMAL",
        clock: Clock | None = None,
    ) -> None:
        self._database = Database(
            os.path.join(state_dir, FILE),
            schema=_SCHEMA,
            version=_VERSION,
            synchronous=synchronous,
            clock=clock,
        )

    def add(
        self,
        request: Request,
        *,
        foreign_mode: Mode | None = None,
        inherited: bool = False,
    ) -> None:
        """Record a request; the same key again replaces what it asked for.

        The other arguments are of :class:`ObjectRecord`, and only looked at
        for an object that is not recorded yet.
        """
        wanted = request.wanted
        process = request.process

        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO objects VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET name = excluded.name",
                (
                    wanted.global_id,
                    wanted.name,
                    wanted.snapshot,
                    foreign_mode,
                    inherited,
                ),
            )
            connection.execute(
                "INSERT OR REPLACE INTO requests"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    request.key,
                    wanted.global_id,
                    request.mode,
                    process.pid,
                    process.started,
                    process.boot_id,
                    process.namespace,
                    request.created,
                ),
            )

        self._database.write(change)

    def get(self, key: str) -> Request | None:
        """The request of that key, if it is recorded."""
        found = self._select("WHERE key = ?", (key,))
        return found[0] if found else None

    def of(self, global_id: str) -> ObjectRecord | None:
        """What is recorded about an object, if anything."""

        def query(connection: sqlite3.Connection) -> ObjectRecord | None:
            row = connection.execute(
                "SELECT name, snapshot, foreign_mode, inherited FROM objects"
                " WHERE global_id = ?",
                (global_id,),
            ).fetchone()
            if row is None:
                return None
            name, snapshot, foreign_mode, inherited = row
            return ObjectRecord(
                StoredObject(global_id, name, bool(snapshot)),
                foreign_mode,
                bool(inherited),
                tuple(
                    _select(connection, "WHERE global_id = ?", (global_id,))
                ),
            )

        return self._database.read(query)

    def all(self) -> list[ObjectRecord]:
        """Everything that is recorded."""

        def query(connection: sqlite3.Connection) -> list[ObjectRecord]:
            by_object: dict[str, list[Request]] = {}
            for request in _select(connection, "", ()):
                same = by_object.setdefault(request.wanted.global_id, [])
                same.append(request)
            rows = connection.execute(
                "SELECT global_id, name, snapshot, foreign_mode, inherited"
                " FROM objects ORDER BY name"
            )
            return [
                ObjectRecord(
                    StoredObject(global_id, name, bool(snapshot)),
                    foreign_mode,
                    bool(inherited),
                    tuple(by_object.get(global_id, ())),
                )
                for global_id, name, snapshot, foreign_mode, inherited in rows
            ]

        return self._database.read(query)

    def named(self, name: str) -> list[StoredObject]:
        """The objects recorded under a name, which may have changed since."""

        def query(connection: sqlite3.Connection) -> list[StoredObject]:
            rows = connection.execute(
                "SELECT global_id, name, snapshot FROM objects WHERE name = ?",
                (name,),
            )
            return [
                StoredObject(global_id, found, bool(snapshot))
                for global_id, found, snapshot in rows
            ]

        return self._database.read(query)

    def requests(self) -> list[Request]:
        """Every request, the oldest first."""
        return self._select("", ())

    def remove(self, keys: Iterable[str]) -> int:
        """Remove requests, all at once; their objects stay recorded.

        :returns: how many of them were recorded.
        """
        rows = [(key,) for key in keys]

        def change(connection: sqlite3.Connection) -> int:
            return connection.executemany(
                "DELETE FROM requests WHERE key = ?", rows
            ).rowcount

        return self._database.write(change) if rows else 0

    def forget(self, global_id: str) -> None:
        """Remove an object and all requests for it."""
        self._database.write(
            _statement("DELETE FROM objects WHERE global_id = ?", global_id)
        )

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    def _select(self, where: str, values: tuple[str, ...]) -> list[Request]:
        return self._database.read(
            lambda connection: _select(connection, where, values)
        )


def _statement(
    text: str, *values: str
) -> Callable[[sqlite3.Connection], None]:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute(text, values)

    return change


def _select(
    connection: sqlite3.Connection, where: str, values: tuple[str, ...]
) -> list[Request]:
    rows = connection.execute(
        f"{_SELECT} {where} ORDER BY created, key", values
    )
    return [_request(*row) for row in rows]


def _request(
    key: str,
    mode: Mode,
    pid: int,
    started: int,
    boot_id: str,
    namespace: int,
    created: float,
    global_id: str,
    name: str,
    snapshot: int,
) -> Request:
    return Request(
        key=key,
        wanted=StoredObject(global_id, name, bool(snapshot)),
        mode=mode,
        process=Process(pid, started, boot_id, namespace),
        created=created,
    )
