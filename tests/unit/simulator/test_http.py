# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""However a head is written, and in whichever pieces it comes."""

import email.utils
import socket

import ddt

from storpool_simulator import testing
from tests.unit.simulator import base
from tests.unit.simulator import raw

PATH = "/ctrl/1.0/Volume/a"
UPDATE = "/ctrl/1.0/VolumeUpdate/a"
BODY = b'{"tags":{"x":"y"}}'


@ddt.ddt
class HeadTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.create("a")
        self.raw = self.useFixture(raw.Raw(self.simulator))
        self.raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.token = f"Storpool v1:{self.simulator.token}"

    def request(self, *fields, line=f"GET {PATH} HTTP/1.1", end="\r\n"):
        lines = (line, *fields, f"Authorization: {self.token}", "", "")
        return end.join(lines).encode("latin-1")

    def assertAnswered(self, status=200):  # noqa: N802
        answer = self.raw.answer()
        self.assertEqual(status, answer.status, answer.body)
        return answer

    @ddt.data(
        ("Host: x", "Accept-Encoding: identity"),
        ("authorization: first", "X: y"),
        ("X: a", "X: b"),
        ("X:y",),
        ("X:  y \t",),
        ("X: \xe4",),
        ("X: a", " folded"),
        ("x_y.z: a",),
        ("CONTENT-LENGTH: 0",),
        ("Connection: keep-alive",),
        ("X: " + "y" * 20_000,),
        tuple(f"X-{number}: y" for number in range(90)),
        (*(f"X-{number}: y" for number in range(60)), "X: \xe4"),
    )
    def test_fields(self, fields):
        """The same, for whoever reads the head."""
        wrong = "authorization: first" in fields
        for _ in range(2):
            self.raw.send(self.request(*fields))
            self.assertAnswered(401 if wrong else 200)

    @ddt.data("\r\n", "\n")
    def test_ends_of_lines(self, end):
        self.raw.send(self.request("X: y", end=end))
        self.assertAnswered()

    @ddt.data("//ctrl/1.0/Volume/a", PATH + "?a=b", "/ctrl/1.0/Volume/%61")
    def test_paths(self, path):
        self.raw.send(self.request(line=f"GET {path} HTTP/1.1"))
        self.assertAnswered()

    @ddt.data(
        ("HTTP/1.1", "Connection: close", True),
        ("HTTP/1.1", "connection: Close", True),
        ("HTTP/1.1", "X: close", False),
        ("HTTP/1.0", "X: y", True),
        ("HTTP/1.0", "Connection: keep-alive", False),
    )
    @ddt.unpack
    def test_who_is_kept(self, version, field, ends):
        self.raw.send(self.request(field, line=f"GET {PATH} {version}"))
        answer = self.assertAnswered()
        self.assertEqual(ends, "connection" in answer.headers)
        if ends:
            self.assertTrue(self.raw.ended())
            return
        self.raw.send(self.request())
        self.assertAnswered()

    def test_a_server_that_closes(self):
        simulator = self.useFixture(testing.SimulatorFixture(http="1.0"))
        asked = self.useFixture(raw.Raw(simulator))
        answer = asked.ask("GET", "/ctrl/1.0/VolumesList")
        self.assertEqual("HTTP/1.0 200 OK", answer.line)
        self.assertTrue(asked.ended())

    def test_the_oldest_version(self):
        """It has no head, so nobody can have given the token."""
        self.raw.send(f"GET {PATH}\r\n\r\n".encode())
        self.assertEqual(b'{"error"', self.raw.socket.recv(8))

    def test_a_body_that_is_announced(self):
        length = f"Content-Length: {len(BODY)}"
        self.raw.send(
            self.request(
                "Expect: 100-continue", length, line=f"POST {UPDATE} HTTP/1.1"
            )
        )
        self.assertEqual(
            b"HTTP/1.1 100 Continue\r\n\r\n", self.raw.socket.recv(100)
        )
        self.raw.send(BODY)
        self.assertAnswered()
        self.assertEqual({"x": "y"}, self.volume("a").tags)

    def test_any_two_pieces(self):
        length = f"Content-Length: {len(BODY)}"
        text = self.request(length, line=f"POST {UPDATE} HTTP/1.1") + BODY
        for position in range(1, len(text)):
            self.raw.send(text[:position])
            self.raw.send(text[position:])
            self.assertAnswered()

    def test_byte_by_byte(self):
        for byte in self.request():
            self.raw.send(bytes([byte]))
        self.assertAnswered()

    def test_several_at_once(self):
        self.raw.send(self.request() * 3 + self.request("Connection: close"))
        answered = b""
        while piece := self.raw.socket.recv(65536):
            answered += piece
        self.assertEqual(4, answered.count(b"HTTP/1.1 200 OK\r\n"))

    def test_what_an_answer_says(self):
        self.raw.send(self.request())
        answer = self.assertAnswered()
        self.assertEqual("HTTP/1.1 200 OK", answer.line)
        said = email.utils.parsedate_to_datetime(answer.headers.pop("date"))
        self.assertIsNotNone(said.tzinfo)
        self.assertEqual(
            {
                "server": "StorPool-simulator",
                "content-type": "application/json",
                "cache-control": "private",
                "content-length": str(len(answer.body)),
            },
            answer.headers,
        )
