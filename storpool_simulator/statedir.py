# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The directory that a simulator keeps everything in."""

import fcntl
import os
import pathlib
from typing import IO

import msgspec


class StateDirUnusable(Exception):
    """The directory cannot be used; the message says why."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What ``conf`` has to know of the simulator that serves.

    :ivar clients: host name by client id.
    :ivar directories: the directories with device links.
    """

    host: str
    port: int
    token: str
    cluster_id: str
    clients: dict[int, str]
    data_plane: str
    directories: list[str]


class StateDir:
    """Names of the files in the directory, and who may use them."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path.resolve()
        self._locked: IO[bytes] | None = None

    @property
    def database(self) -> pathlib.Path:
        """What was answered."""
        return self.path / "state.sqlite"

    @property
    def image(self) -> pathlib.Path:
        """The sparse file with the pool's file system."""
        return self.path / "pool.xfs"

    @property
    def pool(self) -> pathlib.Path:
        """Where that file system is mounted."""
        return self.path / "pool"

    @property
    def _running(self) -> pathlib.Path:
        return self.path / "running.json"

    def lock(self) -> None:
        """Make the directory and keep every other simulator out of it.

        :raises StateDirUnusable: somebody has it, or it cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / "lock").open("ab")
        except OSError as error:
            raise StateDirUnusable(
                f"cannot use state directory {self.path}: {error.strerror}"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StateDirUnusable(
                f"state directory {self.path} is in use by another simulator"
            ) from None
        self._locked = file

    def unlock(self) -> None:
        """Let others in; unlocking twice is fine."""
        if self._locked is not None:
            self._locked.close()
            self._locked = None

    def remember(self, running: Running) -> None:
        """Note what ``conf`` needs; the file has the token, so 0600."""
        try:
            self._write(msgspec.json.format(msgspec.json.encode(running)))
        except OSError as error:
            raise StateDirUnusable(
                f"cannot write {self._running}: {error.strerror}"
            ) from error

    def _write(self, body: bytes) -> None:
        fresh = self._running.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600)
        with open(descriptor, "wb") as file:
            file.truncate()
            file.write(body)
        fresh.rename(self._running)

    def remembered(self) -> Running | None:
        """What was noted last; None when no simulator ever served here."""
        try:
            body = self._running.read_bytes()
            return msgspec.json.decode(body, type=Running)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateDirUnusable(
                f"cannot read {self._running}: {error.strerror}"
            ) from error
        except msgspec.DecodeError as error:
            raise StateDirUnusable(
                f"{self._running} is not what serve writes: {error}"
            ) from error
