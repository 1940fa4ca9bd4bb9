# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls: checked, sent, made again, answered or refused."""

import json
import logging

import ddt
import fixtures
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_common import errors
from tests.unit.common import clock
from tests.unit.common import server

NAME = "os--volume-1"
SIZE = 1 << 30
VOLUME = {
    "name": NAME,
    "globalId": "nzkr.b.aa1",
    "visibleVolumeId": 1,
    "size": SIZE,
    "parentName": "",
    "templateName": "hybrid",
    "placeAll": "hdd",
    "placeTail": "ssd",
    "placeHead": "ssd",
    "replication": 3,
    "iops": "-",
    "bw": "-",
    "objectsCount": 0,
    "creationTimestamp": 1,
    "tags": {"cs": "openstack", "osvm": "x"},
}
SNAPSHOT = VOLUME | {
    "name": "os--snap--none--snapshot-1",
    "globalId": "nzkr.b.aa2",
    "onVolume": NAME,
    "autoName": False,
    "bound": False,
    "deleted": False,
    "transient": False,
    "recoveringFromRemote": False,
}
MISSING = server.error("objectDoesNotExist", status=404)
TAKEN = server.error("objectExists", status=409)
CREATE = api.volumes.VolumeCreateDesc(
    name=NAME, size=SIZE, template="hybrid", tags={"cs": "openstack"}
)


