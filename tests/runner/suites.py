# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What there is to run: suites of tests, and checks of the whole tree."""

import dataclasses

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
    """A module to run that looks at the whole tree; it counts as one test."""

    name: str
    command: tuple[str, ...]


#: Cinder and Nova register the same options, so one suite a package.
SUITES = (
    Suite("unit/runner", "tests/unit/runner"),
    Suite("unit/common", "tests/unit/common"),
    Suite("unit/simulator", "tests/unit/simulator"),
    Suite("unit/brick", "tests/unit/brick"),
    Suite("unit/cinder", "tests/unit/cinder"),
    Suite("unit/nova", "tests/unit/nova"),
    Suite("unit/stack", "tests/unit/stack"),
    Suite("unit/docs", "tests/unit/docs"),
    Suite("devstack", "tests/devstack"),
    Suite("ci", "tests/ci"),
    Suite("packaging", "tests/packaging"),
    Suite("eventlet/common", "tests/unit/common", mode="eventlet"),
    Suite("eventlet/brick", "tests/unit/brick", mode="eventlet"),
    Suite("eventlet/cinder", "tests/unit/cinder", mode="eventlet"),
    Suite("eventlet/nova", "tests/unit/nova", mode="eventlet"),
    # os-brick, Cinder and Nova import eventlet themselves.
    Suite("forbidden/common", "tests/unit/common", mode="forbidden"),
    Suite("fuzz", "tests/fuzz"),
    Suite("functional/common", "tests/functional/common"),
    Suite("functional/simulator", "tests/functional/simulator", serial=True),
    Suite("functional/vendor", "tests/functional/vendor"),
    Suite("functional/docs", "tests/functional/docs", serial=True),
    Suite("conformance", "tests/conformance"),
    Suite("functional/brick", "tests/functional/brick", serial=True),
    Suite("functional/cinder", "tests/functional/cinder", serial=True),
    Suite(
        "functional/cinder_api", "tests/functional/cinder_api", mode="eventlet"
    ),
    Suite("functional/nova", "tests/functional/nova", serial=True),
)


_SPHINX = ("sphinx", "-q", "-W", "--keep-going", "-b", "html")

CHECKS = (
    Check("ruff", ("ruff", "check")),
    Check("format", ("ruff", "format", "--check")),
    Check("hacking", ("flake8",)),
    Check("bandit", ("bandit", "-q", "-r", *PACKAGES)),
    Check("types", ("mypy",)),
    Check("shell", ("tests.devstack.shell",)),
    Check("yaml", ("yamllint", "-s", ".yamllint", "zuul.d", "playbooks")),
    Check("playbooks", ("ansiblelint", "--offline", "-q", "playbooks")),
    Check(
        "doc8",
        (
            "doc8",
            "-q",
            "README.rst",
            "HACKING.rst",
            "CONTRIBUTING.rst",
            "doc/source",
        ),
    ),
    Check("docs", (*_SPHINX, "doc/source", "doc/build/html")),
    Check(
        "releasenotes",
        (*_SPHINX, "releasenotes/source", "releasenotes/build/html"),
    ),
)


def present() -> list[Suite]:
    """The suites whose directory is there and has tests."""
    return [
        suite
        for suite in SUITES
        if any((environment.ROOT / suite.path).rglob("test_*.py"))
    ]
