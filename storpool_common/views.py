# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A client's calls, sent elsewhere or answered otherwise."""

from collections.abc import Mapping
import dataclasses
import typing
from typing import Any
from typing import TypeVar

import msgspec

from storpool_common import api
from storpool_common import orders

R = TypeVar("R")


class Sender(typing.Protocol):
    """What carries out an order: a client."""

    def send(self, order: orders.Order) -> Any:
        """Carry out an order and return its answer."""
        ...


@dataclasses.dataclass(frozen=True)
class View(api.Calls):
    """The calls of a client, for the cluster that ``route`` names."""

    sender: Sender
    route: orders.Route

    @property
    def raw(self) -> "RawView":
        """The same calls, answered with plain dictionaries and lists."""
        return RawView(self.sender, self.route)

    @property
    def single_cluster(self) -> "View":
        """The same calls, which do not look beyond the cluster asked."""
        route = dataclasses.replace(self.route, multicluster=False)
        return dataclasses.replace(self, route=route)

    def perform(
        self,
        call: api.call.Call[..., R],
        path: Mapping[str, Any],
        request: Any,
    ) -> R:
        """Carry out a declared call; see :class:`api.call.Caller`."""
        answer: R = self.sender.send(
            orders.order(call, path, request, self.route)
        )
        return answer


class RawView(View):
    """The same, and answers are as the API sent them."""

    def perform(
        self,
        call: api.call.Call[..., R],
        path: Mapping[str, Any],
        request: Any,
    ) -> Any:
        """Carry out a declared call; the answer is not converted."""
        unconverted = dataclasses.replace(call, answer=Any)
        # That of a change whose answer was lost is made by us.
        return msgspec.to_builtins(
            super().perform(unconverted, path, request), str_keys=True
        )
