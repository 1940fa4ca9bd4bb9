# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The block devices of attached volumes and snapshots on this host.

``/dev/storpool-byid/GLOBALID`` is a link to ``/dev/sp-N``. It is there some
time after the attachment is made, and N is given to another object when this
one leaves, so a device counts only when the link leads to a block device
that opens and has the right size and rights, and an object has left only
when its link has.

Nothing here needs root: size and rights are readable by everybody in sysfs.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import dataclasses
import errno
import os
import stat
from typing import Literal

from storpool_common import clock as clocks
from storpool_common import errors
from storpool_common import inotify
from storpool_common import names

Mode = Literal["ro", "rw"]

#: Bytes in a sector as sysfs counts, whatever the device's own sector is.
_SYSFS_SECTOR = 512
#: Seconds between two looks where an event can wake us in between.
_RECHECK = 1.0
#: Seconds before the first look again where no event tells: the kernel
#: announces a new size to udev and not to the directory of links.
_FIRST_RECHECK = 0.02
# QEMU opens a device as another user than the one who attaches it.
_NOT_OURS_TO_OPEN = frozenset({errno.EACCES, errno.EPERM})


WatchFactory = Callable[
    [str, clocks.Clock], contextlib.AbstractContextManager[inotify.Watch]
]


@dataclasses.dataclass(frozen=True)
class Device:
    """A block device that can be used now.

    :ivar path: the link, the only name that stays right.
    :ivar number: what the kernel calls it, ``major:minor``.
    :ivar size: bytes.
    :ivar mode: whether it may be written.
    """

    path: str
    number: str
    size: int
    mode: Mode


@dataclasses.dataclass(frozen=True)
class Unusable:
    """Why there is no device to use.

    :ivar reason: continues "the device ...".
    :ivar present: whether there is a link, whatever it leads to.
    """

    reason: str
    present: bool


class Devices:
    """Looks at, and waits for, the devices in a directory of links.

    :param directory: where the links by global id are.
    :param sysfs: where the kernel describes block devices by number.
    :param watch: makes what wakes a wait early.
    """

    def __init__(
        self,
        directory: str = names.BY_ID_DIRECTORY,
        *,
        sysfs: str = "/sys/dev/block",
        clock: clocks.Clock | None = None,
        watch: WatchFactory | None = None,
    ) -> None:
        self._directory = directory
        self._sysfs = sysfs
        self._clock = clock or clocks.SystemClock()
        self._watch = watch or inotify.Watches().watch

    def path(self, global_id: str) -> str:
        """The link of an object, whether it is there or not."""
        return os.path.join(self._directory, global_id)

    def look(self, global_id: str) -> Device | Unusable:
        """What the link of an object leads to now."""
        path = self.path(global_id)
        try:
            found = os.stat(path)
        except FileNotFoundError:
            return _absent(path)
        except OSError as error:
            return Unusable(f"cannot be examined: {error.strerror}", True)
        if not stat.S_ISBLK(found.st_mode):
            return Unusable("is not a block device", True)
        number = f"{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}"
        try:
            size = self._read(number, "size") * _SYSFS_SECTOR
            mode: Mode = "ro" if self._read(number, "ro") else "rw"
            _try_to_open(path)
        except OSError as error:
            return Unusable(f"does not open: {error.strerror}", True)
        return Device(path, number, size, mode)

    def find(self, path: str) -> str | None:
        """The global id of the object whose device a path leads to.

        :param path: a link of ours, which tells even when it has gone;
            ``/dev/sp-N`` or any other name of the device.
        :returns: None where no link here leads to the same device.
        """
        directory, name = os.path.split(path)
        if directory == self._directory:
            return name
        with contextlib.suppress(OSError):
            number = os.stat(path).st_rdev
            with os.scandir(self._directory) as entries:
                return _with_number(entries, number)
        return None

    def links(self) -> dict[int, str]:
        """The global id of each device here, by the device's number."""
        try:
            names = os.listdir(self._directory)
        except FileNotFoundError:
            return {}
        found = {}
        for name in names:
            with contextlib.suppress(OSError):
                found[os.stat(self.path(name)).st_rdev] = name
        return found

    def wait_ready(
        self,
        global_id: str,
        *,
        mode: Mode,
        size: int | None = None,
        timeout: float,
    ) -> Device:
        """Wait until an object's device can be used.

        :param mode: rw asks for a device that may be written; any device
            will do for ro.
        :param size: bytes that the device has to have; None takes any but
            an empty one.
        :param timeout: seconds.
        :raises DeviceNotReady: it could not in that time; the message says
            what was seen.
        """
        seen: Device | Unusable = Unusable("was not looked for", False)

        def is_ready() -> bool:
            nonlocal seen
            seen = _judge(self.look(global_id), mode, size)
            return isinstance(seen, Device)

        self._wait(is_ready, timeout)
        if isinstance(seen, Device):
            return seen
        raise errors.DeviceNotReady(
            f"the device {self.path(global_id)} {seen.reason}, after"
            f" {timeout:g} s: is storpool_block running on this host, and"
            " udev making its links?"
        )

    def wait_gone(self, global_id: str, *, timeout: float) -> None:
        """Wait until there is no link of an object.

        :param timeout: seconds.
        :raises DeviceNotReady: the link is still there.
        """
        if self._wait(lambda: not self._has_link(global_id), timeout):
            return
        raise errors.DeviceNotReady(
            f"the link {self.path(global_id)} is still there {timeout:g} s"
            " after its volume was detached: it may lead to the device of"
            " another volume; is udev running on this host?"
        )

    def _has_link(self, global_id: str) -> bool:
        return os.path.lexists(self.path(global_id))

    def _wait(self, is_done: Callable[[], bool], timeout: float) -> bool:
        if is_done():
            return True
        deadline = self._clock.now() + timeout
        pause = _FIRST_RECHECK
        while True:
            # A new watch each time: the directory comes with its first link
            # and goes with its last. A change between two watches is seen
            # by the look that follows.
            with self._watch(self._directory, self._clock) as watch:
                if is_done():
                    return True
                left = deadline - self._clock.now()
                if left <= 0:
                    return False
                watch.wait(min(pause, left))
            pause = min(pause * 2, _RECHECK)

    def _read(self, number: str, attribute: str) -> int:
        path = os.path.join(self._sysfs, number, attribute)
        with open(path, encoding="ascii") as file:
            return int(file.read())


def _absent(path: str) -> Unusable:
    try:
        target = os.readlink(path)
    except OSError:
        return Unusable("is absent", False)
    return Unusable(f"is a dangling link to {target}", True)


def _with_number(
    entries: Iterator[os.DirEntry[str]], number: int
) -> str | None:
    for entry in entries:
        with contextlib.suppress(OSError):
            if number and entry.stat().st_rdev == number:
                return entry.name
    return None


def _try_to_open(path: str) -> None:
    # Never for writing: udev takes the close of a writer for a change, and
    # examines the device and makes its links anew.
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
    except OSError as error:
        if error.errno not in _NOT_OURS_TO_OPEN:
            raise


def _judge(
    seen: Device | Unusable, mode: Mode, size: int | None
) -> Device | Unusable:
    if isinstance(seen, Unusable):
        return seen
    if seen.mode == "ro" and mode == "rw":
        return Unusable("cannot be written", True)
    if size is None and seen.size == 0:
        return Unusable("is empty", True)
    if size is not None and seen.size != size:
        return Unusable(
            f"has {seen.size} bytes instead of {size}", present=True
        )
    return seen
