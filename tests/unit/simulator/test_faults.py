# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Faults, and the log that shows what a client made of them."""

import http.client
import json

import ddt
import fixtures

from tests.unit.simulator import base
from tests.unit.simulator import raw

LIST = "/ctrl/1.0/VolumesList"
CREATE = "/ctrl/1.0/VolumeCreate"
BODY = json.dumps({"name": "a", "size": 512, "template": "hybrid"}).encode()


class FaultTestCase(base.SimulatorTestCase):
    def ask(self, method=("GET"), path=LIST, body=b""):
        connection = self.useFixture(raw.Raw(self.simulator))
        return connection.ask(method, path, body)

    def statuses(self, count, **request):
        answers = [self.ask(**request) for _ in range(count)]
        return [answer.status if answer else None for answer in answers]


@ddt.ddt
class FaultTest(FaultTestCase):
    def test_error(self):
        self.simulator.add_fault(
            call="VolumesList",
            action="error",
            name="tooBusy",
            descr="come back",
            transient=True,
        )
        answer = self.ask()
        self.assertEqual(503, answer.status)
        self.assertEqual(
            {"name": "tooBusy", "descr": "come back", "transient": True},
            answer.json["error"],
        )
        self.assertEqual(200, self.ask().status)

    @ddt.data(
        ({"nth": 2}, [200, 500, 200, 200]),
        ({"nth": 2, "count": 2}, [200, 500, 500, 200]),
        ({"count": None}, [500, 500, 500, 500]),
        ({"call": "VolumeCreate"}, [200, 200, 200, 200]),
        ({"method": "POST"}, [200, 200, 200, 200]),
    )
    @ddt.unpack
    def test_which_calls(self, members, statuses):
        self.simulator.add_fault(action="error", **members)
        self.assertEqual(statuses, self.statuses(4))

    def test_drop_before_and_after(self):
        self.simulator.add_fault(call="VolumeCreate", action="drop_before")
        request = {"method": "POST", "path": CREATE, "body": BODY}
        self.assertEqual([None], self.statuses(1, **request))
        self.assertEqual(([], []), self.names())
        self.simulator.add_fault(call="VolumeCreate", action="drop_after")
        self.assertEqual([None], self.statuses(1, **request))
        self.assertEqual((["a"], []), self.names())

    def test_raw(self):
        self.simulator.add_fault(
            action="raw", status=502, body="<html>", content_type="text/html"
        )
        answer = self.ask()
        self.assertEqual(
            (502, b"<html>", "text/html"),
            (answer.status, answer.body, answer.headers["content-type"]),
        )

    def test_delay(self):
        self.simulator.add_fault(action="delay", seconds=0.0)
        self.assertEqual([200], self.statuses(1))

    def test_two_at_once(self):
        self.simulator.add_fault(action="delay", seconds=0.0)
        self.simulator.add_fault(action="drop_after")
        self.assertEqual([None, 200], self.statuses(2))

    def test_clear(self):
        self.simulator.add_fault(action="error", count=None)
        self.simulator.clear_faults()
        self.assertEqual([200], self.statuses(1))


@ddt.ddt
class WatchTest(FaultTestCase):
    def watch(self, method, path, body=None):
        connection = http.client.HTTPConnection(
            self.simulator.host, self.simulator.port, timeout=10
        )
        self.addCleanup(connection.close)
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def test_faults_need_no_token(self):
        fault = {"action": "error", "nth": 2}
        status, answer = self.watch("POST", "/sim/faults", json.dumps(fault))
        self.assertEqual((200, 1), (status, len(answer["faults"])))
        self.assertEqual([200, 500], self.statuses(2))
        (listed,) = self.watch("GET", "/sim/faults")[1]["faults"]
        self.assertEqual(2, listed["seen"])
        self.watch("DELETE", "/sim/faults")
        self.assertEqual({"faults": []}, self.watch("GET", "/sim/faults")[1])

    @ddt.data(
        "{", '{"action": "explode"}', "{}", '{"action": "error", "n": 1}'
    )
    def test_a_fault_that_is_none(self, body):
        status, answer = self.watch("POST", "/sim/faults", body)
        self.assertEqual(400, status)
        self.assertIn("not a fault", answer["error"]["descr"])

    def test_requests(self):
        self.ask("POST", CREATE, BODY)
        self.simulator.add_fault(action="drop_before")
        self.ask()
        self.ask("POST", "/ctrl/1.0/VolumeDelete/%61", b"")
        self.ask("POST", CREATE, b"{")
        status, answer = self.watch("GET", "/sim/requests")
        self.assertEqual(200, status)
        self.assertEqual(
            [
                (1, "POST", CREATE, json.loads(BODY), 200),
                (2, "GET", LIST, None, 0),
                (3, "POST", "/ctrl/1.0/VolumeDelete/%61", None, 200),
                (4, "POST", CREATE, None, 400),
            ],
            [
                tuple(
                    each[name]
                    for name in ("seq", "method", "path", "body", "status")
                )
                for each in answer["requests"]
            ],
        )
        self.assertIsNone(answer["requests"][1]["answer"])
        self.assertTrue(answer["requests"][0]["answer"]["data"]["ok"])
        self.watch("DELETE", "/sim/requests")
        self.assertEqual([], self.simulator.requests())

    def test_the_page_needs_nothing_from_elsewhere(self):
        answer = self.ask(path="/")
        self.assertEqual(
            (200, "text/html; charset=utf-8"),
            (answer.status, answer.headers["content-type"]),
        )
        text = answer.body.decode()
        self.assertNotIn("src=", text)
        self.assertNotIn("http", text.lower().replace("<!doctype html>", ""))
        self.assertNotIn("innerHTML", text)
        self.assertIn('fetch("/sim/overview")', text)

    def test_what_the_page_shows(self):
        self.create("a")
        gid = self.snapshot("a", "s")
        self.reassign({"volume": "a", "rw": [1]})
        self.simulator.add_fault(action="delay", nth=9)
        status, seen = self.watch("GET", "/sim/overview")
        self.assertEqual(200, status)
        self.assertEqual(
            {"a": gid, "s": ""},
            {each["name"]: each["parent"] for each in seen["objects"]},
        )
        self.assertEqual(
            [{"name": "a", "rights": "rw", "pos": 0}],
            seen["clients"][0]["attachments"],
        )
        self.assertEqual("hybrid", seen["templates"][0]["name"])
        self.assertEqual("delay", seen["faults"][0]["action"])
        newest, *older = seen["requests"]
        self.assertTrue(newest["path"].endswith("VolumesReassignWait"))
        self.assertEqual(2, len(older))

    def test_the_log_does_not_grow_without_end(self):
        self.useFixture(
            fixtures.MockPatch("storpool_simulator.journal.KEPT_BYTES", 5000)
        )
        for number in range(100):
            self.create(f"v{number}")
        self.api.volumes_list()
        self.assertEqual([], self.simulator.requests())
        self.create("one-more")
        (entry,) = self.simulator.requests()
        self.assertEqual(102, entry["seq"])
        self.useFixture(
            fixtures.MockPatch("storpool_simulator.journal.KEPT", 3)
        )
        for _ in range(5):
            self.ask(path="/ctrl/1.0/AttachmentsList")
        self.assertEqual(
            [105, 106, 107],
            [each["seq"] for each in self.simulator.requests()],
        )

    def test_the_token_is_not_in_the_log(self):
        self.ask()
        self.assertNotIn(
            self.simulator.token, json.dumps(self.simulator.requests())
        )
