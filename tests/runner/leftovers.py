# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a suite must not leave behind on the machine."""

import pathlib
import subprocess

LINKS = ("/dev/storpool", "/dev/storpool-byid")


def snapshot() -> dict[str, set[str]]:
    """Loop devices in use, mounts and StorPool links, as they are now."""
    return {
        "loop device": _lines(["losetup", "--noheadings", "--list"]),
        "mount": set(
            pathlib.Path("/proc/self/mounts").read_text().split("\n")
        ),
        "link": {
            str(link)
            for directory in LINKS
            for link in pathlib.Path(directory).glob("*")
        },
    }


def since(before: dict[str, set[str]]) -> list[str]:
    """What is there now and was not there before, in words."""
    return [
        f"left behind: {kind} {item}"
        for kind, items in snapshot().items()
        for item in sorted(items - before[kind])
    ]


def _lines(command: list[str]) -> set[str]:
    answer = subprocess.run(command, capture_output=True, text=True)
    return {line for line in answer.stdout.split("\n") if line}
