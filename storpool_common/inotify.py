# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Being woken when the entries of a directory change.

The packaged bindings import ``select.poll``, which is gone in a process that
eventlet has patched; what is needed of inotify is three calls of the C
library.
"""

import ctypes
import errno
import os
import selectors
import types
import typing

from storpool_common import clock as clocks

_CREATE = 0x00000100
_DELETE = 0x00000200
_MOVED_FROM = 0x00000040
# udev makes a link under another name and moves it into its place.
_MOVED_TO = 0x00000080
_ATTRIB = 0x00000004
_ONLYDIR = 0x01000000
_MASK = _CREATE | _DELETE | _MOVED_FROM | _MOVED_TO | _ATTRIB | _ONLYDIR

# The kernel allows each user a number of instances and watches, 128 and
# 8192 on many distributions.
_USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOMEM})
_NO_SUCH_DIRECTORY = frozenset({errno.ENOENT, errno.ENOTDIR})
_BUFFER_SIZE = 65536


class DirectoryWatch:
    """Changes of one directory, from entering the context on.

    A directory that does not exist is stood in for by its nearest ancestor,
    whose change announces it. Where the kernel has no watch left, waiting
    is sleeping.

    :param path: the directory.
    :param clock: what sleeps in the last case.
    """

    def __init__(self, path: str, clock: clocks.Clock) -> None:
        self._path = path
        self._clock = clock
        self._descriptor: int | None = None

    def __enter__(self) -> typing.Self:
        try:
            self._descriptor = _open(self._path)
        except OSError as error:
            if error.errno not in _USED_UP:
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def wait(self, seconds: float) -> None:
        """Return at the next change, or when the time is over."""
        if self._descriptor is None:
            self._clock.sleep(seconds)
            return
        # Under eventlet DefaultSelector is the one that lets other green
        # threads run, so it is looked up here.
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            if selector.select(seconds):
                os.read(self._descriptor, _BUFFER_SIZE)


def _open(path: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = _checked(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    try:
        _watch_nearest(libc, descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _watch_nearest(libc: ctypes.CDLL, descriptor: int, path: str) -> None:
    while True:
        try:
            name = ctypes.c_char_p(os.fsencode(path))
            _checked(libc.inotify_add_watch(descriptor, name, _MASK))
            return
        except OSError as error:
            parent = os.path.dirname(path)
            if error.errno not in _NO_SUCH_DIRECTORY or parent == path:
                raise
            path = parent


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
