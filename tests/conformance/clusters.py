# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cluster that the scenarios run against.

It is a simulator of the scenario's own, unless ``STORPOOL_CONFORMANCE`` says
``cluster``: then it is the one that storpool.conf and the environment name.
"""

from collections.abc import Mapping
import contextlib
import os
import time
import typing

import fixtures

from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_common import errors
from storpool_simulator import bridges
from storpool_simulator import testing

#: Which kind of cluster; nothing but ``cluster`` touches a real one.
KIND = "STORPOOL_CONFORMANCE"
#: Clients of a real cluster to which volumes may be attached.
CLIENTS = "STORPOOL_CONFORMANCE_CLIENTS"
#: The template of a real cluster in which volumes may be made.
TEMPLATES = "STORPOOL_CONFORMANCE_TEMPLATES"
#: Another cluster of a real one's location, and that location.
REMOTE = "STORPOOL_CONFORMANCE_REMOTE"
#: A client of a real cluster whose host does not run.
DOWN = "STORPOOL_CONFORMANCE_DOWN"
#: The client that this machine is, of a real cluster.
HERE = "STORPOOL_CONFORMANCE_HERE"
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
    "positions": "make 1,025 volumes and attach them to one client",
    "remote": "make and forget locations, clusters and bridges of its own",
    "balancer": "stop the balancer and move volumes between groups",
}


class Neighbour(typing.NamedTuple):
    """Another cluster, and its location, by the names they have here."""

    location: str
    cluster: str


class Cluster(fixtures.Fixture):
    """Where scenarios run.

    :ivar settings: how it is reached.
    :ivar clients: clients to which volumes may be attached.
    :ivar templates: templates in which volumes may be made.
    :ivar rights: which of :data:`RIGHTS` scenarios have.
    :ivar may_lack_calls: whether it may be older than the declarations.
    :ivar forwards: whether a volume can be attached in one cluster and stay
        in another, which reads and writes are forwarded to.
    """

    kind: str
    settings: config.ApiSettings
    clients: tuple[int, ...]
    templates: tuple[str, ...]
    rights: frozenset[str]
    may_lack_calls: bool
    forwards: bool

    def neighbour(self) -> Neighbour | None:
        """Another cluster that volumes may go to."""
        raise NotImplementedError

    def down_client(self) -> int | None:
        """A client whose host does not run."""
        raise NotImplementedError

    def openable_client(self) -> int | None:
        """A client whose devices can be opened."""
        raise NotImplementedError

    def open_device(self, gid: str) -> None:
        """Hold a volume open at that client, which it is attached to."""
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        """Let time pass, in the cluster's eyes."""
        raise NotImplementedError


_ID, _OTHER = "near.a", "near.b"


class SimulatedCluster(Cluster):
    """A simulator in this process."""

    kind = "simulator"
    clients = (1, 2, 3)
    templates = testing.TEMPLATES
    rights = frozenset(RIGHTS)
    may_lack_calls = False
    forwards = False

    def _setUp(self) -> None:  # noqa: N802
        self._simulator = self.useFixture(
            testing.SimulatorFixture(cluster_id=_ID)
        )
        self.settings = self._simulator.settings

    def neighbour(self) -> Neighbour:
        """Found another cluster in the same location."""
        other = self.useFixture(testing.SimulatorFixture(cluster_id=_OTHER))
        self._introduce(self._simulator, other)
        self._introduce(other, self._simulator)
        return Neighbour(_OTHER.partition(".")[0], _OTHER)

    def _introduce(
        self,
        one: testing.SimulatorFixture,
        other: testing.SimulatorFixture,
    ) -> None:
        location, _, number = other.cluster_id.partition(".")
        with contextlib.closing(client.Client(one.settings)) as talker:
            talker.cluster_add(
                api.remote.RemoteClusterAddDesc(
                    id=number, location=location, name=other.cluster_id
                )
            )
            talker.remote_bridge_add(
                api.remote.RemoteBridgeAddDesc(
                    ip=f"{other.host}:{other.port}",
                    public_key=bridges.public_key(other.cluster_id),
                    remote=other.cluster_id,
                )
            )

    def down_client(self) -> int:
        """One whose host has crashed just now."""
        number = self.clients[-1]
        self._simulator.set_up("client", number, False)
        return number

    def openable_client(self) -> int:
        """Any."""
        return self.clients[0]

    def open_device(self, gid: str) -> None:
        """As if it were: there is no device on the memory plane."""
        self._simulator.add_fault(action="device_busy", count=None)

    def pass_time(self, seconds: float) -> None:
        """Turn the simulator's clock."""
        self._simulator.advance(seconds)


class RealCluster(Cluster):
    """The cluster that storpool.conf and the environment name.

    :raises ConfigurationError: they name none, or a variable is wrong.
    """

    kind = "cluster"
    may_lack_calls = True
    forwards = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.settings = config.load(environ=environ).api
        self.clients = tuple(
            _number(CLIENTS, each) for each in _list(environ, CLIENTS)
        )
        self.templates = tuple(_list(environ, TEMPLATES))
        self.rights = _rights(_list(environ, ALLOW))
        self._neighbour = _neighbour(environ.get(REMOTE, ""))
        self._down = _client(environ, DOWN)
        self._here = _client(environ, HERE)

    def neighbour(self) -> Neighbour | None:
        """The one that the environment names."""
        return self._neighbour

    def down_client(self) -> int | None:
        """The one that the environment names."""
        return self._down

    def openable_client(self) -> int | None:
        """This machine, if the environment says which client it is."""
        return self._here

    def open_device(self, gid: str) -> None:
        """Open it, until the end."""
        device = os.open(f"/dev/storpool-byid/{gid}", os.O_RDWR)
        self.addCleanup(os.close, device)

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


def _client(environ: Mapping[str, str], name: str) -> int | None:
    said = environ.get(name, "")
    return _number(name, said) if said else None


def _number(name: str, text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 4096:
        return int(text)
    raise errors.ConfigurationError(
        f"{name}: {text!r} is no client: write numbers from 1 to 4095"
    )


def _neighbour(text: str) -> Neighbour | None:
    if not text:
        return None
    location, _, cluster = text.partition("/")
    if location and cluster:
        return Neighbour(location, cluster)
    raise errors.ConfigurationError(
        f"{REMOTE}={text}: write LOCATION/CLUSTER, by their names"
    )


def _rights(names: typing.Sequence[str]) -> frozenset[str]:
    unknown = sorted(set(names) - set(RIGHTS))
    if unknown:
        raise errors.ConfigurationError(
            f"{ALLOW}: there is no right {unknown[0]!r}: write some of"
            f" {', '.join(RIGHTS)}"
        )
    return frozenset(names)
