# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is an answer's head, where its body ends, who keeps a connection."""

import contextlib
import http.client
import socket
import time

import ddt
import fixtures
import testtools

from storpool_common import config
from storpool_common import connections
from storpool_common import transport
from tests.unit.common import server

WAITS = connections.Waits(connect=10.0, read=10.0, left=lambda: 10.0)
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def wire(*parts: bytes, hang_up: bool = False) -> server.Act:
    """Send these bytes as they are, one segment after the other."""

    def act(handler) -> None:
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
        handler.close_connection = hang_up

    return act


class ConnectionCase(testtools.TestCase):
    def serve(self, *acts: server.Act) -> server.ScriptedServer:
        return self.useFixture(server.ScriptedServer(*acts))

    def connect(self, peer: server.ScriptedServer) -> connections.Connection:
        made = connections.Connection(
            peer.address.host, peer.address.port, fields={"User-Agent": "x"}
        )
        self.addCleanup(made.close)
        return made

    def ask(
        self, asked: connections.Connection, body: bytes | None = None
    ) -> tuple[int, bytes]:
        method = "GET" if body is None else "POST"
        answer = asked.ask(method, "/ctrl/1.0/AnyCall", body, WAITS)
        return answer.status, answer.body

    def answered(self, *parts: bytes, hang_up: bool = False):
        """What an answer of these bytes is taken for."""
        peer = self.serve(wire(*parts, hang_up=hang_up))
        return self.ask(self.connect(peer))


@ddt.ddt
class HeadTest(ConnectionCase):
    def test_chunks(self) -> None:
        peer = self.serve(
            wire(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n",
                b"3;x=y\r\n{  \r\n",
                b"1\r\n}\r\n0\r\nTrailer: x\r\n\r\n",
            )
        )
        asked = self.connect(peer)
        self.assertEqual((200, b"{  }"), self.ask(asked))
        self.ask(asked)
        self.assertEqual(1, len({seen.connection for seen in peer.requests}))

    def test_a_body_until_the_connection_ends(self) -> None:
        self.assertEqual(
            (200, b"{}"),
            self.answered(b"HTTP/1.1 200 OK\r\n\r\n{}", hang_up=True),
        )

    @ddt.data(204, 304)
    def test_no_body(self, status: int) -> None:
        head = f"HTTP/1.1 {status} -\r\n\r\n".encode()
        self.assertEqual((status, b""), self.answered(head))

    def test_an_interim_answer(self) -> None:
        interim = b"HTTP/1.1 100 Continue\r\nServer: x\r\n\r\n"
        self.assertEqual((200, b"{}"), self.answered(interim, KEPT))

    @ddt.data(
        b"HTTP/1.1 200\r\nContent-Length:2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\nCONTENT-LENGTH:  2  \n\n{}",
        b"HTTP/1.1 200 OK\r\nX: \xff\r\nX:\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}",
    )
    def test_a_head(self, text: bytes) -> None:
        self.assertEqual((200, b"{}"), self.answered(text))

    @ddt.data(
        b"",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"{}\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno field\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n",
    )
    def test_no_head(self, text: bytes) -> None:
        peer = self.serve(wire(text, hang_up=True))
        asked = self.connect(peer)
        self.assertRaises(http.client.HTTPException, self.ask, asked)


