# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP with one server: connections that are kept, answers that are read.

The standard library's client connects, and reads what comes in chunks. A
request is put together here, since its head and body leave at once and nearly
all of the head is always the same; and so is an answer, since nearly all come
in one piece.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import functools
import http.client
import io
import re
import ssl
from typing import Any
from typing import NamedTuple
import warnings

import urllib3.exceptions
import urllib3.util

from storpool_common import heads

#: Connections kept to one server; more than these are made and closed.
KEPT_CONNECTIONS = 64

#: Bytes of the first piece of an answer, and of the following ones.
_FIRST_PIECE = 64 * 1024
_PIECE = 256 * 1024
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~]*")
_TARGET = re.compile("/[!-~]*")


class NotSent(Exception):
    """The connection broke before all of the request was handed to it."""


class Waits(NamedTuple):
    """How long to wait, in seconds.

    :ivar connect: for a connection.
    :ivar read: for each piece of an answer.
    :ivar left: tells how long for all that is still to come.
    """

    connect: float
    read: float
    left: Callable[[], float]


class Answer(NamedTuple):
    """What came back.

    :ivar fields: what the head says, by names in lower case.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes


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
        """Send a request, and receive the answer.

        After an error the connection is of no more use.

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
        head, rest = self._receive_head(waits)
        whole = self._receive_body(head, rest, waits)
        if not head.is_kept or head.is_less_than(rest):
            self.close()
        return Answer(head.status, head.fields, whole)

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

    def _receive_head(self, waits: Waits) -> tuple[heads.Head, bytes]:
        """The head of the answer, and what came with it of the body."""
        rest = b""
        while True:
            while not (end := heads.end(rest)):
                rest += self._expect(waits)
            head, rest = heads.understood(rest[:end]), rest[end:]
            if head.status >= 200:
                return head, rest

    def _receive_body(
        self, head: heads.Head, rest: bytes, waits: Waits
    ) -> bytes:
        """The body, which begins with what came with the head."""
        receive = functools.partial(self._receive, waits)
        if head.is_chunked:
            return _Stream(rest, receive).read_chunks()
        if head.length is None:
            return b"".join((rest, *iter(receive, b"")))
        pieces = [rest[: head.length]]
        missing = head.length - len(rest)
        while missing > 0:
            piece = receive(min(missing, _PIECE))
            if not piece:
                raise http.client.IncompleteRead(b"", missing)
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _expect(self, waits: Waits) -> bytes:
        piece = self._receive(waits, _FIRST_PIECE)
        if not piece:
            raise http.client.RemoteDisconnected(
                "the server closed the connection before the head of an answer"
            )
        return piece

    def _receive(self, waits: Waits, size: int = _PIECE) -> bytes:
        """The next bytes; none when the server has closed.

        A server that drips does not outlive the time for all.
        """
        piece: bytes = self.sock.recv(size)
        if waits.left() <= 0:
            raise TimeoutError
        return piece


class _Stream(io.RawIOBase):
    """What has come, and what is to come, as the library reads it.

    :param rest: what has come.
    :param receive: receives at most so many bytes.
    """

    def __init__(self, rest: bytes, receive: Callable[[int], bytes]) -> None:
        super().__init__()
        self._rest = rest
        self._receive = receive

    def read_chunks(self) -> bytes:
        """The body that the chunks are parts of."""
        connection: Any = self
        answer = http.client.HTTPResponse(connection)
        answer.chunked = True
        answer.chunk_left = None
        return answer.read()

    def makefile(self, mode: str) -> io.BufferedReader:
        """What the library asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is, up to the size of the buffer."""
        there = self._rest or self._receive(len(buffer))
        taken = min(len(there), len(buffer))
        buffer[:taken], self._rest = there[:taken], there[taken:]
        return taken


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
        if not _FIELD.fullmatch(line):
            raise ValueError(f"the value of {name} cannot stand in a head")
    return "".join(f"{line}\r\n" for line in lines)
