# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The wire: HTTP/1.0 that closes, or HTTP/1.1 that keeps alive."""

import contextlib
import http.server
import logging
import socket
import sys
import threading
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
    sys_version = ""
    disable_nagle_algorithm = True
    # head and body leave in one segment, if they fit in one
    wbufsize = 1 << 20

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
                authorization=self.headers.get("Authorization", ""),
                body=self._body(),
                bridge_key=self.headers.get(KEY_HEADER, ""),
                bridge_from=self.headers.get(FROM_HEADER, ""),
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
        said = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            raise malformed("send a Content-Length")
        if not said.isdecimal() or int(said) > LONGEST_BODY:
            raise malformed(f"Content-Length '{said}'")
        body = self.rfile.read(int(said))
        if len(body) < int(said):
            # Half a request may be a whole one of another meaning.
            raise Dropped
        return body

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Cache-control", "private")
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

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
        """Requests are in the journal, and in the log for who debugs."""
        LOG.debug(format, *args)


class _ClosingHandler(_Handler):
    protocol_version = "HTTP/1.0"


class _KeepingHandler(_Handler):
    protocol_version = "HTTP/1.1"
