# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of a file are, by the FIEMAP ioctl of Linux.

Files that were copied by reference share extents until one is written to,
and ``st_blocks`` counts those for each. So what an object keeps itself is
what lies elsewhere than its parent's bytes.
"""

from collections.abc import Iterator
import fcntl
import os
import pathlib
import struct

_FS_IOC_FIEMAP = 0xC020660B
_LAST = 1
_WHOLE = (1 << 64) - 1

#: ``struct fiemap``: start, length, flags, extents mapped, room for extents.
_HEADER = struct.Struct("=QQIIII")
#: ``struct fiemap_extent``: where in the file, where on disk, length, flags.
_EXTENT = struct.Struct("=QQQ16xI12x")
_ROOM = 512

#: Bytes on disk: from, to.
Range = tuple[int, int]


def own(path: pathlib.Path, parent: pathlib.Path | None) -> int:
    """Bytes of a file that are not its parent's."""
    mine = sorted(_ranges(path))
    total = sum(end - start for start, end in mine)
    if parent is None or not total:
        return total
    return total - _shared(mine, sorted(_ranges(parent)))


def _shared(first: list[Range], second: list[Range]) -> int:
    """Bytes that two sorted lists of ranges have in common."""
    shared = 0
    left, right = 0, 0
    while left < len(first) and right < len(second):
        start = max(first[left][0], second[right][0])
        end = min(first[left][1], second[right][1])
        shared += max(0, end - start)
        if first[left][1] < second[right][1]:
            left += 1
        else:
            right += 1
    return shared


def _ranges(path: pathlib.Path) -> Iterator[Range]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        start, last = 0, False
        while not last:
            last = True
            for logical, physical, length, flags in _map(descriptor, start):
                yield physical, physical + length
                start, last = logical + length, bool(flags & _LAST)
    finally:
        os.close(descriptor)


def _map(file: int, start: int) -> Iterator[tuple[int, int, int, int]]:
    asked = _HEADER.pack(start, _WHOLE - start, 0, 0, _ROOM, 0)
    buffer = bytearray(asked.ljust(_HEADER.size + _ROOM * _EXTENT.size, b"\0"))
    fcntl.ioctl(file, _FS_IOC_FIEMAP, buffer)
    mapped = _HEADER.unpack_from(buffer)[3]
    for number in range(mapped):
        offset = _HEADER.size + number * _EXTENT.size
        yield _EXTENT.unpack_from(buffer, offset)
