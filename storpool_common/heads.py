# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the head of an answer says (RFC 9112), read in one go.

A head is refused as a whole if a line of it is not what it has to be: where
its body ends is then anybody's guess.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import http.client
import re

import msgspec

#: Bytes of the longest head, and its most fields.
LONGEST = 64 * 1024
MOST_FIELDS = 100

_STATUS_LINE = rb"HTTP/1\.([0-9]) ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n"
# A name is a token of RFC 9110; a line that begins with a blank is refused.
_FIELD = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r?\n"
_BEGIN = re.compile(_STATUS_LINE)
_HEAD = re.compile(_STATUS_LINE + rb"((?:" + _FIELD + rb")*)\r?\n")
_END = re.compile(rb"\n\r?\n")
_NAME_AND_VALUE = re.compile(r"([^:\n]+):[ \t]*([^\r\n]*)")
_NO_BODY = frozenset({204, 304})


class Head(msgspec.Struct, frozen=True):
    """A head that was understood.

    :ivar fields: what it says, by names in lower case.
    :ivar is_chunked: whether the body says itself where it ends.
    :ivar length: bytes of the body; None where it is in chunks, or ends
        with the connection.
    :ivar is_kept: whether another request may follow on the connection.
    """

    status: int
    fields: Mapping[str, str]
    is_chunked: bool
    length: int | None
    is_kept: bool

    def is_less_than(self, received: bytes) -> bool:
        """Whether more came than the body: what nobody has asked for."""
        return self.length is not None and len(received) > self.length


def end(received: bytes) -> int:
    """Where the head ends that begins here; 0 while that is not known.

    :raises HTTPException: what begins here is no head, or too long a one.
    """
    found = _END.search(received)
    if found is not None and found.end() <= LONGEST:
        return found.end()
    if b"\n" in received and _BEGIN.match(received) is None:
        raise _no_status_line(received)
    if len(received) > LONGEST:
        raise http.client.LineTooLong("head")
    return 0


def understood(text: bytes) -> Head:
    """What a whole head says.

    :raises HTTPException: it is none, or is not to be relied on.
    """
    match = _HEAD.fullmatch(text)
    if match is None:
        raise _nonsense(text)
    minor, status, lines = match.groups()
    fields = _fields(_NAME_AND_VALUE.findall(lines.decode("latin-1")))
    code = int(status)
    is_chunked = _is_chunked(fields)
    length = None if is_chunked else _length(code, fields)
    is_endless = length is None and not is_chunked
    return Head(
        status=code,
        fields=fields,
        is_chunked=is_chunked,
        length=length,
        is_kept=not is_endless and _is_kept(minor, fields),
    )


def _nonsense(text: bytes) -> http.client.HTTPException:
    if _BEGIN.match(text) is None:
        return _no_status_line(text)
    return http.client.HTTPException("a line of the head is no field")


def _no_status_line(text: bytes) -> http.client.BadStatusLine:
    line = text.partition(b"\n")[0].rstrip()
    return http.client.BadStatusLine(line[:80].decode(errors="replace"))


def _fields(said: list[tuple[str, str]]) -> dict[str, str]:
    if len(said) > MOST_FIELDS:
        raise http.client.HTTPException(
            f"the head has more than {MOST_FIELDS} fields"
        )
    fields = {name.lower(): value.rstrip(" \t") for name, value in said}
    return fields if len(fields) == len(said) else _together(said)


def _together(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields, where one was said more than once."""
    fields: dict[str, list[str]] = {}
    for name, value in said:
        fields.setdefault(name.lower(), []).append(value.rstrip(" \t"))
    return {name: ", ".join(values) for name, values in fields.items()}


def _is_chunked(fields: Mapping[str, str]) -> bool:
    coding = fields.get("transfer-encoding")
    if coding is not None and coding.lower() != "chunked":
        raise http.client.HTTPException("the transfer encoding is unknown")
    return coding is not None


def _length(status: int, fields: Mapping[str, str]) -> int | None:
    """Bytes of the body; None where the end of the connection tells."""
    if status in _NO_BODY:
        return 0
    said = fields.get("content-length")
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal()):
        raise http.client.HTTPException("the length of the body is no number")
    return int(said)


def _is_kept(minor: bytes, fields: Mapping[str, str]) -> bool:
    """Whether the server keeps the connection, if the body's end is known."""
    options = fields.get("connection", "").lower()
    return "keep-alive" in options if minor == b"0" else "close" not in options
