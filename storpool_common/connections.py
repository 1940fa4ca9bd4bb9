# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""HTTP with one server: connections that are kept, answers that are read.

The standard library's client sends, and llhttp takes answers apart. A request
is put together here, since its head and body leave at once and nearly all of
the head is always the same. And a connection is made here, since the standard
library gives each address of a host all of the time.
"""

import collections
from collections.abc import Callable
from collections.abc import Mapping
import functools
import http.client
import re
import select
import socket
import ssl
import time
from typing import Any
from typing import NamedTuple
import warnings

import urllib3.exceptions
import urllib3.util

from storpool_common import reception

#: Connections kept to one server; more than these are made and closed.
KEPT_CONNECTIONS = 64

#: Seconds that an address is tried for when there is no time left.
_SHORTEST_WAIT = 0.001

#: What getaddrinfo says of one address.
_Found = tuple[
    socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]
]

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


class Connection(http.client.HTTPConnection):
    """Tells a failure to send from a failure to receive.

    :param source: local address to connect from.
    :param fields: what the head of every request says.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        fields: Mapping[str, str],
        source: str | None = None,
    ) -> None:
        super().__init__(host, port)
        self._source = source
        self._fields = _written({"Host": _authority(self), **fields})
        self._has_come: Callable[[], Any]
        self._within: float

    def ask(
        self, method: str, target: str, body: bytes | None, waits: Waits
    ) -> reception.Reception:
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
        answer = self._receive(waits)
        if not answer.is_kept:
            self.close()
        return answer

    def connect(self) -> None:
        """Connect to the first address of the host that lets us."""
        self.sock = _connected(
            self.host, self.port, self._within, self._source
        )
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

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
        if self.sock is not None and self._has_come():
            self.close()
        if self.sock is None:
            self._begin(waits.connect)
        self._wait(min(waits.read, waits.left()))

    def _begin(self, within: float) -> None:
        self._within = within
        self.connect()
        self._within = self.sock.gettimeout() or within
        self._has_come = _watch(self.sock)

    def _receive(self, waits: Waits) -> reception.Reception:
        """The answer; one that drips does not outlive the time for all."""
        answer = reception.Reception()
        while not answer.is_complete:
            piece = self.sock.recv(reception.PIECE)
            left = waits.left()
            if left < self._within:
                self._wait(left)
            if piece:
                answer.take(piece)
            else:
                answer.end()
        return answer

    def _wait(self, seconds: float) -> None:
        """From now on, no piece is waited for any longer."""
        if seconds <= 0:
            raise TimeoutError
        if seconds != self._within:
            self.sock.settimeout(seconds)
            self._within = seconds


class TlsConnection(Connection):
    """The same, encrypted."""

    def __init__(
        self, *args: Any, context: ssl.SSLContext, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._context = context

    def connect(self) -> None:
        """Connect; say so where nobody knows to whom."""
        super().connect()
        self.sock = self._context.wrap_socket(
            self.sock, server_hostname=self.host
        )
        if self._context.verify_mode is not ssl.CERT_REQUIRED:
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

    def lend(self) -> "_Loan":
        """Lend a connection that nobody else has, the last one in use.

        After any failure it is closed.
        """
        return _Loan(self._take(), self._give_back)

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


class _Loan:
    """A connection, until it is given back."""

    def __init__(
        self, connection: Connection, give_back: Callable[[Connection], None]
    ) -> None:
        self._connection = connection
        self._give_back = give_back

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(
        self, failure: type[BaseException] | None, *_: object
    ) -> None:
        if failure is not None:
            self._connection.close()
        self._give_back(self._connection)


def _connected(
    host: str, port: int, within: float, source: str | None
) -> socket.socket:
    """Connect to a host; its addresses share the time.

    They are tried one after the other, each for an equal part of what is
    left: one that does not answer leaves time for the others.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ends = time.monotonic() + within
    for waiting in range(len(found), 0, -1):
        left = max(ends - time.monotonic(), _SHORTEST_WAIT)
        try:
            reached = _reached(found[-waiting], left / waiting, source)
        except OSError:
            if waiting == 1:
                raise
            continue
        # The rest is for a handshake.
        reached.settimeout(max(ends - time.monotonic(), _SHORTEST_WAIT))
        return reached
    raise OSError(f"{host} has no address")


def _reached(
    found: _Found, within: float, source: str | None
) -> socket.socket:
    family, kind, protocol, _, where = found
    made = socket.socket(family, kind, protocol)
    try:
        made.settimeout(within)
        if source is not None:
            made.bind((source, 0))
        made.connect(where)
    except BaseException:
        made.close()
        raise
    return made


def _watch(connection: socket.socket) -> Callable[[], Any]:
    """A function that tells whether a byte, or the end, has come."""
    if not hasattr(select, "poll"):  # eventlet takes it away
        return functools.partial(
            urllib3.util.wait_for_read, connection, timeout=0
        )
    watched = select.poll()
    watched.register(connection, select.POLLIN)
    return functools.partial(watched.poll, 0)


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
