# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the suites must not leave behind on the machine.

The machine may be shared, with loop devices and StorPool links of others on
it. The suites keep their temporary files below one directory, so what is
theirs is what leads there.
"""

from collections.abc import Iterator
import pathlib

LINKS = (pathlib.Path("/dev/storpool"), pathlib.Path("/dev/storpool-byid"))


def below(directory: pathlib.Path) -> list[str]:
    """Processes, mounts, loop devices and links of the suites, in words.

    :param directory: where the suites had their temporary files.
    """
    root = str(directory.resolve())
    devices = dict(_loop_devices(root))
    return [
        *(f"left behind: process {line}" for line in _processes(root)),
        *(f"left behind: mount on {path}" for path in _mounts(root)),
        *(
            f"left behind: {device} of {backing}"
            for device, backing in devices.items()
        ),
        *(
            f"left behind: {link} to {link.resolve()}"
            for parent in LINKS
            for link in parent.glob("*")
            if str(link.resolve()) in devices
        ),
    ]


def _processes(root: str) -> Iterator[str]:
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue  # it has ended meanwhile
        if root in words:
            yield f"{entry.parent.name}: {words}"


def _mounts(root: str) -> Iterator[str]:
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        path = line.split()[1]
        if path.startswith(root):
            yield path


def _loop_devices(root: str) -> Iterator[tuple[str, str]]:
    for entry in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
        backing = entry.read_text().strip()
        if backing.startswith(root):
            yield f"/dev/{entry.parent.parent.name}", backing
