# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The links by which a client finds a device.

In a client's directory (``/dev``): ``sp-N``, ``storpool/NAME`` and
``storpool-byid/GLOBALID``, each to the node itself. They are absolute, so
that they are right as well where somebody mounts ``storpool`` elsewhere.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Set
import contextlib
import os
import pathlib

from storpool_simulator.dataplane import loopdev
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import StoredObject

BY_NAME = "storpool"
BY_ID = "storpool-byid"


def names(target: StoredObject, attachment: Attachment) -> list[str]:
    """The links of an attachment, relative to its client's directory."""
    found = [f"sp-{attachment.pos}", f"{BY_ID}/{target.global_id}"]
    if target.name and target.name.strip("."):
        found.append(f"{BY_NAME}/{target.name}")
    return found


class Links:
    """What was linked, by directory and global id."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], dict[str, str]] = {}

    def arrange(
        self, directory: str, global_id: str, wanted: Mapping[str, str]
    ) -> None:
        """Let an object have exactly these links in a directory.

        :param wanted: node by name of the link.
        """
        made = self._made.setdefault((directory, global_id), {})
        for name in [each for each in made if each not in wanted]:
            _unlink(pathlib.Path(directory, name), made.pop(name))
        for name, node in wanted.items():
            if made.get(name) != node:
                _link(pathlib.Path(directory, name), node)
                made[name] = node
        if not made:
            del self._made[directory, global_id]

    def made(self, directory: str, global_id: str) -> dict[str, str]:
        """The links of an object in a directory: node by name."""
        return dict(self._made.get((directory, global_id), {}))

    def directories(self, global_id: str) -> list[str]:
        """The directories in which an object has links."""
        return [path for path, linked in self._made if linked == global_id]

    def paths(self) -> set[pathlib.Path]:
        """Every link."""
        return {
            pathlib.Path(directory, name)
            for (directory, _), made in self._made.items()
            for name in made
        }


def _link(path: pathlib.Path, node: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.symlink_to(node)
    except FileExistsError:
        if _leads_to(path, node):
            return
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(node)
        fresh.replace(path)


def _unlink(path: pathlib.Path, node: str) -> None:
    """Remove a link unless it has meanwhile become somebody else's."""
    if _leads_to(path, node):
        path.unlink(missing_ok=True)


def _leads_to(path: pathlib.Path, node: str) -> bool:
    try:
        return os.readlink(path) == node
    except OSError:
        return False


def sweep(directory: str, ours: Set[str], wanted: Set[pathlib.Path]) -> None:
    """Remove links that lead to nothing, or to a device that is ours."""
    for path, node in found(directory):
        if path in wanted:
            continue
        if node in ours or not loopdev.is_bound(pathlib.Path(node)):
            path.unlink(missing_ok=True)


def found(directory: str) -> Iterator[tuple[pathlib.Path, str]]:
    """Every link to a loop device in a client's directory, and its node."""
    root = pathlib.Path(directory)
    places: Iterable[pathlib.Path] = (
        *root.glob("sp-*"),
        *root.glob(f"{BY_NAME}/*"),
        *root.glob(f"{BY_ID}/*"),
    )
    for path in places:
        with contextlib.suppress(OSError):
            node = os.readlink(path)
            if node.startswith("/dev/loop"):
                yield path, node
