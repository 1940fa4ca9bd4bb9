# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A connection that sends exactly what it is told."""

import json
import socket
import struct

import fixtures


class Answer:
    """One answer, split but not interpreted."""

    def __init__(self, head, body):
        self.line, *headers = head.decode().split("\r\n")
        self.status = int(self.line.split(" ")[1])
        self.headers = {
            name.lower(): value
            for name, value in (each.split(": ", 1) for each in headers)
        }
        self.body = body

    @property
    def json(self):
        """The body, decoded."""
        return json.loads(self.body)


class Raw(fixtures.Fixture):
    """A TCP connection to a simulator."""

    def __init__(self, simulator):
        super().__init__()
        self.simulator = simulator

    def _setUp(self):  # noqa: N802
        self.socket = socket.create_connection(
            (self.simulator.host, self.simulator.port), timeout=10
        )
        self.addCleanup(self.socket.close)

    def send(self, data):
        """Send bytes."""
        self.socket.sendall(data)

    def ask(self, method, path, body=b"", *, version="1.1", headers=()):
        """Send a request with the right token; returns the answer."""
        lines = [
            f"{method} {path} HTTP/{version}",
            f"Authorization: Storpool v1:{self.simulator.token}",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)
        return self.answer()

    def answer(self):
        """Read one answer; None when the connection ends before it."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        answer = Answer(head, body)
        while len(answer.body) < int(answer.headers["content-length"]):
            answer.body += self.socket.recv(65536)
        return answer

    def reset(self):
        """End at once, as the kernel does for who is killed."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()

    def ended(self):
        """Whether the other side has closed the connection."""
        return self.socket.recv(1) == b""
