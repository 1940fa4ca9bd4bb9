# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Being woken when the entries of a directory change.

The packaged bindings import ``select.poll``, which is gone in a process that
eventlet has patched; what is needed of inotify is three calls of the C
library.
"""

from collections.abc import Iterator
import contextlib
import ctypes
import errno
import os
import selectors
import typing
import weakref

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


#: Instances kept open; more are made while more threads wait.
_KEPT = 4


class Watch(typing.Protocol):
    """What wakes a wait when a directory changes."""

    def wait(self, seconds: float) -> None:
        """Return at the next change, or when the time is over."""
        ...


class Watches:
    """Watches of directories, one after the other or several at once.

    The kernel takes some 8 ms to close an instance of inotify, far more than
    it takes to look at a device that has come. So instances are used again,
    each by one wait at a time, and only in the process that made them: a
    child would take its parent's events.
    """

    def __init__(self) -> None:
        self._idle: list[_Instance] = []
        weakref.finalize(self, _close_all, self._idle)

    @contextlib.contextmanager
    def watch(self, path: str, clock: clocks.Clock) -> Iterator[Watch]:
        """Tell changes of a directory, from entering the context on.

        A directory that does not exist is stood in for by its nearest
        ancestor, whose change announces it. Where the kernel has no watch
        left, waiting is sleeping.

        :param path: the directory.
        :param clock: what sleeps in the last case.
        """
        instance = self._watching(path)
        if instance is None:
            yield _Sleep(clock)
            return
        try:
            yield instance
            instance.forget()
        except BaseException:
            instance.close()
            raise
        if len(self._idle) < _KEPT:
            self._idle.append(instance)
        else:
            instance.close()

    def close(self) -> None:
        """Close what is kept; the next use makes it anew."""
        _close_all(self._idle)

    def _watching(self, path: str) -> "_Instance | None":
        """An instance that watches; None where the kernel has none left."""
        instance = None
        try:
            instance = self._take()
            instance.watch(path)
        except OSError as error:
            if instance is not None:
                instance.close()
            if error.errno in _USED_UP:
                return None
            raise
        return instance

    def _take(self) -> "_Instance":
        while self._idle:
            with contextlib.suppress(IndexError):
                instance = self._idle.pop()
                if instance.pid == os.getpid():
                    return instance
                instance.close()
        return _Instance()


class _Instance:
    """An instance of inotify, with one watch at most."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watched: int | None = None
        self._descriptor = _checked(
            self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        )

    def watch(self, path: str) -> None:
        """Watch a directory or its nearest ancestor."""
        while True:
            try:
                self._watched = _checked(
                    self._libc.inotify_add_watch(
                        self._descriptor,
                        ctypes.c_char_p(os.fsencode(path)),
                        _MASK,
                    )
                )
                return
            except OSError as error:
                parent = os.path.dirname(path)
                if error.errno not in _NO_SUCH_DIRECTORY or parent == path:
                    raise
                path = parent

    def wait(self, seconds: float) -> None:
        """Return at the next change, or when the time is over."""
        self._read(seconds)

    def forget(self) -> None:
        """Watch nothing any more."""
        if self._watched is not None:
            # The directory may have gone, and its watch with it.
            self._libc.inotify_rm_watch(self._descriptor, self._watched)
            self._watched = None
        while self._read(0):
            pass

    def close(self) -> None:
        """Give it back to the kernel."""
        os.close(self._descriptor)

    def _read(self, seconds: float) -> bytes:
        """Events; none when the time is over."""
        # Under eventlet DefaultSelector is the one that lets other green
        # threads run, so it is looked up here. Its os.read waits for what
        # is not there, whatever the descriptor says of blocking.
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            if selector.select(seconds):
                return os.read(self._descriptor, _BUFFER_SIZE)
        return b""


class _Sleep:
    """Stands in for a watch that the kernel does not have."""

    def __init__(self, clock: clocks.Clock) -> None:
        self._clock = clock

    def wait(self, seconds: float) -> None:
        """Return when the time is over."""
        self._clock.sleep(seconds)


def _close_all(idle: "list[_Instance]") -> None:
    while idle:
        with contextlib.suppress(IndexError):
            idle.pop().close()


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
