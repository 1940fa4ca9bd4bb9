# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A sparse file with a file system that copies a file by reference."""

from collections.abc import Iterable
import contextlib
import errno
import fcntl
import os
import pathlib
import subprocess  # nosec B404

from storpool_simulator.dataplane import extents
from storpool_simulator.dataplane import loopdev
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.dataplane.protocol import PoolFull
from storpool_simulator.model.capacity import Space

#: XFS refuses to be smaller.
LEAST_SIZE = 300 << 20

_FICLONE = 0x40049409
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Pool:
    """The file system, and the contents of objects in it.

    :param image: the sparse file.
    :param directory: where it is mounted.
    :param size: bytes of a file system that is made.
    """

    def __init__(
        self, image: pathlib.Path, directory: pathlib.Path, size: int
    ) -> None:
        self._image = image
        self._directory = directory
        self._size = size

    @property
    def objects(self) -> pathlib.Path:
        """The directory of the contents."""
        return self._directory / "objects"

    def mount(self) -> None:
        """Mount the file system; make it first where it is missing.

        One that a killed process left mounted is used as it is.
        """
        try:
            self._directory.mkdir(exist_ok=True)
            if not self._directory.is_mount():
                self._format()
                self._mount()
            self.objects.mkdir(exist_ok=True)
        except OSError as error:
            raise PlaneFailed(
                f"cannot use the pool {self._image}: {error}"
            ) from error

    def _format(self) -> None:
        if self._image.exists():
            return
        if self._size < LEAST_SIZE:
            raise PlaneFailed(
                f"a pool of {self._size} bytes is too small: XFS wants"
                f" {LEAST_SIZE}"
            )
        fresh = self._image.with_suffix(".new")
        with fresh.open("wb") as file:
            file.truncate(self._size)
        _run("mkfs.xfs", "-q", "-f", "-m", "reflink=1", str(fresh))
        fresh.rename(self._image)

    def _mount(self) -> None:
        node = self._device()
        try:
            _run(
                "mount",
                *("-t", "xfs", "-o", "discard,noatime,nouuid"),
                *(str(node), str(self._directory)),
            )
        finally:
            # Mounted or not: the device goes with its last user.
            loopdev.forget(node)

    def _device(self) -> pathlib.Path:
        """The device of the image.

        One that is there is used again: left by a killed process, or kept
        by a mount namespace that was made while the pool was mounted. A
        second one would be a second file system on the same bytes.
        """
        for node in self._devices():
            return node
        file = os.open(self._image, os.O_RDWR | os.O_CLOEXEC)
        try:
            return loopdev.bind(file, "pool")
        finally:
            os.close(file)

    def _devices(self) -> list[pathlib.Path]:
        return [
            device.node
            for device in loopdev.bound()
            if device.backing == self._image
        ]

    def unmount(self) -> str | None:
        """Unmount it, if it is mounted; says why when that fails."""
        if not self._directory.is_mount():
            for node in self._devices():
                loopdev.forget(node)
            return None
        try:
            _run("umount", str(self._directory))
        except PlaneFailed as error:
            return str(error)
        return None

    def space(self) -> Space:
        """Bytes in all and bytes free."""
        status = os.statvfs(self._directory)
        return Space(
            status.f_blocks * status.f_frsize,
            status.f_bavail * status.f_frsize,
        )

    def path(self, name: str) -> pathlib.Path:
        """The file of that name."""
        return self.objects / name

    def make(self, name: str, source: str | None, size: int) -> None:
        """Make a file: a copy of another one, or a hole.

        :raises PoolFull: there is no room.
        """
        try:
            with self.path(name).open("wb") as file:
                if source is not None:
                    with self.path(source).open("rb") as original:
                        fcntl.ioctl(file, _FICLONE, original.fileno())
                file.truncate(size)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise PoolFull(f"no room for {name}") from error
            raise PlaneFailed(f"cannot make {name}: {error}") from error

    def extents(self, name: str) -> list[tuple[int, int]]:
        """Where a file is no hole: offsets and lengths."""
        found: list[tuple[int, int]] = []
        with self.path(name).open("rb") as file:
            end = 0
            while True:
                try:
                    start = os.lseek(file.fileno(), end, os.SEEK_DATA)
                except OSError as error:
                    if error.errno == errno.ENXIO:
                        return found
                    raise
                end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                found.append((start, end - start))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes of a file."""
        with self.path(name).open("rb") as file:
            return os.pread(file.fileno(), length, offset)

    def receive(
        self, name: str, size: int, pieces: Iterable[tuple[int, bytes]]
    ) -> None:
        """Make a file of pieces; it is not there if that fails.

        :raises PoolFull: there is no room.
        """
        self.make(name, None, size)
        try:
            with self.path(name).open("r+b", buffering=0) as file:
                for offset, data in pieces:
                    os.pwrite(file.fileno(), data, offset)
        except BaseException as error:
            self.remove(name)
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                raise PoolFull(f"no room for {name}") from error
            raise

    def remove(self, name: str) -> None:
        """Remove a file, and have its room back at once.

        XFS frees an unlinked file some time later, a truncated one now.
        """
        path = self.path(name)
        with contextlib.suppress(FileNotFoundError):
            os.truncate(path, 0)
            path.unlink()

    def touched(self, name: str) -> int:
        """When a file was last written to; any write changes it."""
        return self.path(name).stat().st_mtime_ns

    def stored(self, name: str, parent: str | None) -> int:
        """Bytes that a file takes beyond what it shares with its parent."""
        return extents.own(
            self.path(name), self.path(parent) if parent else None
        )

    def adapt_size(self, name: str, size: int) -> bool:
        """Give a file a size; tells whether it had another one."""
        path = self.path(name)
        if path.stat().st_size == size:
            return False
        os.truncate(path, size)
        return True


def _run(*command: str) -> None:
    try:
        subprocess.run(  # nosec B603
            command, check=True, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise PlaneFailed(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().replace("\n", " ")
        raise PlaneFailed(f"{' '.join(command)}: {said}") from error
