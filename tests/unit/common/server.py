# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A server that misbehaves on the wire as a test's script says.

What the API answers is the simulator's business; this one is for what no
well-behaved server does. Each request meets the next act of the script, and
:func:`ok` when the script is over.
"""

from collections.abc import Callable
from collections.abc import Iterable
import contextlib
import dataclasses
import http.server
import json
import socket
import socketserver
import ssl
import struct
import threading

import fixtures

from storpool_common.config import ApiAddress
from storpool_common.config import ApiSettings

TOKEN = "4098273409872340987"


@dataclasses.dataclass(frozen=True)
class Seen:
    """One request as it came in, and the connection that it came by."""

    connection: int
    source: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


Act = Callable[["_Handler"], None]


def envelope(data) -> bytes:
    return json.dumps({"generation": 7, "data": data}).encode()


def ok(data=None) -> Act:
    """Answer properly."""
    return raw(
        envelope({"ok": True, "generation": 7} if data is None else data)
    )


def error(name, descr="", *, transient=False, status=400) -> Act:
    """Answer with an error of the API."""
    problem = {"name": name, "descr": descr, "transient": transient}
    return raw(json.dumps({"error": problem}).encode(), status=status)


def raw(
    body: bytes,
    *,
    status=200,
    content_type="application/json",
    close=False,
) -> Act:
    """Answer with these bytes; ``close`` says so and does so."""

    def act(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        if close:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = handler.close_connection or close

    return act


def hang_up(handler) -> None:
    """Read the request and close the connection without an answer."""
    handler.close_connection = True


def reset(handler) -> None:
    """Read the request and break the connection."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def ok_and_hang_up(handler) -> None:
    """Answer as if the connection stayed, and close it."""
    ok()(handler)
    handler.close_connection = True


def cut_short(handler) -> None:
    """Promise more bytes than are sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"generation": 7, ')
    handler.close_connection = True


def garbage(handler) -> None:
    """Answer in another protocol."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True


def drip(between: Callable[[], None]) -> Act:
    """Send an answer byte by byte, with something happening in between."""

    def act(handler):
        body = envelope(None)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for position in range(len(body)):
            between()
            handler.wfile.write(body[position : position + 1])
            handler.wfile.flush()

    return act


def silence(handler) -> None:
    """Do not answer before the test is over."""
    handler.server.over.wait()
    handler.close_connection = True


class _Handler(http.server.BaseHTTPRequestHandler):
    # Head and body leave in one segment.
    wbufsize = -1

    def _act(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.requests.append(
            Seen(
                connection=self.client_address[1],
                source=self.client_address[0],
                method=self.command,
                path=self.path,
                headers=dict(self.headers),
                body=self.rfile.read(length),
            )
        )
        next(self.server.acts, ok())(self)

    do_GET = _act  # noqa: N815
    do_POST = _act  # noqa: N815

    def log_message(self, *args) -> None:
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, acts: Iterable[Act], protocol: str, port: int) -> None:
        self.acts = iter(acts)
        self.requests: list[Seen] = []
        self.over = threading.Event()
        self.closed = threading.Semaphore(0)
        handler = type("Handler", (_Handler,), {"protocol_version": protocol})
        super().__init__(("127.0.0.1", port), handler)

    def shutdown_request(self, request) -> None:
        super().shutdown_request(request)
        self.closed.release()

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no news."""


class ScriptedServer(fixtures.Fixture):
    """A server on the loopback interface that follows a script.

    :param acts: what to do with each request, in order.
    :param protocol: ``HTTP/1.0`` closes each connection after an answer.
    :param tls: a context with a certificate, to speak TLS.
    :param port: 0 for any that is free.
    """

    def __init__(
        self,
        *acts: Act,
        protocol: str = "HTTP/1.1",
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        super().__init__()
        self._port = port
        self._acts = acts
        self._protocol = protocol
        self._tls = tls

    def _setUp(self) -> None:  # noqa: N802
        self._server = _Server(self._acts, self._protocol, self._port)
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True
            )
        self.address = ApiAddress("127.0.0.1", self._server.server_port)
        self.settings = ApiSettings(
            addresses=(self.address,), token=TOKEN, origin="the test"
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.01},
        )
        self._thread.start()
        self.addCleanup(self._stop)

    def _stop(self) -> None:
        self._server.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_closed(self, connections: int) -> None:
        """Wait until the server has closed so many connections."""
        for _ in range(connections):
            self._server.closed.acquire(timeout=10)

    @property
    def requests(self) -> list[Seen]:
        """What came in so far."""
        return list(self._server.requests)


def unused_address() -> ApiAddress:
    """An address of this host where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return ApiAddress("127.0.0.1", listener.getsockname()[1])


class SilentPeer(fixtures.Fixture):
    """Somebody with whom no connection comes about, nor is refused.

    Linux answers nobody while as many wait as the listener lets.

    :ivar address: where to ask.
    """

    def _setUp(self) -> None:  # noqa: N802
        opened = contextlib.ExitStack()
        self.addCleanup(opened.close)
        listener = opened.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self.address = ApiAddress(*listener.getsockname())
        for _ in range(3):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
