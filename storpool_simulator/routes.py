# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""From a request line and body to a declared call, strictly checked."""

from collections.abc import Mapping
import dataclasses
import functools
from typing import Any
import urllib.parse

import msgspec

from storpool_common import api
from storpool_common.api.call import Call
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import malformed
from storpool_simulator.refusal import Refusal
from storpool_simulator.refusal import unknown_call

_MULTICLUSTER = api.MULTICLUSTER_PREFIX.strip("/")

_REMOTE = f"{api.URL_PREFIX}RemoteCommand/"
#: What precedes a call that all clusters of the location are to answer.
EVERYWHERE = f"{api.URL_PREFIX}{api.MULTICLUSTER_PREFIX}AllClusters/"


@dataclasses.dataclass(frozen=True)
class Match:
    """The call that a request line means.

    :ivar path: values of its path parameters, checked.
    :ivar multicluster: whether it came after ``MultiCluster/``.
    """

    call: Call[..., Any]
    path: Mapping[str, Any]
    multicluster: bool = False


def find_call(method: str, path: str) -> Match:
    """Find the declared call.

    :param path: as it was sent: segments may be percent-encoded or raw, a
        raw ``#`` included. What follows ``?`` is not looked at.
    :raises Refusal: there is none, or a path parameter is malformed.
    """
    plain = path.partition("?")[0]
    if not plain.startswith(api.URL_PREFIX):
        raise unknown_call(method, plain)
    encoded = plain.removeprefix(api.URL_PREFIX).split("/")
    segments = [urllib.parse.unquote(each) for each in encoded]
    multicluster = segments[0] == _MULTICLUSTER
    if multicluster:
        segments = segments[1:] or [""]
    # One path may be declared twice, for names of different kinds.
    trouble = unknown_call(method, plain)
    for call in _by_shape().get((method, segments[0], len(segments)), ()):
        values = _values(call, segments)
        if values is None or (multicluster and not call.multicluster):
            continue
        try:
            return Match(call, _checked(call, values), multicluster)
        except Refusal as error:
            trouble = error
    raise trouble


def remote_command(path: str) -> tuple[str, str]:
    """The cluster that a request is for, empty for the one that is asked.

    :returns: its name, or ``~`` and its id, and the path that it is to get.
    """
    command = path.removeprefix(_REMOTE)
    if command == path:
        return "", path
    name, _, rest = command.partition("/")
    return urllib.parse.unquote(name), api.URL_PREFIX + rest


def call_name(path: str) -> str:
    """The API's name of the call in a path, known or not."""
    plain = remote_command(path.partition("?")[0])[1]
    plain = plain.removeprefix(EVERYWHERE).removeprefix(api.URL_PREFIX)
    return plain.removeprefix(api.MULTICLUSTER_PREFIX).partition("/")[0]


@functools.cache
def _by_shape() -> Mapping[tuple[str, str, int], list[Call[..., Any]]]:
    """The calls by method, first segment and how many there are.

    The first segment of every path is a word, not a parameter.
    """
    shapes: dict[tuple[str, str, int], list[Call[..., Any]]] = {}
    for call in api.CALLS.values():
        parts = call.path.split("/")
        shapes.setdefault((call.method, parts[0], len(parts)), []).append(call)
    return shapes


def _values(
    call: Call[..., Any], segments: list[str]
) -> dict[str, str] | None:
    values = {}
    for declared, sent in zip(call.path.split("/"), segments, strict=True):
        if declared.startswith("{"):
            values[declared.strip("{}")] = sent
        elif declared != sent:
            return None
    return values


def _checked(
    call: Call[..., Any], values: Mapping[str, str]
) -> dict[str, Any]:
    checked = {}
    for name, kind in call.path_parameters.items():
        try:
            checked[name] = msgspec.convert(values[name], kind, strict=False)
        except msgspec.ValidationError as error:
            raise invalid(
                f"{call.name}: '{values[name]}' is not a {name}: {error}"
            ) from error
    return checked


def decode_body(body: bytes) -> Any:
    """The JSON of a body; None for no body.

    :raises Refusal: it is not JSON.
    """
    if not body.strip():
        return None
    try:
        return msgspec.json.decode(body)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise malformed(f"the body is not JSON: {error}") from error


def check_request(call: Call[..., Any], sent: Any) -> Any:
    """The checked request of a call, or None where none was sent.

    Integers that come as strings are converted: shell clients send them.

    :param sent: the decoded body.
    :raises Refusal: it breaks the declaration.
    """
    if call.request is None:
        if sent not in (None, {}):
            raise invalid(f"{call.name} takes no members")
        return None
    if sent is None:
        if call.request_required:
            raise invalid(f"{call.name} needs a body")
        return None
    try:
        return msgspec.convert(_plain(sent), call.request, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        raise invalid(f"{call.name}: {error}") from error


def _plain(sent: Any) -> Any:
    """A request without what some clients send for nothing.

    Null is like absence, also for the value of a tag, and one client sends
    an empty text when it has no tags.
    """
    if isinstance(sent, list):
        return [_plain(each) for each in sent]
    if not isinstance(sent, dict):
        return sent
    return {
        name: _plain(value)
        for name, value in sent.items()
        if value is not None and (name, value) != ("tags", "")
    }
