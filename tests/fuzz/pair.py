# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Two clusters of one location that know each other."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import msgspec

from storpool_common import api
from storpool_simulator.bridges import public_key
from storpool_simulator.model.switches import Switches
from storpool_simulator.service import Reply
from storpool_simulator.service import Request
from storpool_simulator.simulator import Options
from storpool_simulator.simulator import Simulator
from storpool_simulator.testing import CLIENTS
from storpool_simulator.testing import TEMPLATES
from tests.fuzz import words

TOKEN = "1234"


class Pair:
    """The cluster that is asked, and the one next to it.

    :param rules: the switches of both.
    :param clock: the time of both, in seconds since 1970.
    :ivar here: the one that is asked.
    :ivar there: the other; it has a volume ``v`` below a snapshot ``w`` that
        it shows to the location.
    """

    def __init__(self, rules: Switches, clock: Callable[[], float]) -> None:
        self.here = _simulator(words.CLUSTER, rules, clock)
        self.there = _simulator(words.NEIGHBOUR, rules, clock)

    def __enter__(self) -> "Pair":
        self.here.start()
        self.there.start()
        _introduce(self.here, "c", words.NEIGHBOUR, self.there.port)
        _introduce(self.there, "b", words.CLUSTER, self.here.port)
        for call, document in _THERE:
            must(self.there, call, document)
        return self

    def __exit__(self, *_: object) -> None:
        self.here.stop()
        self.there.stop()

    def both(self) -> Iterator[Simulator]:
        """One after the other."""
        yield self.here
        yield self.there


#: What the other cluster has to copy.
_THERE = (
    ("VolumeCreate", {"name": "v", "size": 1 << 30, "template": "hybrid"}),
    ("VolumeSnapshot/v", {"name": "w"}),
    ("SnapshotExport", {"snapshot": "w", "location": "sim"}),
)


def _simulator(
    cluster: str, rules: Switches, clock: Callable[[], float]
) -> Simulator:
    return Simulator(
        Options(
            token=TOKEN,
            clients=CLIENTS,
            templates=TEMPLATES,
            cluster_id=cluster,
            switches=rules,
            clock=clock,
        )
    )


def _introduce(whom: Simulator, name: str, cluster: str, port: int) -> None:
    location, _, number = cluster.partition(".")
    must(
        whom,
        "ClusterAdd",
        {"location": location, "id": number, "name": name},
    )
    must(
        whom,
        "RemoteBridgeAdd",
        {
            "ip": f"127.0.0.1:{port}",
            "publicKey": public_key(cluster),
            "remote": name,
        },
    )


def ask(whom: Simulator, method: str, target: str, body: bytes) -> Reply:
    """Send a request, as if it had come over a connection."""
    return whom.service.answer(
        Request(
            method=method,
            path=target,
            authorization=f"Storpool v1:{TOKEN}",
            body=body,
        )
    )


def must(whom: Simulator, call: str, document: Any) -> None:
    """Change something that cannot be refused."""
    body = msgspec.json.encode(document)
    reply = ask(whom, "POST", api.URL_PREFIX + call, body)
    if reply.status != 200:
        raise AssertionError(f"{call}: {reply}")
