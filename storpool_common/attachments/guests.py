# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which guests of this host have which devices, as the kernel tells it.

For when the records cannot tell. libvirt starts QEMU with the instance's
UUID, and with the paths of the disks that the guest was started with; disks
that came later are seen among the process's open files, which only root and
the process's own user may look at.
"""

import contextlib
import os
import re
import stat

from storpool_common.devices import Devices
from storpool_common.names import BY_ID_DIRECTORY

# os-brick gives encrypted volumes a link of its own, in /dev/disk/by-id, with
# + for each / of the path.
_BY_ID = re.compile(
    re.escape(os.path.basename(BY_ID_DIRECTORY)) + r"[/+]([A-Za-z0-9.]+)"
)
_PROGRAM = re.compile(r"(^|/)qemu-(system|kvm)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def guests(devices: Devices, proc: str = "/proc") -> dict[str, set[str]]:
    """The UUIDs of the guests that use each object, by its global id.

    A guest that is not found may be there all the same: in another process
    name space, or with a disk that was attached while it ran.

    :param proc: where the kernel shows the processes.
    """
    links = devices.links()
    found: dict[str, set[str]] = {}
    for pid in filter(str.isdigit, os.listdir(proc)):
        with contextlib.suppress(OSError):
            directory = os.path.join(proc, pid)
            arguments = _arguments(directory)
            uuid = _uuid(arguments)
            if uuid is None:
                continue
            for global_id in {
                *_BY_ID.findall("\n".join(arguments)),
                *_open_devices(directory, links),
            }:
                found.setdefault(global_id, set()).add(uuid)
    return found


def _arguments(directory: str) -> list[str]:
    with open(os.path.join(directory, "cmdline"), "rb") as file:
        return file.read().decode(errors="replace").split("\0")


def _uuid(arguments: list[str]) -> str | None:
    if not _PROGRAM.search(arguments[0]) or "-uuid" not in arguments[:-1]:
        return None
    uuid = arguments[arguments.index("-uuid") + 1]
    return uuid if _UUID.fullmatch(uuid) else None


def _open_devices(directory: str, links: dict[int, str]) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(PermissionError):
        descriptors = os.path.join(directory, "fd")
        for name in os.listdir(descriptors):
            with contextlib.suppress(OSError):
                seen = os.stat(os.path.join(descriptors, name))
                if stat.S_ISBLK(seen.st_mode) and seen.st_rdev in links:
                    found.add(links[seen.st_rdev])
    return found
