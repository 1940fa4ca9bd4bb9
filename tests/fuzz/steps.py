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
from storpool_simulator.model import switches
from tests.fuzz import documents
from tests.fuzz import words

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
        documents.values(kind, parameter).map(str)
        for parameter, kind in call.path_parameters.items()
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
    _start("kvs_update", ("a",), {"set": {"a": "a"}}),
    _start(
        "iscsi_config_change",
        (),
        {
            "commands": [
                {"createPortalGroup": {"name": "g"}},
                {
                    "createInitiator": {
                        "name": words.INITIATOR,
                        "username": "",
                        "secret": "",
                    }
                },
            ]
        },
    ),
)
#: What some sequences find there, too.
MORE = (
    (),
    (
        _start("disk_soft_eject", ("11",), NOTHING),
        _start("disk_soft_eject", ("12",), NOTHING),
        _start("disk_scrub_start", ("21",), NOTHING),
        _start("disk_scrub_start", ("22",), NOTHING),
        _start("disk_scrub_pause", ("22",), NOTHING),
        _start("disk_eject", ("31",), NOTHING),
    ),
    (
        _start("snapshot_export", (), {"snapshot": "s", "location": "sim"}),
        _start("volume_export", ("a",), {"cluster": "c"}),
        _start(
            "maintenance_set",
            (),
            {"nodeId": 3, "duration": 60, "description": "a"},
        ),
    ),
    (
        _start(
            "volumes_reassign_wait",
            (),
            {"reassign": [{"volume": "b", "rw": [1, 2]}]},
        ),
        _start(
            "iscsi_config_change",
            (),
            {
                "commands": [
                    {"createTarget": {"volumeName": "a"}},
                    {
                        "export": {
                            "initiator": words.INITIATOR,
                            "portalGroup": "g",
                            "volumeName": "a",
                        }
                    },
                ]
            },
        ),
    ),
    (_start("location_add", (), {"id": "a", "name": "a"}),),
    (
        _start("location_add", (), {"id": "a", "name": "a"}),
        _start("cluster_add", (), {"location": "a", "id": "b", "name": "b"}),
        _start(
            "remote_bridge_add",
            (),
            {"ip": "127.0.0.1:9", "publicKey": "a", "remote": "b"},
        ),
    ),
)
#: A third of the calls are of the frequent ones.
_NAMES = (*api.CALLS, *(_FREQUENT * (len(api.CALLS) // len(_FREQUENT) // 2)))
STEPS = strategies.sampled_from(_NAMES).flatmap(_step)
LONGEST = 50
#: As often long as short, which lists of any size are not.
SEQUENCES = strategies.integers(1, LONGEST).flatmap(
    lambda count: strategies.lists(STEPS, min_size=count, max_size=count)
)
BEGINNINGS = strategies.sampled_from(MORE).map(lambda more: (*START, *more))

#: Switches that only say which status an answer has.
_STATUSES = ("unknown-call-status", "wrong-token-status")
#: More than none: nothing is to happen between a call and a look at it.
_SECONDS = ("0.5", "10")
#: Whatever a cluster may do where no document tells.
SWITCHES = strategies.fixed_dictionaries(
    {},
    optional={
        each.name: strategies.sampled_from(
            _SECONDS if each.values == ["SECONDS"] else each.values
        )
        for each in switches.table()
        if each.name not in _STATUSES
    },
).map(lambda said: switches.changed(switches.Switches(), said))
