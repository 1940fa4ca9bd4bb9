# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A damaged file of records does not stop a host.

The file is put aside, and a new one is made from what can still be read of
it, from the guests that run, and from what the cluster says is attached
here. A link in the directory says that this is going on and where the
damaged file is; who finds it finishes the work before its own, so that it
does not matter where a process is killed.

What is attached and has no owner that can be found gets a request of the
kind ``former``. It is withdrawn by the first who leaves with a request that
is not recorded, and taken over by whoever comes back. Nothing of all this
is ever detached by force.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import functools
import logging
import os
import tempfile
import time
import typing
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

from storpool_common.attachments.database import identity
from storpool_common.attachments.guests import guests
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import FILE
from storpool_common.attachments.salvage import salvage
from storpool_common.attachments.unrecorded import former_request
from storpool_common.attachments.unrecorded import guest_requests
from storpool_common.errors import LockTimeout
from storpool_common.errors import RecordsDamaged
from storpool_common.errors import RecordsUnusable

LOG = logging.getLogger(__name__)

#: Leads to the directory with the damaged file while a new one is made.
LINK = "rebuild"
# No global id is like this.
_LOCK = "records"
# SQLite would apply a log to whatever file has the name: the log goes first.
_FILES = (f"{FILE}-wal", f"{FILE}-shm", FILE)
# As the directory that it is in.
_DIRECTORY_MODE = 0o2770


class Recovery:
    """Puts a damaged file aside and makes a new one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records = parts.records

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Have a lock, with records that nobody is making anew.

        Who has a lock before the making began is waited for by it; who gets
        one later has to wait himself, without the lock.

        :raises RecordsDamaged: they are being made anew.
        """
        with self._parts.locked(name):
            if self._is_going_on():
                raise RecordsDamaged(
                    "the records of this host are being made anew", None
                )
            yield

    def finish(self) -> None:
        """Finish what somebody has begun.

        :raises RecordsUnusable: the damaged file cannot be moved.
        :raises StorPoolError: it cannot be finished yet; the cluster has to
            be asked.
        """
        if not self._is_going_on():
            return
        with self._alone():
            if not self._is_going_on():
                return
            aside = self._aside()
            self._wait_for_others()
            with _movable():
                self._move(aside)
            self._restore(aside)
            self._record_attached()
            os.unlink(self._path(LINK))
            LOG.warning(
                "StorPool: the records of this host's attachments were"
                " damaged and have been made anew; what was damaged is in"
                " %(aside)s, and `storpool-openstack attachments list` shows"
                " what there is now",
                {"aside": aside},
            )

    def begin(self, error: RecordsDamaged) -> None:
        """Begin to put the damaged file aside, unless somebody else has.

        :raises RecordsUnusable: it cannot be moved.
        """
        with self._alone(), _movable():
            is_the_same = identity(self._path(FILE)) == error.file
            if error.file is None or not is_the_same:
                return
            if not self._is_going_on() or self._has_moved(self._aside()):
                self._make_link()

    def _is_going_on(self) -> bool:
        return os.path.islink(self._path(LINK))

    def _make_link(self) -> None:
        now = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        aside = tempfile.mkdtemp(
            prefix=f"damaged-{now}-", dir=self._parts.state_dir
        )
        os.chmod(aside, _DIRECTORY_MODE)
        new_link = self._path(f"{LINK}.new")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new_link)
        os.symlink(os.path.basename(aside), new_link)
        os.rename(new_link, self._path(LINK))

    def _aside(self) -> str:
        return self._path(os.readlink(self._path(LINK)))

    def _has_moved(self, aside: str) -> bool:
        return os.path.exists(os.path.join(aside, FILE))

    def _move(self, aside: str) -> None:
        if self._has_moved(aside):
            return
        for name in _FILES:
            with contextlib.suppress(FileNotFoundError):
                os.rename(self._path(name), os.path.join(aside, name))

    def _restore(self, aside: str) -> None:
        for record in salvage(aside):
            if self._records.of(record.stored.global_id) is not None:
                continue
            for request in record.requests:
                self._records.add(
                    request,
                    foreign_mode=record.foreign_mode,
                    inherited=record.inherited,
                )

    def _record_attached(self) -> None:
        users = guests(self._parts.devices)
        for stored, mode in self._parts.cluster.attached().here:
            if self._records.of(stored.global_id) is not None:
                continue
            requests = guest_requests(
                stored, mode, users.get(stored.global_id, ())
            ) or [former_request(stored, mode, stored.global_id)]
            for request in requests:
                self._records.add(request, inherited=True)

    def _wait_for_others(self) -> None:
        """Let those finish who do not know yet; new ones wait for us."""
        for name in self._parts.locks.held():
            if name == _LOCK:
                continue
            with (
                contextlib.suppress(LockTimeout),
                self._parts.locked(name),
            ):
                pass

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        return self._parts.locked(_LOCK)

    def _path(self, name: str) -> str:
        return os.path.join(self._parts.state_dir, name)


@contextlib.contextmanager
def _movable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordsUnusable(
            f"{FILE} is damaged and cannot be moved away: {error.strerror}"
            f" ({error.filename}); its directory has to be writable by the"
            " group of the OpenStack services, on a disk with free space"
        ) from error


class _Mendable(typing.Protocol):
    """What has records that can be made anew."""

    _recovery: Recovery


P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=_Mendable)


def mended(
    method: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Do something with records that are not damaged.

    What is decorated is done again when they turn out to be, so it has to
    be repeatable, and to let go of its locks when it fails.
    """

    @functools.wraps(method)
    def with_good_records(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        recovery = self._recovery
        try:
            recovery.finish()
            return method(self, *args, **kwargs)
        except RecordsDamaged as error:
            recovery.begin(error)
        recovery.finish()
        return method(self, *args, **kwargs)

    return with_good_records
