# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A call with its arguments, checked and encoded once."""

from collections.abc import Mapping
import dataclasses
from typing import Any
from urllib import parse

import msgspec

from storpool_common import api
from storpool_common import errors

# What a path may hold as it is (RFC 3986): the fewer characters are encoded,
# the less hangs on what a server decodes.
_PATH_SAFE = "~:@*"
_REMOTE_PREFIX = "RemoteCommand/"
_EVERYWHERE_PREFIX = "AllClusters/"
#: A cluster's name, or ``~`` and its id.
_ID = api.types.ClusterNameOrId
#: Members of a request that say which object it is about.
_IDENTIFYING = ("name", "volume", "snapshot")


@dataclasses.dataclass(frozen=True)
class Route:
    """Which cluster a call is for.

    :ivar remote: name of another cluster, or ``~`` and its id, to which the
        one that is asked passes the call on; empty for none.
    :ivar multicluster: whether a call that may look beyond its own cluster
        is to.
    :ivar everywhere: whether every cluster of the location is to answer.
    """

    remote: str = ""
    multicluster: bool = True
    everywhere: bool = False

    def prefix(self, call: api.call.Call[..., Any]) -> str:
        """What precedes the call's path."""
        prefix = api.URL_PREFIX
        if self.remote:
            prefix += f"{_REMOTE_PREFIX}{_quoted(self.remote)}/"
        if self.everywhere:
            return prefix + api.MULTICLUSTER_PREFIX + _EVERYWHERE_PREFIX
        if self.multicluster and call.multicluster:
            return prefix + api.MULTICLUSTER_PREFIX
        return prefix


#: The cluster that is asked, and what it knows of its location.
HERE = Route()
EVERYWHERE = Route(everywhere=True)


def route_to(cluster: str) -> Route:
    """The way to another cluster.

    :param cluster: its name, or ``~`` and its id.
    :raises ValidationError: no cluster can be called like that.
    """
    return Route(remote=_converted("RemoteCommand", "cluster", cluster, _ID))


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be sent, and what it is about.

    :ivar route: which cluster it is for.
    :ivar path: values of the call's path parameters.
    :ivar request: the checked body, or None.
    :ivar target: path on the server, percent-encoded, and the request where
        it travels as a query.
    :ivar body: the encoded request; the same bytes for every try.
    """

    call: api.call.Call[..., Any]
    path: Mapping[str, Any]
    request: Any
    target: str
    body: bytes | None
    route: Route

    def __str__(self) -> str:
        objects = self.objects
        return f"{self.call.name} of {objects}" if objects else self.call.name

    @property
    def objects(self) -> str:
        """The names of the objects that the call is about."""
        if self.path:
            return ", ".join(str(value) for value in self.path.values())
        return ", ".join(dict.fromkeys(_names(self.request)))


def order(
    call: api.call.Call[..., Any],
    path: Mapping[str, Any],
    request: Any,
    route: Route = HERE,
) -> Order:
    """Check the arguments of a call against its declaration.

    :raises ValidationError: they break a rule; nothing is sent.
    """
    checked, body = _request(call, request)
    target = route.prefix(call) + _target(call, path)
    if call.request_in_query and body is not None:
        target, body = f"{target}?json={parse.quote(body, safe='')}", None
    return Order(
        call=call,
        path=path,
        request=checked,
        target=target,
        body=body,
        route=route,
    )


def _target(call: api.call.Call[..., Any], path: Mapping[str, Any]) -> str:
    values = {
        name: _path_value(call, name, path[name])
        for name in call.path_parameters
    }
    return call.path.format(**values)


def _path_value(call: api.call.Call[..., Any], name: str, value: Any) -> str:
    checked = _converted(call.name, name, value, call.path_parameters[name])
    if checked in {".", ".."}:
        raise errors.ValidationError(
            f"{call.name}: {name}={value!r}: a path on a server cannot hold"
            " it; use the global id"
        )
    return _quoted(checked)


def _converted(call: str, name: str, value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise errors.ValidationError(
            f"{call}: {name}={value!r}: {error}"
        ) from error


def _quoted(value: Any) -> str:
    return parse.quote(str(value), safe=_PATH_SAFE)


def _request(
    call: api.call.Call[..., Any], request: Any
) -> tuple[Any, bytes | None]:
    if request is None and not call.request_required:
        return None, None
    try:
        checked = msgspec.json.decode(
            msgspec.json.encode(request), type=call.request
        )
    except (msgspec.MsgspecError, TypeError) as error:
        raise errors.ValidationError(f"{call.name}: {error}") from error
    return checked, msgspec.json.encode(checked)


def _names(request: Any) -> list[str]:
    """Names of objects in a request, which may be a list of requests."""
    if isinstance(request, list):
        return [name for element in request for name in _names(element)]
    members = ("reassign", "volumes")
    nested = [getattr(request, member, None) or [] for member in members]
    own = [getattr(request, member, None) for member in _IDENTIFYING]
    return [name for name in own if name] + [
        name for elements in nested for name in _names(elements)
    ]
