# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Loop devices, by the ioctls of Linux's ``loop.h`` and ``fs.h``.

The tool ``losetup`` does the same in milliseconds a call; an attachment is
to take few of them, and whether a device is open is only told reliably by
the clearing ioctl itself (see :func:`unbind`).
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import dataclasses
import errno
import fcntl
import os
import pathlib
import stat
import struct
from typing import Any

_SET_STATUS64 = 0x4C04
_GET_STATUS64 = 0x4C05
_CLR_FD = 0x4C01
_SET_CAPACITY = 0x4C07
_CONFIGURE = 0x4C0A
_CTL_GET_FREE = 0x4C82
_BLKROSET = 0x125D

_READ_ONLY = 1
_AUTOCLEAR = 4
_DIRECT_IO = 16

_SECTOR = 512
_MAJOR = 7
#: ``struct loop_info64``: five 64 bit words (the fourth is the offset), four
#: 32 bit ones (the last has the flags), a label, and members of a time when
#: loop devices had ciphers.
_INFO = struct.Struct("=QQQQQIIII64s64s32sQQ")
_OFFSET, _FLAGS, _LABEL = 3, 8, 9
_BEYOND_EVERY_FILE = 1 << 62
#: ``struct loop_config`` around it: file, sector size; reserved words.
_CONFIG = struct.Struct(f"=II{_INFO.size}s64x")

_CONTROL = "/dev/loop-control"


@dataclasses.dataclass(frozen=True)
class Bound:
    """A loop device and the file behind it."""

    node: pathlib.Path
    backing: pathlib.Path
    label: str
    read_only: bool


def bind(file: int, label: str) -> pathlib.Path:
    """Bind a file to the first loop device that is free.

    :param file: descriptor; one that is only open for reading makes a
        read-only device.
    :param label: up to 63 bytes that :func:`bound` gives back.
    :returns: the device's node.
    :raises OSError: the kernel does not want to.
    """
    writable = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    info: list[Any] = [0] * _LABEL + [label.encode(), b"", b"", 0, 0]
    info[_FLAGS] = _DIRECT_IO if writable else _DIRECT_IO | _READ_ONLY
    config = _CONFIG.pack(file, _SECTOR, _INFO.pack(*info))
    while True:
        node = _free_node()
        try:
            with _opened(node, os.O_RDWR) as device:
                fcntl.ioctl(device, _CONFIGURE, config)
                _forbid_writing(device, False)
        except OSError as error:
            # Somebody else was given the same free device and was faster.
            if error.errno != errno.EBUSY:
                raise
        else:
            return node


def forget(node: pathlib.Path) -> None:
    """Let a device go with its last user; at once if it has none."""
    with _opened(node, os.O_RDONLY) as device, contextlib.suppress(OSError):
        fcntl.ioctl(device, _CLR_FD)


def unbind(node: pathlib.Path, farewell: Callable[[], None]) -> bool:
    """Unbind a device unless somebody has it open.

    Clearing a device that others have open only marks it to be cleared with
    its last close, and one that nobody has open is cleared when we close
    it. So: ask for it, look which of the two it is, and take the mark back.
    In between nobody can have gone unnoticed, because we have it open too.

    A device that is to be cleared cannot be opened any more, nor be given to
    another file before we close it: that is when its links may go.

    :param farewell: called then, and only then.
    :returns: False when somebody has it open; it stays as it was.
    """
    with _opened(node, os.O_RDONLY) as device:
        fcntl.ioctl(device, _CLR_FD)
        info = _status(device)
        if info is None:
            farewell()
            _forbid_writing(device, False)
            return True
        info[_FLAGS] &= ~_AUTOCLEAR
        fcntl.ioctl(device, _SET_STATUS64, _INFO.pack(*info))
    return False


def cut_off(node: pathlib.Path, label: str) -> None:
    """Take a device away from whoever has it open.

    It becomes empty to them, so all their I/O fails or finds the end. The
    device goes with its last close.

    :param label: what it is called from then on.
    """
    with _opened(node, os.O_RDONLY) as device:
        info = _status(device)
        if info is None:
            return
        info[_OFFSET] = _BEYOND_EVERY_FILE
        info[_LABEL] = label.encode()
        fcntl.ioctl(device, _SET_STATUS64, _INFO.pack(*info))
        _forbid_writing(device, False)
        fcntl.ioctl(device, _CLR_FD)


def adapt_size(node: pathlib.Path) -> None:
    """Let a device have the size of its file."""
    with _opened(node, os.O_RDONLY) as device:
        fcntl.ioctl(device, _SET_CAPACITY)


def set_read_only(node: pathlib.Path, read_only: bool) -> None:
    """Forbid or allow writing to a device."""
    with _opened(node, os.O_RDONLY) as device:
        _forbid_writing(device, read_only)


def _forbid_writing(device: int, forbid: bool) -> None:
    """The block layer's own mark, which outlives the file behind a device.

    Linux 6.18 gives a device that was unbound while marked to its next user
    read-only, so the mark is taken off at both ends.
    """
    fcntl.ioctl(device, _BLKROSET, struct.pack("=i", forbid))


def bound() -> Iterator[Bound]:
    """Every loop device that is bound to a file."""
    for loop in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
        node = pathlib.Path("/dev") / loop.parents[1].name
        # It may go away while we look.
        with contextlib.suppress(OSError):
            backing = pathlib.Path(loop.read_text().rstrip("\n"))
            read_only = (loop.parents[1] / "ro").read_text().strip() == "1"
            with _opened(node, os.O_RDONLY) as device:
                info = _status(device)
            if info is not None:
                label = info[_LABEL].rstrip(b"\0").decode(errors="replace")
                yield Bound(node, backing, label, read_only)


def is_bound(node: pathlib.Path) -> bool:
    """Whether a loop device has a file behind it."""
    return (pathlib.Path("/sys/block") / node.name / "loop").is_dir()


def _free_node() -> pathlib.Path:
    with _opened(pathlib.Path(_CONTROL), os.O_RDWR) as control:
        number = fcntl.ioctl(control, _CTL_GET_FREE)
    node = pathlib.Path(f"/dev/loop{number}")
    if not node.exists():
        # A container's /dev does not follow the kernel's.
        mode = stat.S_IFBLK | 0o600
        with contextlib.suppress(FileExistsError):
            os.mknod(node, mode, os.makedev(_MAJOR, number))
    return node


def _status(device: int) -> list[Any] | None:
    """The device's ``loop_info64``; None when no file is bound to it."""
    try:
        packed = fcntl.ioctl(device, _GET_STATUS64, bytes(_INFO.size))
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise
    return list(_INFO.unpack(packed))


@contextlib.contextmanager
def _opened(node: pathlib.Path, mode: int) -> Iterator[int]:
    descriptor = os.open(node, mode | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
