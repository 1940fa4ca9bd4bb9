# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A server that does next to nothing, so that the clients are measured.

It reads a request to its end, as a server has to, and sends bytes that were
made before. It runs in a process of its own, one and the same for all who
are compared.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import multiprocessing
import multiprocessing.connection
import selectors
import socket

HOST = "127.0.0.1"

_HEAD = (
    "HTTP/{version} 200 OK\r\n"
    "Server: StorPool-simulator\r\n"
    "Date: Fri, 20 Nov 2026 12:00:00 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Cache-control: private\r\n"
    "Content-Length: {length}\r\n\r\n"
)
_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length: "


@contextlib.contextmanager
def answering(bodies: Mapping[str, bytes], version: str) -> Iterator[int]:
    """Start it; gives the port that it listens on.

    :param bodies: what each method of HTTP is answered with.
    :param version: ``1.1`` keeps connections, ``1.0`` closes them.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, bodies, version), daemon=True
    )
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()
        process.close()


class _Peer:
    """A connection, and what came by it so far."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.received = b""

    def request(self) -> bytes:
        """The next request, empty while it is not whole.

        :raises EOFError: there will be none.
        """
        received = self.connection.recv(1 << 16)
        if not received:
            raise EOFError
        self.received += received
        head, end, body = self.received.partition(_END)
        if not end or len(body) < _length(head):
            return b""
        self.received = b""
        return head


def _length(head: bytes) -> int:
    _, said, rest = head.lower().partition(_LENGTH)
    return int(rest.partition(b"\r\n")[0]) if said else 0


def _serve(
    parent: multiprocessing.connection.Connection,
    bodies: Mapping[str, bytes],
    version: str,
) -> None:
    answers = {
        method.encode(): _HEAD.format(
            version=version, length=len(body)
        ).encode()
        + body
        for method, body in bodies.items()
    }
    listener = socket.create_server((HOST, 0))
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    parent.send(listener.getsockname()[1])
    while True:
        for key, _ in waiting.select():
            if key.data is None:
                peer = _Peer(listener.accept()[0])
                waiting.register(peer.connection, selectors.EVENT_READ, peer)
            elif not _answered(key.data, answers, version == "1.1"):
                waiting.unregister(key.fileobj)
                key.data.connection.close()


def _answered(
    peer: _Peer, answers: Mapping[bytes, bytes], keeps: bool
) -> bool:
    """Answer what came in; tells whether the connection goes on."""
    try:
        request = peer.request()
    except (EOFError, ConnectionError):
        return False
    if not request:
        return True
    peer.connection.sendall(answers[request.partition(b" ")[0]])
    return keeps
