# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What can still be read from a damaged file of records.

The rows are read from the first to where the damage begins, and from the
last back to where it ends. A row that was damaged so that it can be read
and makes no sense is left out.
"""

from collections.abc import Iterable
import contextlib
import os
import shutil
import sqlite3
import tempfile
from typing import Any

from storpool_common.attachments.records import FILE
from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.requests import MODES
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.errors import ValidationError

_OBJECTS = (
    "SELECT global_id, name, snapshot, foreign_mode FROM objects"
    " ORDER BY global_id ASC",
    "SELECT global_id, name, snapshot, foreign_mode FROM objects"
    " ORDER BY global_id DESC",
)
_REQUESTS = (
    "SELECT key, global_id, mode, pid, started, boot_id, namespace, created"
    " FROM requests ORDER BY key ASC",
    "SELECT key, global_id, mode, pid, started, boot_id, namespace, created"
    " FROM requests ORDER BY key DESC",
)
_Rows = list[tuple[Any, ...]]


def salvage(directory: str) -> list[ObjectRecord]:
    """The objects with requests that a file still has.

    All count as inherited: others may have used them whose requests cannot
    be read, so none is to be detached by force.

    :param directory: with files that nobody uses any more; they stay as
        they are.
    """
    # SQLite writes to what it reads, when there is a log beside it.
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(directory, copy, dirs_exist_ok=True)
        objects, requests = _read(os.path.join(copy, FILE))
    found = []
    for row in objects:
        record = _record(row, requests)
        if record is not None and record.requests:
            found.append(record)
    return found


def _read(path: str) -> tuple[_Rows, _Rows]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = _text
        return _rows(connection, _OBJECTS), _rows(connection, _REQUESTS)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _rows(connection: sqlite3.Connection, queries: Iterable[str]) -> _Rows:
    found: dict[Any, tuple[Any, ...]] = {}
    for query in queries:
        with contextlib.suppress(sqlite3.DatabaseError):
            for row in connection.execute(query):
                found[row[0]] = row
    return list(found.values())


def _record(row: tuple[Any, ...], requests: _Rows) -> ObjectRecord | None:
    global_id, name, snapshot, foreign_mode = row
    try:
        stored = StoredObject(global_id, str(name), bool(snapshot))
    except ValidationError:
        return None
    own = [_request(stored, one) for one in requests if one[1] == global_id]
    return ObjectRecord(
        stored=stored,
        foreign_mode=foreign_mode if foreign_mode in MODES else None,
        inherited=True,
        requests=tuple(one for one in own if one is not None),
    )


def _request(stored: StoredObject, row: tuple[Any, ...]) -> Request | None:
    key, _, mode, pid, started, boot_id, namespace, created = row
    try:
        process = Process(int(pid), int(started), str(boot_id), int(namespace))
        return Request(str(key), stored, mode, process, float(created))
    except (ValidationError, TypeError, ValueError):
        return None
