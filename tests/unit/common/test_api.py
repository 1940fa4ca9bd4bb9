# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The declarations say what the API's documentation says."""

import collections
import re
import typing

import ddt
import msgspec
import testtools

from storpool_common import api
from storpool_common.api import active_requests
from storpool_common.api import attachments
from storpool_common.api import iscsi_commands
from storpool_common.api import remote
from storpool_common.api import types
from storpool_common.api import volumes

UUID = "0a7c5c2e-1c39-4f5b-a4f1-7e6d5a1f2b3c"


class CallsTest(testtools.TestCase):
    def test_paths_are_told_apart(self) -> None:
        routes = collections.Counter(
            (call.method, re.sub(r"\{\w+\}", "{}", call.path))
            for call in api.CALLS.values()
        )
        # The API has one path for two calls of the bindings.
        shared = {("POST", "VolumeAbandonDisk/{}"): 2}
        self.assertEqual(
            shared, {route: n for route, n in routes.items() if n > 1}
        )

    def test_only_some_questions_have_a_request(self) -> None:
        self.assertEqual(
            {
                "AllPeersActiveRequests",
                "iSCSISessionsInfo",
                "iSCSInterfacesInfo",
            },
            {c.name for c in api.CALLS.values() if c.request_in_query},
        )

    def test_which_servers_have_a_call(self) -> None:
        for name, versions in (
            ("volumes_list", "API 14.10 (bindings 1.0.0) and later"),
            ("kvs_get", "API 19.01 (bindings 7.2.0) and later"),
            (
                "aoe_status",
                "API 14.10 (bindings 1.0.4) to API 16.01 (bindings 3.0.1)",
            ),
            (
                "volumes_and_snapshots_list",
                "no documented API; some servers have it",
            ),
        ):
            self.assertEqual(versions, api.CALLS[name].versions)

    def test_a_call_that_is_looked_up_is_data(self) -> None:
        self.assertIs(api.CALLS["volume_list"], api.Calls.volume_list)
        self.assertEqual("Volume", api.Calls.volume_list.name)

    def test_a_call_of_an_object_is_carried_out_by_it(self) -> None:
        class Recorder(api.Calls):
            def perform(self, call, path, request):
                return call.name, dict(path), request

        recorder = Recorder()
        self.assertEqual(
            ("VolumeUpdate", {"volume_name": "v"}, 1),
            recorder.volume_update("v", request=1),
        )
        self.assertEqual(
            ("VolumeDelete", {"volume_name": "v"}, None),
            recorder.volume_delete("v"),
        )
        self.assertRaises(TypeError, recorder.volume_update, "v")
        self.assertRaises(TypeError, recorder.volumes_list, "v")


@ddt.ddt
class PatternsTest(testtools.TestCase):
    def check(self, kind: object, value: object, fits: bool) -> None:
        if fits:
            self.assertEqual(value, msgspec.convert(value, kind))
            return
        self.assertRaises(
            msgspec.ValidationError, msgspec.convert, value, kind
        )

    @ddt.data(
        ("VolumeName", f"os--volume-{UUID}", True),
        ("VolumeName", "a.b:c_d-E9", True),
        ("VolumeName", "#internal", True),
        ("VolumeName", "a#b", False),
        ("VolumeName", "x" * 199, True),
        ("VolumeName", "x" * 200, False),
        ("VolumeName", "list", False),
        ("VolumeName", "status", False),
        ("VolumeName", "listed", True),
        ("VolumeName", "", False),
        ("VolumeName", "a b", False),
        ("VolumeName", "a/b", False),
        ("VolumeName", "a@1", False),
        ("VolumeName", "a\n", False),
        ("VolumeName", "~a.b.c", False),
        ("VolumeNameOrGlobalId", "~a.b.c1", True),
        ("VolumeNameOrGlobalId", "~a.b", False),
        ("VolumeNameOrGlobalId", "~A.b.c", False),
        ("VolumeNameOrGlobalId", "name", True),
        ("SnapshotName", "a@17", True),
        ("SnapshotName", "*a@17", True),
        ("SnapshotName", "a*", False),
        ("SnapshotName", "#a", False),
        ("SnapshotNameOrGlobalId", "~a.b.c", True),
        ("NewVolumeName", "", True),
        ("NewVolumeName", "list", False),
        ("GlobalVolumeId", "nzkr.b.a1z", True),
        ("GlobalVolumeId", "nzkr.b", False),
        ("GlobalVolumeId", "~nzkr.b.a", False),
        ("ClusterId", "nzkr.b", True),
        ("ClusterId", "nzkr.b.c", False),
        ("VolumeTemplateName", "hybrid-r3_A", True),
        ("VolumeTemplateName", "hybrid.r3", False),
        ("VolumeTemplateName", "list", False),
        ("PlacementGroupName", "x" * 127, True),
        ("PlacementGroupName", "x" * 128, False),
        ("VolumeTagName", "x" * 199, True),
        ("VolumeTagName", "", False),
        ("VolumeTagName", "a b", False),
        ("VolumeTagValue", "", True),
        ("VolumeTagValue", "a/b", False),
        ("VolumeTagValue", "x" * 200, False),
        ("VolumeSize", 512, True),
        ("VolumeSize", 0, False),
        ("VolumeSize", 511, False),
        ("VolumeSize", -512, False),
        ("VolumeSize", 1 << 60, True),
        ("IOPS", "-", True),
        ("IOPS", 0, True),
        ("IOPS", -1, False),
        ("IOPS", "unlimited", False),
        ("VolumeReplication", 3, True),
        ("VolumeReplication", 4, False),
        ("ClientId", 0, False),
        ("ClientId", 4095, True),
        ("ClientId", 4096, False),
        ("AttachmentPos", 1023, True),
        ("AttachmentPos", 1024, False),
    )
    @ddt.unpack
    def test_a_value(self, kind: str, value: object, fits: bool) -> None:
        self.check(getattr(types, kind), value, fits)


