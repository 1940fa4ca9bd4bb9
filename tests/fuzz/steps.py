# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Sequences of requests, made from the declarations of calls."""

import dataclasses
import functools
from typing import Any
import urllib.parse

from hypothesis import strategies
import msgspec

from storpool_common import api
from tests.fuzz import documents

#: Calls that make the objects which the others are about.
_FREQUENT = (
    "volume_create",
    "volume_update",
    "volume_delete",
    "volume_revert",
    "volume_freeze",
    "volume_rebase",
    "snapshot_create",
    "snapshot_create_group",
    "snapshot_update",
    "snapshot_delete",
    "volumes_reassign_wait",
    "volume_template_create",
)
#: Seconds that the cluster's time moves on between two calls.
_PAUSES = (0, 0, 0, 1, 60, 100_000)
NOTHING = msgspec.UNSET


@dataclasses.dataclass(frozen=True)
class Step:
    """A request, and how much later than the one before it comes.

    :ivar document: the body, or what a question has as ``?json=``.
    """

    call: str
    route: str
    path: tuple[str, ...]
    document: Any
    pause: int

    @property
    def declared(self) -> api.Call[..., Any]:
        """The call."""
        return api.CALLS[self.call]

    @property
    def target(self) -> str:
        """The path on the server."""
        values = dict(
            zip(
                self.declared.path_parameters,
                (urllib.parse.quote(each, safe="") for each in self.path),
                strict=True,
            )
        )
        path = self.declared.path.format(**values)
        target = f"{api.URL_PREFIX}{self.route}{path}"
        if self.declared.method == "GET" and self.document is not NOTHING:
            quoted = urllib.parse.quote(msgspec.json.encode(self.document))
            return f"{target}?json={quoted}"
        return target

    @property
    def body(self) -> bytes:
        """The bytes that follow the head."""
        if self.declared.method == "GET" or self.document is NOTHING:
            return b""
        return msgspec.json.encode(self.document)


@functools.cache
def _step(name: str) -> strategies.SearchStrategy[Step]:
    call = api.CALLS[name]
    document = strategies.just(NOTHING)
    if call.request is not None:
        document = documents.almost(call.request)
        if not call.request_required:
            document = strategies.one_of(strategies.just(NOTHING), document)
    routes = ("", api.MULTICLUSTER_PREFIX) if call.multicluster else ("",)
    path = [
        documents.values(kind).map(str)
        for kind in call.path_parameters.values()
    ]
    return strategies.builds(
        Step,
        call=strategies.just(name),
        route=strategies.sampled_from(routes),
        path=strategies.tuples(*path),
        document=document,
        pause=strategies.sampled_from(_PAUSES),
    )


def _start(call: str, path: tuple[str, ...], document: Any) -> Step:
    return Step(call, "", path, document, 0)


#: What every sequence finds there.
START = (
    _start(
        "volume_create",
        (),
        {"name": "a", "size": 1 << 30, "template": "hybrid"},
    ),
    _start("snapshot_create", ("a",), {"name": "s"}),
    _start("volume_create", (), {"name": "b", "parent": "s"}),
    _start("kvs_create", ("a",), NOTHING),
    _start("location_add", (), {"id": "a", "name": "a"}),
    _start("cluster_add", (), {"location": "a", "id": "b", "name": "b"}),
    _start(
        "remote_bridge_add",
        (),
        {"ip": "127.0.0.1:9", "location": "a", "publicKey": "a"},
    ),
)
#: Half of the calls are of the frequent ones.
_NAMES = (*api.CALLS, *(_FREQUENT * (len(api.CALLS) // len(_FREQUENT))))
STEPS = strategies.sampled_from(_NAMES).flatmap(_step)
LONGEST = 50
#: As often long as short, which lists of any size are not.
SEQUENCES = strategies.integers(1, LONGEST).flatmap(
    lambda count: strategies.lists(STEPS, min_size=count, max_size=count)
)
