# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What there is to run: suites of tests, and checks of the whole tree."""

import dataclasses

from tests import concurrency
from tests.runner import environment

PACKAGES = (
    "cinder_storpool",
    "nova_storpool",
    "os_brick_storpool",
    "storpool_common",
    "storpool_simulator",
)


@dataclasses.dataclass(frozen=True)
class Suite:
    """Tests that share a process tree, discovered below one directory.

    :ivar mode: how threads work in it, see tests.concurrency.
    :ivar serial: the tests share something of the machine; run one by one.
    """

    name: str
    path: str
    mode: str = "native"
    serial: bool = False


@dataclasses.dataclass(frozen=True)
class Check:
    """A command that looks at the whole tree; it counts as one test."""

    name: str
    command: tuple[str, ...]


#: Cinder and Nova register the same options, so one suite a package.
SUITES = (
    Suite("unit/common", "tests/unit/common"),
    Suite("unit/simulator", "tests/unit/simulator"),
    Suite("unit/brick", "tests/unit/brick"),
    Suite("unit/cinder", "tests/unit/cinder"),
    Suite("unit/nova", "tests/unit/nova"),
    Suite("unit/stack", "tests/unit/stack"),
    Suite("eventlet/common", "tests/unit/common", mode="eventlet"),
    Suite("eventlet/brick", "tests/unit/brick", mode="eventlet"),
    Suite("eventlet/cinder", "tests/unit/cinder", mode="eventlet"),
    Suite("forbidden/common", "tests/unit/common", mode="forbidden"),
    Suite("functional/common", "tests/functional/common"),
    Suite("functional/simulator", "tests/functional/simulator", serial=True),
    Suite("functional/brick", "tests/functional/brick", serial=True),
    Suite("functional/cinder", "tests/functional/cinder", serial=True),
)


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(environment.python()), "-m", name, *arguments)


def _sphinx(source: str, target: str) -> tuple[str, ...]:
    options = ("-q", "-W", "--keep-going", "-b", "html")
    return _module("sphinx", *options, source, target)


CHECKS = (
    Check("ruff", _module("ruff", "check")),
    Check("format", _module("ruff", "format", "--check")),
    Check("hacking", _module("flake8")),
    Check("bandit", _module("bandit", "-q", "-r", *PACKAGES)),
    Check("types", _module("mypy")),
    Check(
        "doc8",
        _module(
            "doc8",
            "-q",
            *("README.rst", "HACKING.rst", "CONTRIBUTING.rst", "doc/source"),
        ),
    ),
    Check("docs", _sphinx("doc/source", "doc/build/html")),
    Check(
        "releasenotes",
        _sphinx("releasenotes/source", "releasenotes/build/html"),
    ),
)


def present() -> list[Suite]:
    """The suites whose directory is there and has tests."""
    return [
        suite
        for suite in SUITES
        if any((environment.ROOT / suite.path).rglob("test_*.py"))
    ]


def environ(suite: Suite) -> dict[str, str]:
    """What a suite's processes see beside the caller's environment."""
    return {
        "OS_TEST_PATH": f"./{suite.path}",
        concurrency.VARIABLE: suite.mode,
        "PYTHONPATH": str(environment.ROOT),
    }
