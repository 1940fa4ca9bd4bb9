# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How calls are spelt and answered."""

import dataclasses

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


class PathTest(base.ConformanceTestCase):
    @relied_on(Calls.volumes_list)
    def test_multicluster_prefix(self) -> None:
        """A call answers after MultiCluster/ as without it."""
        name = self.create()
        for view in (self.api, self.api.single_cluster):
            names = [each.name for each in view.volumes_list()]
            self.assertIn(name, names)

    @relied_on(Calls.volumes_space)
    def test_all_clusters(self) -> None:
        """MultiCluster/AllClusters/ asks this cluster too."""
        name = self.create()
        found = self.api.all_clusters(Calls.volumes_space)
        names = [each.name for one in found for each in one.answer or []]
        self.assertIn(name, names)

    @relied_on(Calls.volume_list)
    def test_encoded_names(self) -> None:
        """A percent-encoded name is the name itself."""
        name = self.create("a:b.c_d")
        self.assertEqual(name, self.volume(name).name)

    @documented(Calls.all_peers_active_requests)
    def test_question_with_request(self) -> None:
        """A question's request travels in the query ?json=."""
        self.api.all_peers_active_requests(
            api.active_requests.AllPeersActiveRequestsQuery(msecs_timeout=100)
        )

    @documented(Calls.disks_list)
    def test_keys_are_strings(self) -> None:
        """The keys of a map of numbers are strings in JSON."""
        keys = self.api.raw.disks_list()
        self.assertTrue(all(isinstance(key, str) for key in keys))


class BodyTest(base.ConformanceTestCase):
    @documented(Calls.volume_create)
    def test_unknown_member(self) -> None:
        """A member that is not declared is refused."""
        self.assertRaises(
            errors.ApiError,
            self.api.unchecked,
            Calls.volume_create,
            {
                "name": self.name(),
                "template": self.need_templates(1)[0],
                "size": base.GIB,
                "colour": "blue",
            },
        )

    @documented(Calls.volume_create)
    def test_null(self) -> None:
        """A member that is null is like one that is absent."""
        answer = self.api.unchecked(
            Calls.volume_create,
            {
                "name": self.name(),
                "template": self.need_templates(1)[0],
                "size": base.GIB,
                "iops": None,
            },
        )
        self.keep_track(answer["globalId"])

    @inferred(Calls.volume_create)
    def test_number_as_string(self) -> None:
        """A size may come as a string."""
        answer = self.api.unchecked(
            Calls.volume_create,
            {
                "name": self.name(),
                "template": self.need_templates(1)[0],
                "size": str(base.GIB),
            },
        )
        self.keep_track(answer["globalId"])
        self.assertEqual(base.GIB, self.volume(self.name()).size)

    @relied_on(Calls.volumes_reassign_wait)
    def test_client_as_string(self) -> None:
        """The number of a client may come as a string."""
        (client,) = self.need_clients(1)
        gid = self.volume(self.create()).global_id
        self.api.unchecked(
            Calls.volumes_reassign_wait,
            {"reassign": [{"volume": f"~{gid}", "rw": [str(client)]}]},
        )
        self.assertEqual({client: "rw"}, self.attached(gid))

    @relied_on(Calls.volume_delete)
    def test_empty_object(self) -> None:
        """Where nothing is required, an empty object may be sent."""
        name = self.create()
        self.api.unchecked(Calls.volume_delete, {}, volume_name=name)
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, name)

    @relied_on(Calls.volume_delete)
    def test_no_body(self) -> None:
        """Where nothing is required, the body may be absent."""
        name = self.create()
        self.api.volume_delete(name)
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, name)


class AnswerTest(base.ConformanceTestCase):
    @documented(Calls.volume_update)
    def test_generation(self) -> None:
        """The generation grows with every change."""
        name = self.create()
        desc = api.volumes.VolumeUpdateDesc
        first = self.api.volume_update(name, desc(tags={"a": "1"}))
        second = self.api.volume_update(name, desc(tags={"a": "2"}))
        self.assertGreater(second.generation, first.generation)

    @relied_on(Calls.volume_list)
    def test_error_members(self) -> None:
        """An error has a name and says what is wrong."""
        raised = self.assertRaises(
            errors.ObjectDoesNotExist, self.volume, self.name()
        )
        self.assertEqual("objectDoesNotExist", raised.name)
        self.assertNotEqual("", raised.description)

    @inferred(Calls.services_list)
    def test_wrong_token(self) -> None:
        """A wrong token is refused with 401 or 403, in JSON."""
        stranger = base.RecordingClient(
            dataclasses.replace(self.cluster.settings, token="1")
        )
        self.addCleanup(stranger.close)
        self.assertRaises(errors.AuthenticationFailed, stranger.services_list)

    @inferred(Calls.services_list)
    def test_unknown_call(self) -> None:
        """A call that is not there is refused as unknown, in JSON."""
        call = dataclasses.replace(Calls.services_list, path="NoSuchCall")
        self.assertRaises(errors.UnknownCall, self.api.perform, call, {}, None)