class ClientCase(testtools.TestCase):
    """Asks a scripted server; time passes only by sleeping."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = clock.Clock()

    def serve(self, *acts: server.Act, **options) -> client.Client:
        self.peer = self.useFixture(server.ScriptedServer(*acts))
        return self.client(self.peer.settings, **options)

    def client(self, settings: config.ApiSettings, **options) -> client.Client:
        options = {"clock": self.clock, "sleep": self.clock.sleep} | options
        made = client.Client(settings, **options)
        self.addCleanup(made.close)
        return made

    def calls(self) -> list[str]:
        """What was asked, by the names of the calls."""
        prefix = api.URL_PREFIX + api.MULTICLUSTER_PREFIX
        return [
            seen.path.removeprefix(prefix).split("/")[0]
            for seen in self.peer.requests
        ]


class SendTest(ClientCase):
    def test_a_change(self) -> None:
        asked = self.serve(
            server.ok({"ok": True, "generation": 7, "globalId": "a.b.c"})
        )
        answer = asked.volume_create(CREATE)
        self.assertEqual("a.b.c", answer.global_id)
        (seen,) = self.peer.requests
        self.assertEqual("POST", seen.method)
        self.assertEqual("/ctrl/1.0/MultiCluster/VolumeCreate", seen.path)
        self.assertEqual(
            {
                "name": NAME,
                "size": SIZE,
                "template": "hybrid",
                "tags": {"cs": "openstack"},
            },
            seen.json,
        )

    def test_a_question(self) -> None:
        asked = self.serve(server.ok([VOLUME | {"newer": "member"}]))
        (volume,) = asked.volume_list(NAME)
        self.assertEqual(SIZE, volume.size)
        self.assertEqual("GET", self.peer.requests[0].method)

    def test_a_call_without_multicluster(self) -> None:
        self.serve(server.ok([])).volume_templates_list()
        self.assertEqual(
            "/ctrl/1.0/VolumeTemplatesList", self.peer.requests[0].path
        )

    def test_a_body_that_is_left_out(self) -> None:
        self.serve().volume_delete(NAME)
        self.assertEqual(b"", self.peer.requests[0].body)

    def test_a_plain_dictionary(self) -> None:
        self.serve().volume_create({"name": NAME, "size": SIZE})
        self.assertEqual(
            {"name": NAME, "size": SIZE}, self.peer.requests[0].json
        )

    def test_names_in_a_path(self) -> None:
        asked = self.serve()
        for name in ("~a.b.c", "a:b", "#x"):
            asked.volume_delete(name)
        asked.snapshot_delete("*a@1")
        self.assertEqual(
            ["~a.b.c", "a:b", "%23x", "*a@1"],
            [seen.path.rsplit("/", 1)[1] for seen in self.peer.requests],
        )

    def test_integers_that_come_as_strings(self) -> None:
        asked = self.serve(
            server.ok([VOLUME | {"size": str(SIZE), "iops": "100"}])
        )
        (volume,) = asked.volume_list(NAME)
        self.assertEqual((SIZE, 100), (volume.size, volume.iops))


@ddt.ddt
class ValidationTest(ClientCase):
    def refused(self, call, *args) -> str:
        error = self.assertRaises(errors.ValidationError, call, *args)
        self.assertEqual([], self.peer.requests)
        return str(error)

    @ddt.data(
        ({"name": "list", "size": 512}, "$.name"),
        ({"name": "a b", "size": 512}, "$.name"),
        ({"name": "x" * 200, "size": 512}, "$.name"),
        ({"name": NAME, "size": 513}, "$.size"),
        ({"name": NAME, "size": 0}, "$.size"),
        ({"name": NAME, "sise": 512}, "sise"),
        ({"name": NAME, "size": "512"}, "$.size"),
        ({"name": NAME, "tags": {"cs": "a b"}}, "$.tags"),
    )
    @ddt.unpack
    def test_a_request(self, request: dict, field: str) -> None:
        asked = self.serve()
        said = self.refused(asked.volume_create, request)
        self.assertIn("VolumeCreate", said)
        self.assertIn(field, said)

    def test_a_structure(self) -> None:
        asked = self.serve()
        request = api.volumes.VolumeCreateDesc(name=NAME, size=100)
        self.assertIn(
            "multiple of 512", self.refused(asked.volume_create, request)
        )

    def test_a_rule_between_members(self) -> None:
        asked = self.serve()
        said = self.refused(asked.volumes_reassign, [{"rw": [1]}])
        self.assertIn("either volume or snapshot", said)

    def test_a_request_that_is_missing(self) -> None:
        asked = self.serve()
        self.assertIn("VolumeCreate", self.refused(asked.volume_create, None))

    @ddt.data("a/b", "", "a b", "list", "..", ".", 7, None)
    def test_a_path(self, name: object) -> None:
        asked = self.serve()
        said = self.refused(asked.volume_delete, name)
        self.assertIn(f"VolumeDelete: volume_name={name!r}: ", said)


@ddt.ddt
class ErrorTest(ClientCase):
    @ddt.data(
        ("objectDoesNotExist", errors.ObjectDoesNotExist),
        ("objectExists", errors.ObjectExists),
        ("busy", errors.Busy),
        ("invalidParam", errors.InvalidParam),
        ("insufficientResources", errors.InsufficientResources),
        ("runIfVersionIsMismatch", errors.RunIfVersionIsMismatch),
        ("somethingNewer", errors.ApiError),
    )
    @ddt.unpack
    def test_by_name(self, name: str, cause: type[errors.ApiError]) -> None:
        for status in (400, 200):
            asked = self.serve(server.error(name, "why", status=status))
            error = self.assertRaises(cause, asked.volume_delete, NAME)
            self.assertIs(cause, type(error))
            self.assertEqual(
                ("VolumeDelete", name, "why", False, status),
                (
                    error.call,
                    error.name,
                    error.description,
                    error.transient,
                    error.status,
                ),
            )
            self.assertEqual(f"VolumeDelete: {name}: why", str(error))

    def test_an_open_device_of_older_releases(self) -> None:
        asked = self.serve(
            server.error(
                "invalidParam", f"volume '{NAME}' is open at client 3"
            )
        )
        self.assertRaises(errors.Busy, asked.volume_delete, NAME)

    @ddt.data(401, 403)
    def test_a_wrong_token(self, status: int) -> None:
        for act in (
            server.error("unauthorized", "no", status=status),
            server.raw(b"<html>", status=status, content_type="text/html"),
        ):
            asked = self.serve(act)
            error = self.assertRaises(
                errors.AuthenticationFailed, asked.services_list
            )
            self.assertIn("the token that the test gives", str(error))
            self.assertIn(str(self.peer.address), str(error))
            self.assertEqual(1, len(self.peer.requests))

    @ddt.data(
        (200, "text/html", b"<html>" + b"x" * 200),
        (200, "application/json", b'{"generation": 1}'),
        (200, "application/json", b"[]"),
        (200, "application/json", b""),
        (200, "application/json", b"\xff\xfe"),
        (404, "text/html", b"not found"),
        (500, "application/json", b'{"generation": 1, "data": {}}'),
        (302, "text/html", b"moved"),
        (400, "application/json", b'{"error": "a string"}'),
    )
    @ddt.unpack
    def test_not_the_api(self, status: int, kind: str, body: bytes) -> None:
        asked = self.serve(server.raw(body, status=status, content_type=kind))
        error = self.assertRaises(errors.BadAnswer, asked.services_list)
        self.assertEqual(status, error.status)
        for part in (str(status), kind, str(self.peer.address)):
            self.assertIn(part, str(error))
        self.assertNotIn("x" * 80, str(error))
        self.assertEqual(1, len(self.peer.requests))

    def test_an_answer_that_is_not_as_declared(self) -> None:
        asked = self.serve(server.ok([VOLUME | {"size": "big"}]))
        error = self.assertRaises(errors.BadAnswer, asked.volume_list, NAME)
        self.assertIn("$[0].size", str(error))


class RetryTest(ClientCase):
    def test_a_question_is_repeated(self) -> None:
        asked = self.serve(
            server.hang_up,
            server.error("x", transient=True, status=503),
            server.raw(b"<html>", status=502, content_type="text/html"),
            server.ok([]),
        )
        self.assertEqual([], asked.volumes_list())
        self.assertEqual(3, len(self.clock.slept))

    def test_a_change_that_was_refused_for_now(self) -> None:
        asked = self.serve(
            server.error("x", transient=True, status=503),
            server.error("x", transient=True, status=200),
        )
        asked.volume_create(CREATE)
        bodies = {seen.body for seen in self.peer.requests}
        self.assertEqual(3, len(self.peer.requests))
        self.assertEqual(1, len(bodies))
        self.assertEqual(NAME, json.loads(bodies.pop())["name"])

    def test_a_change_that_did_not_leave(self) -> None:
        address = server.unused_address()
        settings = config.ApiSettings((address,), token=server.TOKEN)
        asked = self.client(settings)
        self.assertRaises(errors.ConnectionFailed, asked.volume_create, CREATE)
        self.assertEqual(5, len(self.clock.slept))
        self.assertEqual(sorted(self.clock.slept), self.clock.slept)

    def test_a_server_that_comes_up(self) -> None:
        address = server.unused_address()
        peers = []

        def sleep(seconds: float) -> None:
            peers.append(
                self.useFixture(server.ScriptedServer(port=address.port))
            )

        settings = config.ApiSettings((address,), token=server.TOKEN)
        self.client(settings, sleep=sleep).volume_create(CREATE)
        (peer,) = peers
        self.assertEqual(1, len(peer.requests))

    def test_only_so_often(self) -> None:
        asked = self.serve(*[server.error("x", transient=True)] * 9, retries=2)
        self.assertRaises(errors.ApiError, asked.volume_create, CREATE)
        self.assertEqual(3, len(self.peer.requests))

    def test_not_after_the_deadline(self) -> None:
        asked = self.serve(
            *[server.error("x", transient=True)] * 9, deadline=4.0, retries=99
        )
        self.assertRaises(errors.ApiError, asked.volume_create, CREATE)
        self.assertLess(sum(self.clock.slept), 4.0)
        self.assertLess(len(self.peer.requests), 5)

    def test_the_deadline_is_for_all_tries(self) -> None:
        self.peer = self.useFixture(
            server.ScriptedServer(server.hang_up, server.silence)
        )
        asked = client.Client(
            self.peer.settings, deadline=0.1, sleep=lambda seconds: None
        )
        self.addCleanup(asked.close)
        # The wait between tries is longer than the deadline, so there is
        # only one.
        self.assertRaises(errors.AnswerLost, asked.volumes_list)
        self.assertEqual(1, len(self.peer.requests))

    def test_an_error_is_not_repeated(self) -> None:
        asked = self.serve(server.error("invalidParam"))
        self.assertRaises(errors.InvalidParam, asked.volumes_list)
        self.assertEqual(1, len(self.peer.requests))

    def test_silence_is_not_repeated(self) -> None:
        asked = self.serve(server.silence, deadline=0.05)
        error = self.assertRaises(
            errors.DeadlineExceeded, asked.volume_create, CREATE
        )
        self.assertTrue(error.sent)
        self.assertIn(f"VolumeCreate of {NAME}", str(error))
        self.assertEqual(1, len(self.peer.requests))


class ReportTest(ClientCase):
    def test_the_observer(self) -> None:
        seen = []
        asked = self.serve(
            server.error("x", transient=True),
            server.ok([]),
            server.error("busy"),
            observer=lambda *call: seen.append(call),
        )
        asked.volumes_list()
        self.assertRaises(errors.Busy, asked.volume_delete, NAME)
        self.assertEqual(
            [("VolumesList", "ok"), ("VolumeDelete", "Busy")],
            [call[:2] for call in seen],
        )
        self.assertAlmostEqual(sum(self.clock.slept), seen[0][2])

    def test_one_line_a_call(self) -> None:
        log = self.useFixture(
            fixtures.FakeLogger("storpool_common", level=logging.DEBUG)
        )
        asked = self.serve(server.error("x", transient=True))
        asked.volume_delete(NAME)
        (line,) = log.output.splitlines()
        self.assertRegex(line, rf"^VolumeDelete of {NAME}: ok in \d\.\d+ s$")
