# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What clients of all kinds put on the wire, and what they get."""

import json

import ddt
import testtools

from storpool_common import api
from storpool_simulator import testing
from tests.unit.simulator import base
from tests.unit.simulator import raw

CREATE = "/ctrl/1.0/MultiCluster/VolumeCreate"
VOLUME = {"name": "a", "size": 512, "template": "hybrid"}


class WireTestCase(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.raw = self.useFixture(raw.Raw(self.simulator))

    def post(self, path, body=None, **kwargs):
        encoded = b"" if body is None else json.dumps(body).encode()
        return self.raw.ask("POST", path, encoded, **kwargs)

    def assertRefused(self, answer, status, name):  # noqa: N802
        error = answer.json["error"]
        self.assertEqual((status, name), (answer.status, error["name"]))
        self.assertEqual({"name", "descr", "transient"}, set(error))
        return error["descr"]


@ddt.ddt
class RequestTest(WireTestCase):
    def test_answer_has_the_headers_of_the_api(self):
        answer = self.post(CREATE, VOLUME)
        self.assertEqual(
            ("application/json", "private", str(len(answer.body))),
            tuple(
                answer.headers[name]
                for name in (
                    "content-type",
                    "cache-control",
                    "content-length",
                )
            ),
        )
        self.assertEqual(1, answer.json["generation"])
        self.assertEqual(True, answer.json["data"]["ok"])

    @ddt.data(
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=UTF-8",
    )
    def test_content_type_does_not_matter(self, kind):
        answer = self.post(CREATE, VOLUME, headers=[f"Content-Type: {kind}"])
        self.assertEqual(200, answer.status)

    def test_a_connection_is_kept(self):
        self.post(CREATE, VOLUME)
        self.assertEqual(
            200, self.raw.ask("GET", "/ctrl/1.0/VolumesList").status
        )

    def test_a_client_that_closes(self):
        answer = self.raw.ask("GET", "/ctrl/1.0/VolumesList", version="1.0")
        self.assertEqual("close", answer.headers["connection"])
        self.assertTrue(self.raw.ended())

    @ddt.data("", "MultiCluster/")
    def test_both_prefixes(self, prefix):
        self.post(f"/ctrl/1.0/{prefix}VolumeCreate", VOLUME)
        answer = self.raw.ask("GET", f"/ctrl/1.0/{prefix}Volume/a")
        self.assertEqual("a", answer.json["data"][0]["name"])

    def test_a_prefix_where_there_is_none(self):
        self.assertRefused(
            self.raw.ask("GET", "/ctrl/1.0/MultiCluster/DisksList"),
            404,
            "unknownCall",
        )

    @ddt.data("#a:b.c", "%23a%3Ab%2Ec", "%23a:b.c")
    def test_raw_and_encoded_paths(self, sent):
        self.post(CREATE, VOLUME | {"name": "#a:b.c"})
        answer = self.raw.ask("GET", f"/ctrl/1.0/Volume/{sent}")
        self.assertEqual("#a:b.c", answer.json["data"][0]["name"])

    def test_global_id_in_a_path(self):
        gid = self.post(CREATE, VOLUME).json["data"]["globalId"]
        for sent in (f"~{gid}", f"%7E{gid}"):
            answer = self.raw.ask("GET", f"/ctrl/1.0/Volume/{sent}")
            self.assertEqual("a", answer.json["data"][0]["name"])

    def test_numbers_as_strings_and_nulls(self):
        self.post(CREATE, VOLUME | {"size": "1024", "tags": None})
        answer = self.post(
            "/ctrl/1.0/VolumesReassign",
            [{"volume": "a", "rw": ["1"], "detach": None}],
        )
        self.assertEqual(200, answer.status)
        self.assertEqual(1024, self.volume("a").size)
        self.assertEqual([("a", 1, "rw")], self.attached())

    @ddt.data(
        {"reassign": [{"volume": "a", "rw": [1]}], "attachTimeout": 0},
        [{"volume": "a", "rw": [1]}],
    )
    def test_both_forms_of_reassign_wait(self, body):
        self.post(CREATE, VOLUME)
        answer = self.post("/ctrl/1.0/VolumesReassignWait", body)
        self.assertEqual(200, answer.status)
        self.assertEqual([("a", 1, "rw")], self.attached())

    @ddt.data(None, {})
    def test_no_body_where_none_is_needed(self, body):
        self.post(CREATE, VOLUME)
        for call in ("VolumeSnapshot", "VolumeFreeze"):
            answer = self.post(f"/ctrl/1.0/{call}/a", body)
            self.assertEqual(200, answer.status)
        answer = self.post("/ctrl/1.0/SnapshotDelete/a", body)
        self.assertEqual(200, answer.status)


@ddt.ddt
class RefusedTest(WireTestCase):
    @ddt.data(
        {"sise": 512},
        {"size": 513},
        {"size": 0},
        {"size": True},
        {"name": "a/b"},
        {"name": "list"},
        {"name": "x" * 200},
        {"iops": "many"},
        {"tags": {"a b": "c"}},
        {"tags": {"a": "@"}},
        {"replication": 4},
        {"parent": "a", "baseOn": "b"},
    )
    def test_what_the_declaration_forbids(self, member):
        answer = self.post(CREATE, VOLUME | member)
        self.assertRefused(answer, 400, "invalidParam")
        self.assertEqual(([], []), self.names())

    @ddt.data(
        ("VolumeCreate", None),
        ("VolumeUpdate/a", []),
        ("VolumesReassign", [{"volume": "a", "snapshot": "b"}]),
        ("VolumesReassign", [{"snapshot": "b", "rw": [1]}]),
        ("SnapshotDelete/a", {"force": True}),
        ("VolumeUpdate/a b", {}),
        ("VolumeUpdate/a%2Fb", {}),
    )
    @ddt.unpack
    def test_malformed_requests(self, call, body):
        answer = self.post(f"/ctrl/1.0/{call}".replace(" ", "%20"), body)
        self.assertRefused(answer, 400, "invalidParam")

    @ddt.data(b"{", b"\xff\xfe", b"{} {}")
    def test_not_json(self, body):
        answer = self.raw.ask("POST", CREATE, body)
        self.assertRefused(answer, 400, "malformed")

    @ddt.data(
        ("GET", "/ctrl/1.0/Nothing"),
        ("GET", "/ctrl/1.0/VolumeCreate"),
        ("POST", "/ctrl/1.0/VolumesList"),
        ("GET", "/ctrl/1.0/Volume"),
        ("GET", "/ctrl/1.0/Volume/a/b"),
        ("POST", "/"),
        ("GET", "/sim/nothing"),
        ("DELETE", "/ctrl/1.0/VolumesList"),
    )
    @ddt.unpack
    def test_unknown_call(self, method, path):
        descr = self.assertRefused(
            self.raw.ask(method, path), 404, "unknownCall"
        )
        self.assertIn(path, descr)

    @ddt.data(
        b"GET /ctrl/1.0/VolumesList HTTP/1.1\r\n",
        b"GET /ctrl/1.0/VolumesList HTTP/1.1\r\n"
        b"Authorization: Storpool v1:wrong\r\n",
        b"GET /ctrl/1.0/VolumesList HTTP/1.1\r\n"
        b"Authorization: Storpool v1:\xff\r\n",
    )
    def test_token(self, head):
        self.raw.send(head + b"\r\n")
        self.assertRefused(self.raw.answer(), 401, "unauthorized")

    @ddt.data(
        b"nonsense\r\n\r\n",
        b"PATCH / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length : 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nno field\r\nContent-Length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}",
    )
    def test_not_http_as_we_speak_it(self, data):
        self.raw.send(data)
        answer = self.raw.answer()
        self.assertIn("error", answer.json)
        self.assertTrue(self.raw.ended())

    def test_conflicts_have_their_status(self):
        self.post(CREATE, VOLUME)
        self.assertRefused(self.post(CREATE, VOLUME), 409, "objectExists")
        self.reassign({"volume": "a", "rw": [1]})
        self.assertRefused(self.post("/ctrl/1.0/VolumeDelete/a"), 409, "busy")
        self.assertRefused(
            self.raw.ask("GET", "/ctrl/1.0/Volume/b"),
            404,
            "objectDoesNotExist",
        )


class OldHttpTest(WireTestCase):
    options = {"http": "1.0"}  # noqa: RUF012

    def test_every_answer_closes(self):
        answer = self.raw.ask("GET", "/ctrl/1.0/VolumesList")
        self.assertEqual("HTTP/1.0 200 OK", answer.line)
        self.assertEqual("close", answer.headers["connection"])
        self.assertTrue(self.raw.ended())

    def test_our_client_does_not_mind(self):
        self.create("a")
        self.create("b")
        self.assertEqual((["a", "b"], []), self.names())


class ErrorStatusTest(WireTestCase):
    options = {"error_status": 200}  # noqa: RUF012

    def test_errors_come_with_200(self):
        self.assertRefused(
            self.raw.ask("GET", "/ctrl/1.0/Volume/a"),
            200,
            "objectDoesNotExist",
        )


class DeclarationTest(testtools.TestCase):
    def test_every_declared_call_is_answered(self):
        simulator = self.useFixture(testing.SimulatorFixture()).simulator
        missing = [
            name
            for name, call in api.CALLS.items()
            if not simulator.cluster.answers(call)
        ]
        self.assertEqual([], missing)