@ddt.ddt
class KeptTest(ConnectionCase):
    @ddt.data(
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\n", False),
        (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", True),
        (b"HTTP/1.0 200 OK\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n", True),
    )
    @ddt.unpack
    def test_who_keeps(self, begin: bytes, kept: bool) -> None:
        peer = self.serve(wire(begin + b"Content-Length: 2\r\n\r\n{}"))
        asked = self.connect(peer)
        self.assertEqual((200, b"{}"), self.ask(asked))
        self.assertEqual(
            (200, server.envelope({"ok": True, "generation": 7})),
            self.ask(asked),
        )
        used = {seen.connection for seen in peer.requests}
        self.assertEqual(1 if kept else 2, len(used))

    def test_each_call_waits_for_itself(self) -> None:
        peer = self.serve(wire(KEPT), wire(KEPT), wire(KEPT))
        asked = self.connect(peer)
        for read in (7.0, 4.0, 9.0):
            waits = WAITS._replace(read=read)
            asked.ask("GET", "/ctrl/1.0/AnyCall", None, waits)
            self.assertEqual(read, asked.sock.gettimeout())
        self.assertEqual(1, len({seen.connection for seen in peer.requests}))

    def test_head_and_body_leave_together(self) -> None:
        peer = self.serve()
        sent: list[bytes] = []

        class Recorded(connections.Connection):
            def connect(self) -> None:
                super().connect()
                plain = self.sock
                self.sock = _Recorder(plain, sent)

        asked = Recorded(peer.address.host, peer.address.port, fields={})
        self.addCleanup(asked.close)
        self.ask(asked, b'{"a":1}')
        (whole,) = sent
        self.assertTrue(whole.startswith(b"POST /ctrl/1.0/AnyCall HTTP/1.1"))
        self.assertTrue(whole.endswith(b'\r\n\r\n{"a":1}'))

    def test_what_is_said(self) -> None:
        peer = self.serve()
        self.ask(self.connect(peer), b"{}")
        (seen,) = peer.requests
        self.assertEqual(
            {
                "Host": str(peer.address),
                "User-Agent": "x",
                "Content-Length": "2",
            },
            seen.headers,
        )

    @ddt.data(
        ("127.0.0.1", "127.0.0.1:81"),
        ("::1", "[::1]:81"),
        ("fe80::1%eth0", "[fe80::1]:81"),
    )
    @ddt.unpack
    def test_what_the_server_is_called(self, host: str, said: str) -> None:
        sent = []

        class Caught(connections.Connection):
            def send(self, data: bytes) -> None:
                sent.append(data)
                raise BrokenPipeError

            def connect(self) -> None:
                self.sock = socket.socket()

        asked = Caught(host, 81, fields={})
        self.addCleanup(asked.close)
        self.assertRaises(connections.NotSent, self.ask, asked)
        self.assertIn(f"\r\nHost: {said}\r\n".encode(), sent[0])

    @ddt.data("/a b", "/a\r\nX: y", "a", "", "/\xe4")
    def test_a_path_that_is_none(self, target: str) -> None:
        peer = self.serve()
        asked = self.connect(peer)
        self.assertRaises(
            http.client.InvalidURL, asked.ask, "GET", target, None, WAITS
        )
        self.assertEqual([], peer.requests)

    @ddt.data("a\r\nX: y", "a\nb", "\xe4")
    def test_a_field_that_is_none(self, value: str) -> None:
        error = self.assertRaises(
            ValueError,
            connections.Connection,
            "127.0.0.1",
            81,
            fields={"Authorization": value},
        )
        self.assertNotIn(value, str(error))

    def test_a_name_that_no_host_can_have(self) -> None:
        asked = connections.Connection("a..b", 81, fields={})
        self.assertRaises(connections.NotSent, self.ask, asked)


class _Recorder:
    """A socket that remembers what it was given to send at once."""

    def __init__(self, plain, sent: list[bytes]) -> None:
        self._plain = plain
        self._sent = sent

    def sendall(self, data: bytes) -> None:
        self._sent.append(data)
        self._plain.sendall(data)

    def __getattr__(self, name: str):
        return getattr(self._plain, name)


class _Timed(connections.Connection):
    """Says how many seconds there were left once it was connected."""

    left = 0.0

    def connect(self) -> None:
        super().connect()
        self.left = self.sock.gettimeout() or 0.0


class NameTest(ConnectionCase):
    """A host with several addresses."""

    def name(self, *peers: config.ApiAddress) -> _Timed:
        """A connection to a name with these addresses."""
        resolve = socket.getaddrinfo
        found = [
            each
            for peer in peers
            for each in resolve(peer.host, peer.port, type=socket.SOCK_STREAM)
        ]
        self.useFixture(
            fixtures.MonkeyPatch("socket.getaddrinfo", lambda *_, **__: found)
        )
        made = _Timed("api.example.com", 81, fields={})
        self.addCleanup(made.close)
        return made

    def ask_soon(self, asked: connections.Connection) -> tuple[int, bytes]:
        waits = WAITS._replace(connect=0.1)
        answer = asked.ask("GET", "/ctrl/1.0/AnyCall", None, waits)
        return answer.status, answer.body

    def silent(self) -> config.ApiAddress:
        return self.useFixture(server.SilentPeer()).address

    def test_one_that_refuses(self) -> None:
        peer = self.serve(wire(KEPT))
        asked = self.name(server.unused_address(), peer.address)
        self.assertEqual((200, b"{}"), self.ask(asked))

    def test_one_that_does_not_answer(self) -> None:
        peer = self.serve(wire(KEPT))
        asked = self.name(self.silent(), peer.address)
        self.assertEqual((200, b"{}"), self.ask_soon(asked))

    def test_they_share_the_time(self) -> None:
        """A tenth of a second, where each had one for itself."""
        asked = self.name(*[self.silent()] * 10)
        began = time.monotonic()
        error = self.assertRaises(connections.NotSent, self.ask_soon, asked)
        self.assertLess(time.monotonic() - began, 0.9)
        self.assertIsInstance(error.__cause__, TimeoutError)

    def test_the_rest_is_for_a_handshake(self) -> None:
        asked = self.name(*[self.serve(wire(KEPT)).address] * 10)
        self.ask(asked)
        self.assertGreater(asked.left, WAITS.connect / 2)

    def test_the_last_one_says_why(self) -> None:
        asked = self.name(self.silent(), server.unused_address())
        error = self.assertRaises(connections.NotSent, self.ask_soon, asked)
        self.assertIsInstance(error.__cause__, ConnectionRefusedError)

    def test_none(self) -> None:
        error = self.assertRaises(
            connections.NotSent, self.ask_soon, self.name()
        )
        self.assertIn("has no address", str(error.__cause__))


class PoolTest(ConnectionCase):
    def pool(self, peer: server.ScriptedServer) -> connections.Pool:
        made = connections.Pool(lambda: self.connect(peer))
        self.addCleanup(made.close)
        return made

    def test_one_at_a_time(self) -> None:
        pool = self.pool(self.serve())
        with pool.lend() as first, pool.lend() as second:
            self.assertIsNot(first, second)
        with pool.lend() as again:
            self.assertIs(first, again)

    def test_after_a_failure(self) -> None:
        peer = self.serve()
        pool = self.pool(peer)
        with contextlib.suppress(KeyboardInterrupt), pool.lend() as lent:
            self.ask(lent)
            raise KeyboardInterrupt
        self.assertIsNone(lent.sock)

    def test_closed_while_one_is_lent(self) -> None:
        peer = self.serve()
        pool = self.pool(peer)
        with pool.lend() as lent:
            self.ask(lent)
            pool.close()
            self.assertEqual(200, self.ask(lent)[0])
        self.assertIsNone(lent.sock)

    def test_no_more_than_are_kept(self) -> None:
        peer = self.serve()
        pool = self.pool(peer)
        with contextlib.ExitStack() as stack:
            lent = [
                stack.enter_context(pool.lend())
                for _ in range(connections.KEPT_CONNECTIONS + 1)
            ]
            for each in lent[:2]:
                self.ask(each)
        self.assertEqual(1, sum(each.sock is not None for each in lent[:2]))


class RestTest(ConnectionCase):
    def test_more_than_the_length_is_not_read(self) -> None:
        """What follows an answer nobody asked for: the connection ends."""
        peer = self.serve(wire(KEPT + b"HTTP/1.1 200 OK\r\n"))
        asked = transport.Transport(peer.settings)
        self.addCleanup(asked.close)
        for _ in range(2):
            reply = asked.exchange(
                transport.Request(
                    what="AnyCall",
                    method="GET",
                    target="/",
                    body=None,
                    deadline=transport.Deadline.after(10.0),
                )
            )
            self.assertEqual(200, reply.status)
