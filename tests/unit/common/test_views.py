# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls to other clusters, to all of them, and answers as they came."""

import dataclasses
import json
from urllib import parse

import ddt
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator import testing
from tests.unit.common import server
from tests.unit.common.test_client import ClientCase
from tests.unit.common.test_client import CREATE
from tests.unit.common.test_client import NAME
from tests.unit.common.test_client import SNAPSHOT
from tests.unit.common.test_client import TAKEN
from tests.unit.common.test_client import VOLUME

SPACE = VOLUME | {"storedSize": 512, "spaceUsed": 1024}


class ViewCase(ClientCase):
    def paths(self) -> list[str]:
        return [
            seen.path.removeprefix("/ctrl/1.0/") for seen in self.peer.requests
        ]


@ddt.ddt
class RemoteTest(ViewCase):
    @ddt.data(
        ("StorPoolLab", "StorPoolLab"),
        ("#internal", "%23internal"),
        ("~nzkr.b", "~nzkr.b"),
    )
    @ddt.unpack
    def test_where_a_call_is_sent(self, cluster: str, path: str) -> None:
        remote = self.serve(server.ok([VOLUME]), server.ok([])).remote(cluster)
        (volume,) = remote.volume_list(NAME)
        remote.volume_templates_list()
        self.assertEqual(NAME, volume.name)
        self.assertEqual(
            [
                f"RemoteCommand/{path}/MultiCluster/Volume/{NAME}",
                f"RemoteCommand/{path}/VolumeTemplatesList",
            ],
            self.paths(),
        )

    @ddt.data("", "~a", "~a.b.c", "a/b", "a b", "x" * 64)
    def test_no_cluster_is_called_like_that(self, cluster: str) -> None:
        error = self.assertRaises(
            errors.ValidationError, self.serve().remote, cluster
        )
        self.assertIn(f"RemoteCommand: cluster={cluster!r}: ", str(error))

    def test_a_lost_answer_is_settled_where_it_was_lost(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, server.ok([VOLUME]))
        answer = asked.remote("other").volume_create(CREATE)
        self.assertEqual(VOLUME["globalId"], answer.global_id)
        prefix = "RemoteCommand/other/MultiCluster/"
        self.assertEqual(
            [f"{prefix}VolumeCreate"] * 2 + [f"{prefix}Volume/{NAME}"],
            self.paths(),
        )

    def test_a_single_cluster(self) -> None:
        asked = self.serve(server.ok([]), server.ok([]))
        asked.single_cluster.volumes_list()
        asked.remote("other").single_cluster.volumes_list()
        self.assertEqual(
            ["VolumesList", "RemoteCommand/other/VolumesList"], self.paths()
        )


class AllClustersTest(ViewCase):
    def ask(self, *clusters: dict):
        self.asked = self.serve(server.ok({"clusters": list(clusters)}))
        return self.asked.all_clusters(api.Calls.volumes_space)

    def test_every_cluster_is_asked(self) -> None:
        here = {"response": {"generation": 5, "data": [SPACE]}}
        (cluster,) = self.ask(here)
        self.assertEqual(
            ["MultiCluster/AllClusters/VolumesSpace"], self.paths()
        )
        self.assertIsNone(cluster.error)
        self.assertEqual([1024], [each.space_used for each in cluster.answer])

    def test_a_cluster_that_cannot_be_asked_or_refuses(self) -> None:
        refusal = {"error": {"name": "busy", "descr": "later"}}
        silent, refusing = self.ask({}, {"response": refusal})
        self.assertEqual((None, None), (silent.answer, silent.error))
        self.assertIsInstance(refusing.error, errors.Busy)
        self.assertEqual("VolumesSpace: busy: later", str(refusing.error))

    def test_an_answer_that_is_none(self) -> None:
        for answer in ({"generation": 5}, {"generation": 5, "data": [{}]}):
            error = self.assertRaises(
                errors.BadAnswer, self.ask, {"response": answer}
            )
            self.assertIn("VolumesSpace: ", str(error))

    def test_a_token_that_comes_back_is_not_shown(self) -> None:
        refusal = {"error": {"name": "x", "descr": f"not {server.TOKEN}"}}
        (cluster,) = self.ask({"response": refusal})
        self.assertEqual("VolumesSpace: x: not ***", str(cluster.error))


