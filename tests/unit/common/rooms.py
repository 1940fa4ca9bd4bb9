# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which module may import what: the map at the head of HACKING.rst."""

import ast
from collections.abc import Iterator
import dataclasses
import pathlib

SERVICES = ("cinder", "glance", "nova")


@dataclasses.dataclass(frozen=True)
class Room:
    """A package, or a module that has a rule of its own.

    :ivar ours: modules of this distribution that it may import, and what is
        below them.
    :ivar others: packages of others that it may not import; a name that
        ends in an underscore stands for all that begin with it.
    """

    ours: tuple[str, ...]
    others: tuple[str, ...] = ()


#: What a command shows its output with, and nothing else needs.
_SHELL = ("cliff", "prettytable", "rich", "yaml")
_OPENSTACK = (*SERVICES, "os_brick", "oslo_", "eventlet", *_SHELL)
#: The longest name that a module begins with holds.
ROOMS = {
    "storpool_common": Room(("storpool_common",), _OPENSTACK),
    "storpool_common.config_source": Room(
        ("storpool_common",), (*SERVICES, "os_brick", "eventlet", *_SHELL)
    ),
    "storpool_common.cli": Room(
        ("storpool_common",), (*SERVICES, "os_brick", "eventlet")
    ),
    "os_brick_storpool": Room(
        ("storpool_common", "os_brick_storpool"), (*SERVICES, "eventlet")
    ),
    "cinder_storpool": Room(
        ("storpool_common", "os_brick_storpool", "cinder_storpool"),
        ("glance", "nova", "eventlet"),
    ),
    "nova_storpool": Room(
        ("storpool_common", "os_brick_storpool", "nova_storpool"),
        ("cinder", "glance", "eventlet"),
    ),
    "glance_storpool": Room(
        ("storpool_common", "os_brick_storpool", "glance_storpool"),
        ("cinder", "nova", "eventlet"),
    ),
    "storpool_simulator": Room(
        ("storpool_common.api", "storpool_simulator"), _OPENSTACK
    ),
    # A fixture hands its tests what a client is made with.
    "storpool_simulator.testing": Room(
        (
            "storpool_common.api",
            "storpool_common.config",
            "storpool_simulator",
        ),
        _OPENSTACK,
    ),
}
PACKAGES = tuple(name for name in ROOMS if "." not in name)


def violations(root: pathlib.Path) -> list[str]:
    """Imports in a source tree that the map does not have."""
    return [
        f"{path.relative_to(root)}:{line}: {module} may not import {name}"
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        for module in [_module(root, path)]
        for line, name in _imports(path, module)
        if not _allowed(module, name)
    ]


def _module(root: pathlib.Path, path: pathlib.Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imports(path: pathlib.Path, module: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield node.lineno, alias.name
            case ast.ImportFrom():
                source = _source(node, path, module)
                for alias in node.names:
                    yield node.lineno, f"{source}.{alias.name}"
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module" | "import_class"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def _source(node: ast.ImportFrom, path: pathlib.Path, module: str) -> str:
    """The absolute name of what ``from ... import`` takes from."""
    if not node.level:
        return str(node.module)
    up = node.level - (path.name == "__init__.py")
    parts = module.split(".")
    base = parts[: len(parts) - up]
    return ".".join([*base, *([node.module] if node.module else [])])


def _allowed(module: str, name: str) -> bool:
    room = ROOMS[max((key for key in ROOMS if _in(module, key)), key=len)]
    root = name.partition(".")[0]
    if root in PACKAGES:
        return any(_in(name, ours) for ours in room.ours)
    return not any(
        root.startswith(other) if other.endswith("_") else root == other
        for other in room.others
    )


def _in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")
