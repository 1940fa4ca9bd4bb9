# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""An answer means the same in whichever pieces it comes."""

from collections.abc import Iterable
import contextlib
import gc
import http.client
import itertools
import socket
import weakref

import ddt
import hypothesis
from hypothesis import strategies
import testtools

from storpool_common import connections
from storpool_common import reception

WAITS = connections.Waits(connect=10.0, read=10.0, left=lambda: 10.0)
BODY = b'{"generation": 7}'
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n" + BODY
CHUNKS = (
    b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"
    b"a;x=y\r\n" + BODY[:10] + b"\r\n7\r\n" + BODY[10:] + b"\r\n0\r\n\r\n"
)
ENDLESS = b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\n" + BODY
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\n"
ANSWERS = (LENGTH, CHUNKS, ENDLESS, INTERIM + LENGTH)

TOKENS = strategies.text("aZ0!#$%&'*+.^_`|~-", min_size=1, max_size=8)
VALUES = strategies.text(
    strategies.characters(min_codepoint=33, max_codepoint=255), max_size=8
)
FIELDS = strategies.lists(
    strategies.tuples(TOKENS.map("x-{}".format), VALUES), max_size=5
)
CUTS = strategies.lists(strategies.integers(1, 200), max_size=9)

quickly = hypothesis.settings(
    max_examples=100, deadline=None, derandomize=True, database=None
)


class Pieces(socket.socket):
    """By which these come, each for itself, and then the end or nothing."""

    def __init__(self, pieces: Iterable[bytes], ends: bool) -> None:
        super().__init__()
        self._pieces = list(filter(None, pieces))
        self._ends = ends
        self.waited: list[float] = []

    def settimeout(self, seconds: float | None) -> None:
        super().settimeout(seconds)
        self.waited.append(seconds or 0.0)

    def sendall(self, data: bytes) -> None:
        pass

    def recv(self, size: int) -> bytes:
        if not self._pieces:
            if self._ends:
                return b""
            raise TimeoutError
        piece = self._pieces.pop(0)
        if piece[size:]:
            self._pieces.insert(0, piece[size:])
        return piece[:size]


