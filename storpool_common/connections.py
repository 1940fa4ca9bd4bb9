# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP with one server: connections that are kept, answers that are read.

The standard library's client connects and reads bodies. A request is put
together here, since its head and body leave at once and nearly all of the
head is always the same; and the head of an answer is read without the parser
for e-mail, which took longer than all the rest of a small answer.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import http.client
import re
import ssl
from typing import Any
from typing import BinaryIO
from typing import NamedTuple
import warnings

import urllib3.exceptions
import urllib3.util

#: Connections kept to one server; more than these are made and closed.
KEPT_CONNECTIONS = 64

_LONGEST_LINE = 64 * 1024
_MOST_FIELDS = 100
_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
# A name is a token of RFC 9110; what a line ends with is cut off before.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")
_TARGET = re.compile("/[!-~]*")
_NO_BODY = frozenset({204, 304})


class NotSent(Exception):
    """The connection broke before all of the request was handed to it."""


class Waits(NamedTuple):
    """Seconds to wait for a connection, and for each byte of an answer."""

    connect: float
    read: float


class Answer(http.client.HTTPResponse):
    """An answer whose head is understood, and whose body is to be read.

    :ivar fields: what the head says, by names in lower case.
    """

    fields: Mapping[str, str]

    def begin(self) -> None:
        """Read the head.

        :raises HTTPException: it is none, or is not to be relied on.
        """
        minor, self.status = _status(self.fp)
        while self.status < 200:
            _fields(self.fp)
            minor, self.status = _status(self.fp)
        self.fields = _fields(self.fp)
        self.chunked = _is_chunked(self.fields)
        self.chunk_left = None
        self.length = None if self.chunked else _length(self)
        endless = self.length is None and not self.chunked
        self.will_close = endless or not _is_kept(minor, self.fields)


class Connection(http.client.HTTPConnection):
    """Tells a failure to send from a failure to receive.

    :param fields: what the head of every request says.
    """

    def __init__(
        self, *args: Any, fields: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._fields = _written({"Host": _authority(self), **fields})

    def ask(
        self, method: str, target: str, body: bytes | None, waits: Waits
    ) -> Answer:
        """Send a request, and read the head of the answer.

        :param target: path on the server, percent-encoded.
        :raises InvalidURL: it is not; nothing is sent.
        :raises NotSent: nobody can have carried it out.
        :raises OSError: somebody may have.
        :raises HTTPException: the same, and what came back is no answer.
        """
        request = self._request(method, target, body)
        try:
            self._open(waits)
            self.send(request)
        except (OSError, UnicodeError) as error:
            # A name that cannot be one in the DNS is a UnicodeError.
            raise NotSent from error
        answer = Answer(self.sock, method=method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if answer.will_close:
            # The answer goes on reading what it has opened.
            self.close()
        return answer

    def _request(self, method: str, target: str, body: bytes | None) -> bytes:
        if not _TARGET.fullmatch(target):
            raise http.client.InvalidURL(f"{target!r} is no path on a server")
        length = ""
        if body is not None or method != "GET":
            length = f"Content-Length: {len(body or b'')}\r\n"
        head = f"{method} {target} HTTP/1.1\r\n{self._fields}{length}\r\n"
        return head.encode("ascii") + (body or b"")

    def _open(self, waits: Waits) -> None:
        """Have a connection; one that the server has closed is made anew."""
        if self.sock is not None and urllib3.util.wait_for_read(self.sock, 0):
            self.close()
        if self.sock is None:
            self.timeout = waits.connect
            self.connect()
        self.sock.settimeout(waits.read)


class TlsConnection(Connection, http.client.HTTPSConnection):
    """The same, encrypted."""

    def __init__(
        self, *args: Any, context: ssl.SSLContext, **kwargs: Any
    ) -> None:
        super().__init__(*args, context=context, **kwargs)
        self._is_checked = context.verify_mode is ssl.CERT_REQUIRED

    def connect(self) -> None:
        """Connect; say so where nobody knows to whom."""
        super().connect()
        if not self._is_checked:
            warnings.warn(
                f"Unverified connection to {self.host}:{self.port}: its"
                " certificate is not checked",
                urllib3.exceptions.InsecureRequestWarning,
                stacklevel=2,
            )


class Pool:
    """The connections of this process to one server; any thread may ask.

    :param make: makes a connection, not opened yet.
    """

    def __init__(self, make: Callable[[], Connection]) -> None:
        self._make = make
        self._idle: collections.deque[Connection] = collections.deque()
        self._is_closed = False

    @contextlib.contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend a connection that nobody else has, the last one in use.

        After any failure it is closed.
        """
        connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all that are idle, and the others as they come back."""
        self._is_closed = True
        while self._idle:
            self._take().close()

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._make()

    def _give_back(self, connection: Connection) -> None:
        """Keep it for the next request, open or closed."""
        if len(self._idle) < KEPT_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()
        if self._is_closed:
            self.close()


def _authority(connection: Connection) -> str:
    """What the server is called in a request: its host and port."""
    # A zone tells this host which way to go, and the other nothing.
    host = connection.host.partition("%")[0]
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{connection.port}"


def _written(fields: Mapping[str, str]) -> str:
    lines = [f"{name}: {value}" for name, value in fields.items()]
    for name, line in zip(fields, lines, strict=True):
        if not (line.isascii() and _FIELD.fullmatch(line.encode())):
            raise ValueError(f"the value of {name} cannot stand in a head")
    return "".join(f"{line}\r\n" for line in lines)


def _status(stream: BinaryIO) -> tuple[int, int]:
    """Minor version and status of the answer that begins here."""
    line = _line(stream)
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        raise http.client.BadStatusLine(line[:80].decode(errors="replace"))
    return int(match[1]), int(match[2])


def _fields(stream: BinaryIO) -> dict[str, str]:
    fields: dict[str, str] = {}
    for _ in range(_MOST_FIELDS + 1):
        line = _line(stream)
        if not line:
            return fields
        match = _FIELD.fullmatch(line)
        if match is None:
            raise http.client.HTTPException("a line of the head is no field")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    raise http.client.HTTPException(
        f"the head has more than {_MOST_FIELDS} fields"
    )


def _line(stream: BinaryIO) -> bytes:
    """A line of the head, without its end."""
    line = stream.readline(_LONGEST_LINE + 1)
    if line[-1:] == b"\n":
        return line.rstrip()
    if len(line) > _LONGEST_LINE:
        raise http.client.LineTooLong("head")
    raise http.client.RemoteDisconnected(
        "the server closed the connection before the head of an answer"
    )


def _is_chunked(fields: Mapping[str, str]) -> bool:
    coding = fields.get("transfer-encoding")
    if coding is not None and coding.lower() != "chunked":
        raise http.client.HTTPException("the transfer encoding is unknown")
    return coding is not None


def _length(answer: Answer) -> int | None:
    """Bytes of the body; None where the end of the connection tells."""
    if answer.status in _NO_BODY:
        return 0
    said = answer.fields.get("content-length")
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal()):
        raise http.client.HTTPException("the length of the body is no number")
    return int(said)


def _is_kept(minor: int, fields: Mapping[str, str]) -> bool:
    """Whether the server keeps the connection, if the body's end is known."""
    options = fields.get("connection", "").lower()
    return "keep-alive" in options if minor == 0 else "close" not in options