class StructuresTest(testtools.TestCase):
    def decode(self, kind, text: str, *, strict: bool = True):
        return msgspec.json.decode(text, type=kind, strict=strict)

    def test_integers_as_strings(self) -> None:
        text = '{"name": "a", "size": "1024", "iops": "-", "bw": "7"}'
        request = self.decode(volumes.VolumeCreateDesc, text, strict=False)
        self.assertEqual(
            (1024, "-", 7), (request.size, request.iops, request.bw)
        )
        text = '[{"volume": "a", "rw": ["1"], "detach": ["2"]}]'
        (change,) = self.decode(
            list[attachments.ReassignDesc], text, strict=False
        )
        self.assertEqual(([1], [2]), (change.rw, change.detach))

    def test_an_unknown_member_of_a_request_is_refused(self) -> None:
        self.assertRaises(
            msgspec.ValidationError,
            self.decode,
            volumes.VolumeCreateDesc,
            '{"nmae": "a"}',
        )

    def test_an_unknown_member_of_an_answer_is_ignored(self) -> None:
        answer = self.decode(
            types.ApiOk, '{"ok": true, "generation": 3, "newer": {}}'
        )
        self.assertEqual(3, answer.generation)

    def test_what_is_not_set_is_not_sent(self) -> None:
        self.assertEqual(
            b'{"name":"a"}',
            msgspec.json.encode(volumes.VolumeCreateDesc(name="a")),
        )

    def test_members_are_called_as_the_api_calls_them(self) -> None:
        request = volumes.VolumeUpdateDesc(size_add=512, shrink_ok=True)
        self.assertEqual(
            b'{"sizeAdd":512,"shrinkOk":true}', msgspec.json.encode(request)
        )

    def test_an_attachment_is_of_one_object(self) -> None:
        for members in (
            {},
            {"volume": "a", "snapshot": "b"},
            {"snapshot": "b", "rw": [1]},
        ):
            self.assertRaises(
                ValueError,
                lambda kwargs: attachments.ReassignDesc(**kwargs),
                members,
            )
        for members in (
            {"volume": "a", "rw": [1], "detach": "all", "force": True},
            {"snapshot": "b", "ro": [1]},
        ):
            attachments.ReassignDesc(**members)

    def test_either_form_of_a_reassignment(self) -> None:
        kind = api.CALLS["volumes_reassign_wait"].request
        one = '{"volume": "a", "ro": [1]}'
        bare = self.decode(kind, f"[{one}]")
        wrapped = self.decode(kind, f'{{"reassign": [{one}]}}')
        self.assertEqual(bare, wrapped.reassign)

    def test_one_command_at_a_time(self) -> None:
        target = iscsi_commands.ISCSICommandCreateTarget(volume_name="v")
        command = iscsi_commands.ISCSIConfigCommand(create_target=target)
        self.assertEqual(
            b'{"createTarget":{"volumeName":"v"}}',
            msgspec.json.encode(command),
        )
        for members in (
            {},
            {"create_target": target, "delete_target": target},
        ):
            self.assertRaises(
                ValueError,
                lambda kwargs: iscsi_commands.ISCSIConfigCommand(**kwargs),
                members,
            )

    def test_a_bridge_is_of_a_location_or_of_a_cluster(self) -> None:
        bridge = {"ip": "192.0.2.1", "public_key": "k"}
        remote.RemoteBridgeAddDesc(**bridge, location="l")
        remote.RemoteBridgeAddDesc(**bridge, remote="c")
        for members in ({}, {"location": "l", "remote": "c"}):
            self.assertRaises(
                ValueError,
                lambda kwargs: remote.RemoteBridgeAddDesc(**bridge, **kwargs),
                members,
            )

    def test_what_peers_say(self) -> None:
        peer = '"peerId": 1, "service": {"id": "7", "type": "newer"}'
        text = (
            f'{{"requests": [{{{peer}, "status": "timeout"}},'
            f' {{{peer}, "status": "request", "diskId": 4294967294}}]}}'
        )
        answer = self.decode(active_requests.AllPeersActiveRequests, text)
        self.assertEqual(
            [("timeout", None), ("request", 4294967294)],
            [(each.status, each.disk_id) for each in answer.requests],
        )

    def test_keys_that_are_numbers(self) -> None:
        kind = typing.get_type_hints(volumes.VolumeInfo)["objects_per_disk"]
        self.assertEqual({7: 1}, self.decode(dict[int, int], '{"7": 1}'))
        self.assertEqual({7: 1}, self.decode(kind, '{"7": 1}'))