class Piecemeal(connections.Connection):
    """A connection by which these pieces come."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        super().__init__("127.0.0.1", 81, fields={})
        self._pieces = pieces
        self._ends = ends

    def connect(self) -> None:
        self.sock = Pieces(self._pieces, self._ends)


def received(
    *pieces: bytes,
    ends: bool = True,
    waits: connections.Waits = WAITS,
) -> reception.Reception:
    asked = Piecemeal(*pieces, ends=ends)
    with contextlib.closing(asked):
        return asked.ask("GET", "/", None, waits)


def cut(text: bytes, *positions: int) -> list[bytes]:
    """The text in pieces that end there."""
    ends = sorted({0, *(each % len(text) for each in positions), len(text)})
    return [text[one:other] for one, other in itertools.pairwise(ends)]


def written(said: list[tuple[str, str]]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in said]
    return "".join(lines).encode("latin-1")


@ddt.ddt
class PiecesTest(testtools.TestCase):
    @ddt.data(*ANSWERS)
    def test_two_pieces(self, text: bytes) -> None:
        for position in range(len(text)):
            answer = received(*cut(text, position))
            self.assertEqual((200, BODY), (answer.status, answer.body))

    @ddt.data(*ANSWERS)
    def test_byte_by_byte(self, text: bytes) -> None:
        answer = received(*cut(text, *range(len(text))))
        self.assertEqual((200, BODY), (answer.status, answer.body))

    @ddt.data(LENGTH, CHUNKS[: -len("0\r\n\r\n")], INTERIM + LENGTH)
    def test_what_is_missing_is_missed(self, text: bytes) -> None:
        for position in range(len(text)):
            self.assertRaises(
                http.client.HTTPException, received, text[:position]
            )

    def test_any_head_in_any_pieces(self) -> None:
        @quickly
        @hypothesis.given(FIELDS, strategies.binary(max_size=50), CUTS)
        def compare(
            said: list[tuple[str, str]], body: bytes, cuts: list[int]
        ) -> None:
            said = [*said, ("Content-Length", str(len(body)))]
            text = b"HTTP/1.1 200 OK\r\n" + written(said) + b"\r\n" + body
            answer = received(*cut(text, *cuts))
            self.assertEqual(body, answer.body)
            for name, value in said:
                values = answer.field(name.lower()).split(", ")
                self.assertIn(value.strip(" \t"), values)

        compare()

    def test_whatever_comes(self) -> None:
        """It is an answer, or refused as none."""

        @quickly
        @hypothesis.given(
            strategies.sampled_from([b"", *(each[:-9] for each in ANSWERS)]),
            strategies.binary(max_size=50),
            CUTS,
        )
        def ask(begin: bytes, text: bytes, cuts: list[int]) -> None:
            whole = begin + text + b"\n"
            try:
                answer = received(*cut(whole, *cuts))
            except http.client.HTTPException:
                return
            self.assertIn(answer.status, range(200, 600))

        ask()


@ddt.ddt
class RefusedTest(testtools.TestCase):
    @ddt.data(b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail\r\n", b"\r\n{}")
    def test_another_protocol(self, text: bytes) -> None:
        """A server that waits for more of us is not waited for."""
        error = self.assertRaises(
            http.client.HTTPException, received, text, ends=False
        )
        self.assertIn("no answer", str(error))

    @ddt.data(b"gzip", b"gzip, chunked", b"chunked\r\nA: b", b"identity")
    def test_a_coding(self, coding: bytes) -> None:
        """Chunks alone are understood, in whichever pieces they come."""
        text = CHUNKS.replace(b"Encoding: chunked", b"Encoding: " + coding)
        for pieces in ((text,), (text[:-9], text[-9:])):
            if coding.startswith(b"chunked"):
                self.assertEqual(BODY, received(*pieces).body)
                continue
            error = self.assertRaises(
                http.client.HTTPException, received, *pieces, ends=False
            )
            self.assertIn(coding.decode(), str(error))

    @ddt.data(b"HTTP/2.0", b"HTTP/0.9", b"RTSP/1.0", b"ICE/1.0", b"http/1.1")
    def test_another_version(self, begin: bytes) -> None:
        text = LENGTH.replace(b"HTTP/1.1", begin)
        for pieces in ((text,), cut(text, 3), cut(text, 9)):
            self.assertRaises(
                http.client.HTTPException, received, *pieces, ends=False
            )

    def test_a_head_that_is_too_long(self) -> None:
        """As a whole, and not as TCP has cut it."""
        long = b"\r\nX: " + b"x" * reception.LONGEST_HEAD + b"\r\n\r\n"
        text = LENGTH.replace(b"\r\n\r\n", long)
        for position in (0, 100, 30_000, reception.PIECE, len(text) - 20):
            self.assertRaises(
                http.client.LineTooLong, received, *cut(text, position)
            )

    @ddt.data(b"X: y\r\n", b"x")
    def test_a_head_that_does_not_end(self, more: bytes) -> None:
        """It is given up while it comes."""
        pieces = [more * (reception.PIECE // 4 // len(more) + 1)] * 9
        error = self.assertRaises(
            http.client.LineTooLong,
            received,
            b"HTTP/1.1 200 OK\r\n",
            *pieces,
            ends=False,
        )
        self.assertIn("head", str(error))

    @ddt.data(
        b" folded: x",
        b"\tfolded",
        b"X : y",
        b"X",
        b": y",
        b"X: y\rZ: z",
        b"\xff: y",
    )
    def test_a_line_that_is_no_field(self, line: bytes) -> None:
        text = LENGTH.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")
        error = self.assertRaises(
            http.client.HTTPException, received, text, ends=False
        )
        self.assertIn("no answer", str(error))

    @ddt.data(1, 2, 3)
    def test_a_server_that_drips(self, piece: int) -> None:
        """The time for all of the answer holds for its head, too."""
        left = iter([2.0, 1.0, 0.0])
        waits = WAITS._replace(left=lambda: next(left))
        pieces = cut(LENGTH, *range(0, len(LENGTH), piece))
        self.assertRaises(TimeoutError, received, *pieces, waits=waits)

    def test_how_long_each_piece_is_waited_for(self) -> None:
        """As long as a silence may be, and no longer than for all."""
        asked = Piecemeal(*cut(LENGTH, 9, 20), ends=False)
        self.addCleanup(asked.close)
        left = iter([9.0, 8.0, 3.0, 2.0])
        waits = connections.Waits(5.0, read=7.0, left=lambda: next(left))
        asked.ask("GET", "/", None, waits)
        self.assertEqual([7.0, 3.0, 2.0], asked.sock.waited)


@ddt.ddt
class KeptTest(testtools.TestCase):
    @ddt.data(
        (LENGTH, True),
        (LENGTH + b"H", False),
        (LENGTH + b"{", False),
        (LENGTH + LENGTH, False),
        (CHUNKS + LENGTH, False),
        (CHUNKS, True),
    )
    @ddt.unpack
    def test_more_than_an_answer(self, text: bytes, kept: bool) -> None:
        """What nobody asked for is not taken for the next answer."""
        asked = Piecemeal(text, ends=False)
        self.addCleanup(asked.close)
        self.assertEqual(BODY, asked.ask("GET", "/", None, WAITS).body)
        self.assertEqual(kept, asked.sock is not None)

    def test_a_field_said_twice(self) -> None:
        text = LENGTH.replace(b"\r\n\r\n", b"\r\nA: 1\r\na:2 \r\n\r\n")
        self.assertEqual("1, 2", received(text).field("a"))

    def test_nothing_is_left_to_the_collector(self) -> None:
        answer = reception.Reception()
        answer.take(LENGTH)
        self.addCleanup(gc.enable)
        gc.disable()
        kept = weakref.ref(answer)
        del answer
        self.assertIsNone(kept())
