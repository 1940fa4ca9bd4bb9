# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The machine before ``up`` and after ``down``, compared."""

from collections.abc import Mapping
import dataclasses
import json
import os
import pathlib
import subprocess

State = Mapping[str, list[str]]


def _lines(*command: str) -> list[str]:
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False
    )
    return sorted(line.strip() for line in answer.stdout.splitlines())


def _mounts() -> list[str]:
    fields = (
        line.split()
        for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
    )
    return sorted(f"{source} on {target}" for source, target, *_ in fields)


def _nodes() -> list[str]:
    device = pathlib.Path("/dev")
    found = [*device.glob("storpool*"), *device.glob("storpool*/*")]
    found += device.glob("sp-*")
    return sorted(map(str, found))


def _files() -> list[str]:
    """What of the machine's own directories might be touched."""
    paths = (
        "/etc/storpool.conf", "/etc/storpool.conf.d", "/run/libvirt",
        "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt",
        "/var/lib/storpool-openstack", "/dev/disk/by-id",
    )  # fmt: skip
    return [path for path in paths if os.path.lexists(path)]


def record() -> State:
    """What there is of each kind, as sorted lines."""
    return {
        "loop devices": _lines(
            "losetup", "--list", "--noheadings", "--output", "NAME,BACK-FILE"
        ),
        "mounts": _mounts(),
        "StorPool nodes and links": _nodes(),
        "network links": sorted(os.listdir("/sys/class/net")),
        "network namespaces": sorted(
            path.name for path in pathlib.Path("/run/netns").glob("*")
        ),
        "files": _files(),
    }


def save(path: pathlib.Path, state: State) -> None:
    """Keep a recorded state in a file."""
    path.write_text(json.dumps(state, indent=1))


def load(path: pathlib.Path) -> State:
    """The state that was kept in a file."""
    state: State = json.loads(path.read_text())
    return state


@dataclasses.dataclass(frozen=True)
class Difference:
    """One line that came or went between two states."""

    kind: str
    line: str
    came: bool

    def __str__(self) -> str:
        verb = "new" if self.came else "gone"
        return f"{self.kind}: {verb}: {self.line}"


def compare(before: State, after: State) -> list[Difference]:
    """What came and what went, kind by kind."""
    found = []
    for kind in before:
        old, new = set(before[kind]), set(after.get(kind, []))
        found += [Difference(kind, line, True) for line in sorted(new - old)]
        found += [Difference(kind, line, False) for line in sorted(old - new)]
    return found
