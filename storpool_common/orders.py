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
#: Members of a request that say which object it is about.
_IDENTIFYING = ("name", "volume", "snapshot")


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be sent, and what it is about.

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
    call: api.call.Call[..., Any], path: Mapping[str, Any], request: Any
) -> Order:
    """Check the arguments of a call against its declaration.

    :raises ValidationError: they break a rule; nothing is sent.
    """
    checked, body = _request(call, request)
    target = _target(call, path)
    if call.request_in_query and body is not None:
        target, body = f"{target}?json={parse.quote(body, safe='')}", None
    return Order(
        call=call, path=path, request=checked, target=target, body=body
    )


def _target(call: api.call.Call[..., Any], path: Mapping[str, Any]) -> str:
    values = {
        name: _path_value(call, name, path[name])
        for name in call.path_parameters
    }
    prefix = api.MULTICLUSTER_PREFIX if call.multicluster else ""
    return f"{api.URL_PREFIX}{prefix}{call.path.format(**values)}"


def _path_value(call: api.call.Call[..., Any], name: str, value: Any) -> str:
    try:
        checked = msgspec.convert(value, call.path_parameters[name])
    except msgspec.ValidationError as error:
        raise errors.ValidationError(
            f"{call.name}: {name}={value!r}: {error}"
        ) from error
    if checked in {".", ".."}:
        raise errors.ValidationError(
            f"{call.name}: {name}={value!r}: a path on a server cannot hold"
            " it; use the global id"
        )
    return parse.quote(str(checked), safe=_PATH_SAFE)


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
