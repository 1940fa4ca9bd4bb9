# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent: an error in JSON or an end, and the next is served."""

import contextlib
import json
import logging
import random
import threading

import ddt

from tests.unit.simulator import base
from tests.unit.simulator import raw

LIST = "/ctrl/1.0/VolumesList"


class Lines(logging.Handler):
    """What is logged, and whether somebody went away."""

    def __init__(self):
        super().__init__()
        self.lines = []
        self.gone = threading.Event()

    def emit(self, record):
        self.lines.append(self.format(record))
        if "went away" in record.getMessage():
            self.gone.set()


@ddt.ddt
class RobustTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.create("a")
        self.raw = self.useFixture(raw.Raw(self.simulator))

    def head(self, method, path, length):
        return (
            f"{method} {path} HTTP/1.1\r\n"
            f"Authorization: Storpool v1:{self.simulator.token}\r\n"
            f"Content-Length: {length}\r\n\r\n"
        ).encode()

    def assertServed(self):  # noqa: N802
        other = self.useFixture(raw.Raw(self.simulator))
        names = [each["name"] for each in other.ask("GET", LIST).json["data"]]
        self.assertEqual(["a"], names)

    def assertErrorOrEnd(self, status=None):  # noqa: N802
        answer = self.raw.answer()
        if answer is not None:
            self.assertEqual({"error"}, set(answer.json))
            self.assertIn(status, (None, answer.status))
        self.assertServed()

    @ddt.data(
        ("GET", LIST, "Storpool v1:wrong", 401),
        ("GET", LIST, "Bearer x", 401),
        ("GET", LIST, "", 401),
        ("GET", "/ctrl/1.0/Nothing", None, 404),
        ("GET", "/ctrl/1.0/VolumeDelete/a", None, 404),
        ("POST", LIST, None, 404),
        ("DELETE", LIST, None, 404),
        ("PUT", LIST, None, 501),
        ("GET", "/ctrl/1.0/" + "x" * 70000, None, 414),
        ("GET", "/ctrl/1.0/Volume/%00%ff", None, 400),
        ("GET", "/ctrl/1.0/../../etc/passwd", None, 404),
        ("GET", "*", None, 404),
    )
    @ddt.unpack
    def test_requests_that_mean_nothing(self, method, path, token, status):
        if token is None:
            token = f"Storpool v1:{self.simulator.token}"
        self.raw.send(
            f"{method} {path} HTTP/1.1\r\nAuthorization: {token}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        self.assertErrorOrEnd(status)

    def test_a_body_of_ten_million_bytes(self):
        text = json.dumps({"name": "b" * 10_000_000}).encode()
        self.raw.send(self.head("POST", "/ctrl/1.0/VolumeCreate", len(text)))
        self.raw.send(text)
        self.assertErrorOrEnd(400)

    def test_more_than_is_read(self):
        self.raw.send(self.head("POST", "/ctrl/1.0/VolumeCreate", 1 << 40))
        self.assertErrorOrEnd(400)

    @ddt.data(
        b"",
        b"GET",
        b"POST /ctrl/1.0/VolumeDelete/a HTTP/1.1\r\nContent-Le",
        b"POST /ctrl/1.0/VolumeDelete/a HTTP/1.1\r\n",
    )
    def test_half_a_head(self, data):
        self.raw.send(data)
        self.raw.socket.close()
        self.assertServed()

    @ddt.data(b"", b"{}", b'{"onAttached"')
    def test_half_a_body(self, data):
        """Nothing is done that was not asked for as a whole."""
        self.raw.send(self.head("POST", "/ctrl/1.0/VolumeDelete/a", 100))
        self.raw.send(data)
        self.raw.socket.shutdown(1)
        self.assertTrue(self.raw.ended())
        self.assertServed()

    @ddt.data(b"", b"GET", b"POST /ctrl/1.0/VolumeDelete/a HTTP/1.1\r\nCon")
    def test_killed_in_mid_request(self, data):
        """One line for who debugs, whatever was sent until then."""
        self.require_one_line(data)

    def test_killed_in_mid_body(self):
        head = self.head("POST", "/ctrl/1.0/VolumeDelete/a", 100)
        self.require_one_line(head + b'{"onAttached"')

    def test_killed_before_the_answer(self):
        """Nobody reads the answer, which comes when they are gone."""
        self.simulator.add_fault(action="delay", seconds=0.05)
        self.require_one_line(self.head("GET", LIST, 0) * 20)

    def require_one_line(self, data):
        said = Lines()
        logger = logging.getLogger("storpool_simulator.http")
        self.addCleanup(logger.setLevel, logger.level)
        self.addCleanup(logger.removeHandler, said)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(said)
        self.raw.send(data)
        self.raw.reset()
        self.assertTrue(said.gone.wait(10), said.lines)
        self.assertServed()
        gone = [each for each in said.lines if "went away" in each]
        self.assertEqual(1, len(gone), said.lines)
        self.assertNotIn("\n", gone[0])

    def test_a_slow_sender_keeps_nobody_waiting(self):
        self.raw.send(self.head("POST", "/ctrl/1.0/VolumeDelete/a", 2))
        self.raw.send(b"{")
        self.assertServed()
        self.raw.send(b"}")
        self.assertEqual(200, self.raw.answer().status)

    def test_rubbish(self):
        noise = random.Random(7)
        for size in (1, 10, 1000, 100_000):
            self.raw = self.useFixture(raw.Raw(self.simulator))
            self.raw.send(noise.randbytes(size) + b"\r\n\r\n")
            with contextlib.suppress(OSError):  # it may have hung up already
                self.raw.socket.shutdown(1)
            self.assertErrorOrEnd()

    def test_rubbish_as_a_body(self):
        body = random.Random(8).randbytes(5000)
        self.raw.send(self.head("POST", "/ctrl/1.0/VolumeCreate", len(body)))
        self.raw.send(body)
        self.assertErrorOrEnd(400)

    @ddt.data(
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' * 700 + b"1" + b"}" * 700,
        b"1e999",
        b'"\\ud800"',
        b'{"name": "b", "size": 1e400}',
        b'{"name": "b", "size": 99999999999999999999999999999}',
        b'{"name": null, "size": null, "template": null}',
    )
    def test_json_that_is_none_or_strange(self, body):
        answer = self.raw.ask("POST", "/ctrl/1.0/VolumeCreate", body)
        self.assertEqual(400, answer.status)
        self.assertIn("error", answer.json)
        self.assertServed()

    def test_deep_rubbish_for_the_simulator_itself(self):
        answer = self.raw.ask("POST", "/sim/faults", b"[" * 100_000)
        self.assertEqual(400, answer.status)
        self.assertServed()

    def test_what_some_clients_send_for_nothing(self):
        for number, tags in enumerate(('""', "null", '{"a": null}', "{}")):
            body = (
                f'{{"name": "t{number}", "size": "512", "template": "hybrid",'
                f' "iops": null, "tags": {tags}}}'
            )
            answer = self.raw.ask(
                "POST", "/ctrl/1.0/VolumeCreate", body.encode()
            )
            self.assertEqual(200, answer.status, answer.body)
            self.assertEqual({}, self.volume(f"t{number}").tags)
