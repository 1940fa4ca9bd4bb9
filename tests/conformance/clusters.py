# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cluster that the scenarios run against.

It is a simulator of the scenario's own, unless ``STORPOOL_CONFORMANCE`` says
``cluster``: then it is the one that storpool.conf and the environment name.
"""

from collections.abc import Mapping
import os
import time
import typing

import fixtures

from storpool_common import config
from storpool_common import errors
from storpool_simulator import testing

#: Which kind of cluster; nothing but ``cluster`` touches a real one.
KIND = "STORPOOL_CONFORMANCE"
#: Clients of a real cluster to which volumes may be attached.
CLIENTS = "STORPOOL_CONFORMANCE_CLIENTS"
#: The template of a real cluster in which volumes may be made.
TEMPLATES = "STORPOOL_CONFORMANCE_TEMPLATES"
#: What of a real cluster's own configuration may be changed.
ALLOW = "STORPOOL_CONFORMANCE_ALLOW"

#: What a scenario may change beside volumes and snapshots of its own.
RIGHTS = {
    "templates": "make, change and delete templates of its own",
    "placement-groups": "make, change and delete placement groups of its own",
    "iscsi": "change the iSCSI configuration: objects of its own",
    "kv": "make, change and delete key-value buckets of its own",
    "maintenance": "put the last node into maintenance for a minute",
    "disks": "describe, check, retrim and begin to drain the last disk",
    "balancer": "stop the balancer and move volumes between groups",
}


class Cluster(fixtures.Fixture):  # type: ignore[misc]
    """Where scenarios run.

    :ivar settings: how it is reached.
    :ivar clients: clients to which volumes may be attached.
    :ivar templates: templates in which volumes may be made.
    :ivar rights: which of :data:`RIGHTS` scenarios have.
    :ivar may_lack_calls: whether it may be older than the declarations.
    """

    kind: str
    settings: config.ApiSettings
    clients: tuple[int, ...]
    templates: tuple[str, ...]
    rights: frozenset[str]
    may_lack_calls: bool

    def pass_time(self, seconds: float) -> None:
        """Let time pass, in the cluster's eyes."""
        raise NotImplementedError


class SimulatedCluster(Cluster):
    """A simulator in this process."""

    kind = "simulator"
    clients = (1, 2, 3)
    templates = testing.TEMPLATES
    rights = frozenset(RIGHTS)
    may_lack_calls = False

    def _setUp(self) -> None:  # noqa: N802
        self._simulator = self.useFixture(testing.SimulatorFixture())
        self.settings = self._simulator.settings

    def pass_time(self, seconds: float) -> None:
        """Turn the simulator's clock."""
        self._simulator.advance(seconds)


class RealCluster(Cluster):
    """The cluster that storpool.conf and the environment name.

    :raises ConfigurationError: they name none, or a variable is wrong.
    """

    kind = "cluster"
    may_lack_calls = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.settings = config.load(environ=environ).api
        self.clients = tuple(_number(each) for each in _list(environ, CLIENTS))
        self.templates = tuple(_list(environ, TEMPLATES))
        self.rights = _rights(_list(environ, ALLOW))

    def pass_time(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def chosen(environ: Mapping[str, str] = os.environ) -> Cluster:
    """The cluster that the environment chooses.

    :raises ConfigurationError: what it says cannot be understood.
    """
    kind = environ.get(KIND, SimulatedCluster.kind)
    if kind == SimulatedCluster.kind:
        return SimulatedCluster()
    if kind == RealCluster.kind:
        return RealCluster(environ)
    raise errors.ConfigurationError(
        f"{KIND}={kind}: write {SimulatedCluster.kind} or {RealCluster.kind}"
    )


def _list(environ: Mapping[str, str], name: str) -> list[str]:
    return [
        each.strip()
        for each in environ.get(name, "").split(",")
        if each.strip()
    ]


def _number(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 4096:
        return int(text)
    raise errors.ConfigurationError(
        f"{CLIENTS}: {text!r} is no client: write numbers from 1 to 4095"
    )


def _rights(names: typing.Sequence[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(RIGHTS))
    if unknown:
        raise errors.ConfigurationError(
            f"{ALLOW}: there is no right {unknown[0]!r}: write some of"
            f" {', '.join(RIGHTS)}"
        )
    return frozenset(names)
