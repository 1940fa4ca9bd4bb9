# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a reply means: the answer to a call, or an error by its cause."""

from collections.abc import Mapping
import dataclasses
from typing import Any
from typing import Generic
from typing import NoReturn
from typing import TypeVar

import msgspec

from storpool_common import api
from storpool_common import config
from storpool_common import errors
from storpool_common import transport

R = TypeVar("R")

#: Characters of a strange answer that a message quotes.
QUOTED = 80
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404
#: Releases before 21.0 refuse to detach an open device with this text and
#: the name invalidParam instead of busy.
_OPEN_DEVICE = "is open at"

_BY_NAME: Mapping[str, type[errors.ApiError]] = {
    cause.api_name: cause
    for cause in errors.ApiError.__subclasses__()
    if cause.api_name is not None
}


class _Error(msgspec.Struct, frozen=True):
    name: str
    descr: str = ""
    transient: bool = False


class _Envelope(msgspec.Struct, frozen=True):
    """What every answer is wrapped in; an error may come with status 200."""

    generation: int = 0
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: _Error | None = None


class _Element(msgspec.Struct, frozen=True):
    response: _Envelope | None = None


class EveryCluster(msgspec.Struct, frozen=True):
    """What the clusters of a location answered, not decoded yet."""

    clusters: list[_Element]


@dataclasses.dataclass(frozen=True)
class InCluster(Generic[R]):
    """What one cluster of a location answered.

    :ivar answer: None where it did not.
    :ivar error: why it refused, None where it could not be asked at all.
    """

    answer: R | None
    error: errors.ApiError | None


def of_clusters(
    call: api.call.Call[..., R],
    every: EveryCluster,
    settings: config.ApiSettings,
) -> list[InCluster[R]]:
    """The answers of all clusters to a call.

    :raises BadAnswer: one is not as declared.
    """
    return [_of_cluster(call, each, settings) for each in every.clusters]


def _of_cluster(
    call: api.call.Call[..., R],
    element: _Element,
    settings: config.ApiSettings,
) -> InCluster[R]:
    envelope = element.response
    if envelope is None:
        return InCluster(None, None)
    if envelope.error is not None:
        cause = _BY_NAME.get(envelope.error.name, errors.ApiError)
        error = cause(
            call.name,
            _redacted(envelope.error.name, settings),
            _redacted(envelope.error.descr, settings),
            transient=envelope.error.transient,
        )
        return InCluster(None, error)
    if isinstance(envelope.data, msgspec.UnsetType):
        raise errors.BadAnswer(f"{call.name}: a cluster answered nothing")
    return InCluster(_data(call, envelope.data, "a cluster"), None)


def decode(
    call: api.call.Call[..., Any],
    reply: transport.Reply,
    settings: config.ApiSettings,
) -> tuple[Any, int]:
    """Take a reply apart.

    :param settings: what the server was asked with; names where a refused
        token came from, and keeps it out of what is quoted.
    :returns: the answer, and the generation of the cluster's configuration.
    :raises ApiError: the API refused the call; the class tells why.
    :raises BadAnswer: this is not the API speaking, or not as declared.
    """
    envelope = _envelope(reply)
    if envelope is not None and envelope.error is not None:
        _refuse(call, reply, envelope.error, settings)
    if reply.status in _REFUSED:
        unnamed = _Error("unauthorized", _quoted(reply, settings))
        _refuse(call, reply, unnamed, settings)
    if envelope is None or reply.status != 200:
        raise errors.BadAnswer(
            _strange(call, reply, settings), status=reply.status
        )
    if isinstance(envelope.data, msgspec.UnsetType):
        raise errors.BadAnswer(_strange(call, reply, settings))
    data = _data(call, envelope.data, reply.address)
    return data, envelope.generation


def _data(
    call: api.call.Call[..., Any], data: msgspec.Raw, who: object
) -> Any:
    try:
        return api.rules.decode(data, call.answer)
    except msgspec.MsgspecError as error:
        raise errors.BadAnswer(
            f"{call.name}: the answer of {who} is not as declared: {error}"
        ) from error


def _envelope(reply: transport.Reply) -> _Envelope | None:
    try:
        return msgspec.json.decode(reply.data, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _refuse(
    call: api.call.Call[..., Any],
    reply: transport.Reply,
    error: _Error,
    settings: config.ApiSettings,
) -> NoReturn:
    cause = _cause(reply, error)
    description = _redacted(error.descr, settings)
    hint = _hint(cause, call, reply, settings)
    description = "; ".join(filter(None, (description, hint)))
    raise cause(
        call.name,
        _redacted(error.name, settings),
        description,
        transient=error.transient,
        status=reply.status,
    )


def _hint(
    cause: type[errors.ApiError],
    call: api.call.Call[..., Any],
    reply: transport.Reply,
    settings: config.ApiSettings,
) -> str:
    """What the API does not say about an error, and helps."""
    if cause is errors.AuthenticationFailed:
        return (
            f"{reply.address} does not accept the token that"
            f" {settings.origin} gives: compare its SP_AUTH_TOKEN with the"
            " cluster's"
        )
    if cause is errors.UnknownCall:
        return (
            f"{reply.address} does not have the call {call.name}, which is"
            f" in {call.versions}"
        )
    return ""


def _cause(reply: transport.Reply, error: _Error) -> type[errors.ApiError]:
    if reply.status in _REFUSED:
        return errors.AuthenticationFailed
    unnamed = (
        errors.UnknownCall if reply.status == _NOT_FOUND else errors.ApiError
    )
    cause = _BY_NAME.get(error.name, unnamed)
    if cause is errors.InvalidParam and _OPEN_DEVICE in error.descr:
        return errors.Busy
    return cause


def _strange(
    call: api.call.Call[..., Any],
    reply: transport.Reply,
    settings: config.ApiSettings,
) -> str:
    return (
        f"{call.name}: {reply.address} answered with"
        f" {_quoted(reply, settings)}"
    )


def _quoted(reply: transport.Reply, settings: config.ApiSettings) -> str:
    """What came back, where that may be a proxy's word."""
    text = _redacted(reply.data.decode(errors="replace"), settings)
    kind = reply.content_type or "no content type"
    return (
        f"HTTP status {reply.status}, {kind}"
        f" and {text[:QUOTED]!r}, which is not the StorPool API; check"
        " SP_API_HTTP_HOST and SP_API_HTTP_PORT, and for a proxy in between"
    )


def _redacted(text: str, settings: config.ApiSettings) -> str:
    return text.replace(settings.token, "***")
