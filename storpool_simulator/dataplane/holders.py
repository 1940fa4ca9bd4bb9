# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Who has a block device open: processes, mounts, other devices."""

from collections.abc import Iterator
import contextlib
import os
import pathlib
import stat

#: Names of processes that look into every device that changes.
_UDEV = ("(udev-worker)", "systemd-udevd", "udevd")


def describe(node: pathlib.Path) -> str:
    """Name who has a device open, as far as it can be seen."""
    return ", ".join(found(node)) or "somebody who is not in sight"


def nobody_stays(node: pathlib.Path) -> bool:
    """Whether nobody but udev has a device open, and that not for long."""
    return all(each.startswith(_UDEV) for each in found(node))


def found(node: pathlib.Path) -> list[str]:
    """Everybody who is seen to have a device open."""
    return sorted({*_processes(node), *_mounts(node), *_stacked(node)})


def _processes(node: pathlib.Path) -> Iterator[str]:
    device = node.stat().st_rdev
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        # Processes end while we look.
        with contextlib.suppress(OSError):
            if any(_is_device(file, device) for file in _files(process)):
                name = (process / "comm").read_text().strip()
                yield f"{name} (pid {process.name})"


def _files(process: pathlib.Path) -> Iterator[str]:
    with os.scandir(process / "fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if os.readlink(entry.path).startswith("/"):
                    yield entry.path


def _is_device(path: str, device: int) -> bool:
    status = os.stat(path)
    return stat.S_ISBLK(status.st_mode) and status.st_rdev == device


def _mounts(node: pathlib.Path) -> Iterator[str]:
    device = node.stat().st_rdev
    number = f"{os.major(device)}:{os.minor(device)}"
    seen = set()
    for table in pathlib.Path("/proc").glob("[0-9]*/mountinfo"):
        with contextlib.suppress(OSError):
            space = os.readlink(table.parent / "ns" / "mnt")
            if space in seen:
                continue
            seen.add(space)
            for line in table.read_text().splitlines():
                fields = line.split()
                if fields[2] == number:
                    yield f"mounted on {fields[4]}"


def _stacked(node: pathlib.Path) -> Iterator[str]:
    holders = pathlib.Path("/sys/block") / node.name / "holders"
    with contextlib.suppress(OSError):
        for holder in holders.iterdir():
            yield f"device {holder.name}"
