# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The wire: HTTP/1.0 that closes, or HTTP/1.1 that keeps alive.

Nearly every request has a plain head, which comes in one piece with its first
line. Such a head is read here, and whatever else comes by the standard
library, whose parser for e-mail takes longer than a call.
"""

from collections.abc import Mapping
import contextlib
import email.utils
import functools
import http
import http.server
import io
import logging
import re
import socket
import sys
import threading
import time
from typing import Any
from typing import cast
from typing import Literal

import msgspec

from storpool_simulator.bridges import FROM_HEADER
from storpool_simulator.bridges import KEY_HEADER
from storpool_simulator.refusal import malformed
from storpool_simulator.refusal import Refusal
from storpool_simulator.service import Dropped
from storpool_simulator.service import Reply
from storpool_simulator.service import Request
from storpool_simulator.service import Service

LOG = logging.getLogger(__name__)

#: Bytes of the longest body that is read.
LONGEST_BODY = 64 << 20

#: Bytes of the longest answer that is put behind its head, to leave with it.
_TOGETHER = 64 << 10
_PHRASES = {each.value: each.phrase for each in http.HTTPStatus}
_PLAIN_LINE = re.compile(rb"(GET|POST|DELETE) (/(?!/)[!-~]*) HTTP/1\.1\r\n")
# Each line fits in one way only: with two, many lines and one that does not
# fit would be tried in all combinations.
_PLAIN_HEAD = re.compile(rb"((?:[A-Za-z0-9-]+:[ -~]*\r\n)*)\r\n")
_PLAIN_FIELD = re.compile("([A-Za-z0-9-]+):(.*)\r\n")
_LENGTH = re.compile("[0-9]{1,12}")
#: Fields that say more than what is asked.
_LESS_PLAIN = frozenset({"connection", "expect", "transfer-encoding"})


class Server(http.server.ThreadingHTTPServer):
    """A listening socket; a thread for each connection.

    :param version: ``1.0`` closes after each answer, as the examples in the
        vendor's documentation do; ``1.1`` keeps the connection.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        service: Service,
        version: Literal["1.0", "1.1"],
    ) -> None:
        self.service = service
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        handler = {"1.0": _ClosingHandler, "1.1": _KeepingHandler}[version]
        super().__init__(address, handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.socket.getsockname()[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that it can be closed at the end."""
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection has ended."""
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever goes away before the answer is no trouble of ours."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            LOG.debug("%s went away: %s", client_address[0], error)
        else:
            LOG.error("failed to answer %s", client_address, exc_info=error)

    def close_connections(self) -> None:
        """End every connection that waits for its next request."""
        with self._guard:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    server_version = "StorPool-simulator"
    disable_nagle_algorithm = True
    #: The first line of the request, and what the other lines of its head
    #: say, by names in lower case.
    raw_requestline: bytes
    said: Mapping[str, str]

    def parse_request(self) -> bool:
        """Read the head of a request; tells whether to go on."""
        line = _PLAIN_LINE.fullmatch(self.raw_requestline)
        said = self._plain_head() if line is not None else None
        if line is None or said is None:
            return self._parse_any()
        self.said = said
        self.command, self.path = line[1].decode(), line[2].decode()
        self.requestline = line[0].decode().rstrip()
        self.request_version = "HTTP/1.1"
        self.close_connection = self.protocol_version != "HTTP/1.1"
        return True

    def _plain_head(self) -> dict[str, str] | None:
        """What a plain head says; any other is not read yet."""
        stream = cast(io.BufferedReader, self.rfile)
        head = _PLAIN_HEAD.match(stream.peek())
        if head is None:
            return None
        fields = _PLAIN_FIELD.findall(head[1].decode())
        said = {name.lower(): value.strip() for name, value in fields}
        if len(said) < len(fields) or not _LESS_PLAIN.isdisjoint(said):
            return None
        stream.read(head.end())
        return said

    def _parse_any(self) -> bool:
        if not super().parse_request():
            return False
        lengths = self.headers.get_all("Content-Length", [])
        if self.headers.defects or len(lengths) > 1:
            # Where its body ends is anybody's guess.
            self.close_connection = True
            self.send_error(400, "the head of the request is malformed")
            return False
        # Of what is said more than once, the first counts.
        fields = reversed(self.headers.items())
        self.said = {name.lower(): value for name, value in fields}
        return True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        try:
            request = Request(
                method=self.command,
                path=self.path,
                authorization=self.said.get("authorization", ""),
                body=self._body(),
                bridge_key=self.said.get(KEY_HEADER.lower(), ""),
                bridge_from=self.said.get(FROM_HEADER.lower(), ""),
            )
            reply = cast(Server, self.server).service.answer(request)
        except Refusal as error:
            self.close_connection = True
            body = msgspec.json.encode(error.envelope())
            reply = Reply(error.status, body)
        except Dropped:
            self.close_connection = True
            return
        self._send(reply)

    def _body(self) -> bytes:
        said = self.said.get("content-length", "0")
        if "transfer-encoding" in self.said:
            raise malformed("send a Content-Length")
        if not _LENGTH.fullmatch(said) or int(said) > LONGEST_BODY:
            raise malformed(f"Content-Length '{said}'")
        body = self.rfile.read(int(said))
        if len(body) < int(said):
            # Half a request may be a whole one of another meaning.
            raise Dropped
        return body

    def _send(self, reply: Reply) -> None:
        # Requests are in the journal, and in the log for who debugs.
        LOG.debug('"%s" %s', self.requestline, reply.status)
        head = self._head(reply)
        if len(reply.body) <= _TOGETHER:
            self.wfile.write(head + reply.body)
            return
        self.wfile.write(head)
        self.wfile.write(reply.body)

    def _head(self, reply: Reply) -> bytes:
        if self.request_version == "HTTP/0.9":
            return b""
        phrase = _PHRASES.get(reply.status, "")
        lines = (
            f"{self.protocol_version} {reply.status} {phrase}",
            f"Server: {self.server_version}",
            f"Date: {_date(int(time.time()))}",
            *(("Connection: close",) if self.close_connection else ()),
            f"Content-Type: {reply.content_type}",
            "Cache-control: private",
            f"Content-Length: {len(reply.body)}",
            "\r\n",
        )
        return "\r\n".join(lines).encode("latin-1")

    def send_error(
        self,
        code: int,
        message: str | None = None,
        explain: str | None = None,
    ) -> None:
        """What is not even HTTP is answered in JSON as well."""
        self.close_connection = True
        self.request_version = self.protocol_version
        self.command = getattr(self, "command", None) or ""
        error = malformed(message or explain or "not HTTP")
        self._send(Reply(code, msgspec.json.encode(error.envelope())))

    def log_message(self, format: str, *args: Any) -> None:
        """What the library has to say is for who debugs."""
        LOG.debug(format, *args)


@functools.lru_cache(maxsize=1)
def _date(second: int) -> str:
    return email.utils.formatdate(second, usegmt=True)


class _ClosingHandler(_Handler):
    protocol_version = "HTTP/1.0"


class _KeepingHandler(_Handler):
    protocol_version = "HTTP/1.1"