class RawTest(ViewCase):
    def test_an_answer_as_it_came(self) -> None:
        sent = [VOLUME | {"newer": {"member": 1}}]
        asked = self.serve(server.ok(sent), server.ok(sent))
        self.assertEqual(sent, asked.raw.volume_list(NAME))
        self.assertEqual(sent, asked.remote("other").raw.volume_list(NAME))

    def test_an_answer_that_is_not_as_declared(self) -> None:
        asked = self.serve(server.ok({"strange": 1}))
        self.assertEqual({"strange": 1}, asked.raw.volumes_list())

    def test_a_refusal_is_still_an_error(self) -> None:
        asked = self.serve(server.error("busy"))
        self.assertRaises(errors.Busy, asked.raw.volume_delete, NAME)

    def test_a_lost_answer(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, server.ok([VOLUME]))
        answer = asked.raw.volume_create(CREATE)
        self.assertEqual(VOLUME["globalId"], answer["globalId"])

    def test_a_lost_answer_that_only_tells_that_it_is_done(self) -> None:
        asked = self.serve(
            server.hang_up,
            server.error("objectDoesNotExist"),
            server.ok([]),
        )
        self.assertEqual(
            {"ok": True, "generation": 7}, asked.raw.volume_delete(NAME)
        )


class AnswerTest(testtools.TestCase):
    def test_a_plain_dictionary(self) -> None:
        simulator = self.useFixture(testing.SimulatorFixture())
        asked = client.Client(simulator.settings)
        self.addCleanup(asked.close)
        asked.volume_create({"name": "v", "size": 512, "template": "hybrid"})
        (volume,) = asked.volume_list("v")
        self.assertEqual(volume.as_dict(), dict(volume))
        self.assertEqual(
            ("v", 512, "hybrid"),
            tuple(dict(volume)[n] for n in ("name", "size", "templateName")),
        )
        self.assertEqual(asked.raw.volume_list("v"), [volume.as_dict()])


class QueryTest(ViewCase):
    def test_a_question_with_a_request(self) -> None:
        asked = self.serve(*[server.ok({"sessions": []})] * 2)
        asked.iscsi_sessions_info({"controllerIds": [1], "msecsTimeout": 5})
        asked.iscsi_sessions_info()
        with_request, without = self.peer.requests
        path, _, query = with_request.path.partition("?")
        self.assertEqual("/ctrl/1.0/iSCSISessionsInfo", path)
        self.assertEqual(
            {"controllerIds": [1], "msecsTimeout": 5},
            json.loads(parse.parse_qs(query)["json"][0]),
        )
        self.assertEqual("GET", with_request.method)
        self.assertEqual(b"", with_request.body)
        self.assertEqual(path, without.path)


class OlderServerTest(ViewCase):
    def test_a_server_that_lacks_a_call(self) -> None:
        for refusal in (
            server.error("unknownCall", "what?"),
            server.error("notFound", "what?", status=404),
        ):
            error = self.assertRaises(
                errors.UnknownCall, self.serve(refusal).kvs_get, "b", "k"
            )
            self.assertIn(
                "does not have the call KV/Get, which is in API 19.01"
                " (bindings 7.2.0) and later",
                str(error),
            )

    def test_a_server_that_has_it_no_more(self) -> None:
        error = self.assertRaises(
            errors.UnknownCall,
            self.serve(server.error("unknownCall")).aoe_status,
        )
        self.assertIn("to API 16.01 (bindings 3.0.1)", str(error))


class SilenceTest(ViewCase):
    """A server that takes a question and does not answer."""

    def fail_over(self, **options):
        silent = self.useFixture(server.ScriptedServer(server.silence))
        self.peer = self.useFixture(
            server.ScriptedServer(server.ok([SNAPSHOT]))
        )
        addresses = (silent.address, self.peer.address)
        settings = dataclasses.replace(self.peer.settings, addresses=addresses)
        return self.client(settings, **options)

    def test_the_next_address_is_asked(self) -> None:
        asked = self.fail_over(attempt_timeout=0.05)
        (snapshot,) = asked.snapshots_list()
        self.assertEqual(SNAPSHOT["name"], snapshot.name)

    def test_a_change_is_given_its_time(self) -> None:
        asked = self.fail_over(attempt_timeout=0.01, deadline=0.05)
        error = self.assertRaises(
            errors.DeadlineExceeded, asked.volume_delete, NAME
        )
        self.assertTrue(error.sent)

    def test_waiting_is_given_its_time(self) -> None:
        asked = self.fail_over(attempt_timeout=0.01, deadline=0.05)
        self.assertRaises(errors.DeadlineExceeded, asked.client_config_wait, 1)
        self.assertEqual([], self.peer.requests)


class ServiceTest(testtools.TestCase):
    def test_uptime(self) -> None:
        service = api.services.Client(
            id=1, version="19.01", status="running", start_time=100
        )
        self.assertEqual(25.5, service.uptime(125.5))
        down = api.services.Client(
            id=1, version="19.01", status="down", start_time=None
        )
        self.assertIsNone(down.uptime(125.5))
