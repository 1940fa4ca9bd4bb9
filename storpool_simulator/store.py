# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What was answered, kept in SQLite.

Every change is one transaction, committed before its answer is sent. With
the write-ahead log a committed change is in the kernel's hands, so a killed
process loses nothing; a host that loses power may lose its last changes,
which costs a simulator nothing and saves a disk flush a call.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import pathlib
import sqlite3

import msgspec

from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import Volume
from storpool_simulator.model.state import Place
from storpool_simulator.model.tables import KINDS

_LAYOUT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""

_ENCODER = msgspec.json.Encoder()
_DECODERS: Mapping[str, msgspec.json.Decoder[Record]] = {
    "objects": msgspec.json.Decoder(Volume | Snapshot),
    **{kind.table: msgspec.json.Decoder(kind) for kind in KINDS},
}


class StoreUnusable(Exception):
    """The state cannot be read or written; the message says why."""


class Store:
    """The records of a cluster in a file.

    :param path: the file; ``:memory:`` is a state that ends with the process.

    Nothing is opened before :meth:`open`. Whoever uses it makes sure that
    one thread does so at a time.
    """

    def __init__(self, path: pathlib.Path | str) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def open(self) -> list[Record]:
        """Open the file, make it where it is missing, and read it."""
        try:
            self._database = sqlite3.connect(
                self._path, check_same_thread=False, isolation_level=None
            )
            return self._read(self._database)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self.close()
            raise StoreUnusable(
                f"cannot use the state in {self._path}: {error}"
            ) from error

    def _read(self, database: sqlite3.Connection) -> list[Record]:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        (layout,) = database.execute("PRAGMA user_version").fetchone()
        if layout not in (0, _LAYOUT):
            raise StoreUnusable(
                f"the state in {self._path} has layout {layout} and this"
                f" version reads layout {_LAYOUT}"
            )
        database.executescript(_SCHEMA)
        database.execute(f"PRAGMA user_version = {_LAYOUT}")
        rows = database.execute("SELECT kind, body FROM records")
        return [_DECODERS[kind].decode(body) for kind, body in rows]

    def commit(self, changes: Mapping[Place, Record | None]) -> None:
        """Keep what a change leaves at each place; None is nothing."""
        if not changes:
            return
        database = self._database
        if database is None:
            raise StoreUnusable(f"the state in {self._path} is not open")
        try:
            with _transaction(database):
                for (kind, key), record in changes.items():
                    _write(database, kind, key, record)
        except sqlite3.Error as error:
            raise StoreUnusable(
                f"cannot write the state in {self._path}: {error}"
            ) from error

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        if self._database is not None:
            self._database.close()
            self._database = None


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _write(
    database: sqlite3.Connection, kind: str, key: str, record: Record | None
) -> None:
    if record is None:
        database.execute(
            "DELETE FROM records WHERE kind = ? AND key = ?", (kind, key)
        )
        return
    database.execute(
        "INSERT INTO records (kind, key, body) VALUES (?, ?, ?)"
        " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
        (kind, key, _ENCODER.encode(record)),
    )
