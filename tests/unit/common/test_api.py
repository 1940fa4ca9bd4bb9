# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The declarations say what the API's documentation says."""

import inspect
import typing

import ddt
import msgspec
import testtools

from storpool_common import api
from storpool_common.api import attachments
from storpool_common.api import snapshots
from storpool_common.api import types
from storpool_common.api import volumes

MC = True
#: Every declared call: method, path, whether it looks beyond its cluster.
CALLS = {
    "attachments_list": ("GET", "AttachmentsList", MC),
    "client_config_wait": ("GET", "ClientConfigWait/{}", not MC),
    "clients_config_dump": ("GET", "ClientsConfigDump", not MC),
    "disk_set_desc": ("POST", "DiskSetDescription/{}", not MC),
    "disks_list": ("GET", "DisksList", not MC),
    "fault_sets_list": ("GET", "FaultSetsList", not MC),
    "placement_group_delete": ("POST", "PlacementGroupDelete/{}", not MC),
    "placement_group_describe": ("GET", "PlacementGroupDescribe/{}", not MC),
    "placement_group_update": ("POST", "PlacementGroupUpdate/{}", not MC),
    "placement_groups_list": ("GET", "PlacementGroupsList", not MC),
    "servers_list_blocked": ("GET", "ServersListBlocked", not MC),
    "services_list": ("GET", "ServicesList", not MC),
    "snapshot_create": ("POST", "VolumeSnapshot/{}", MC),
    "snapshot_create_group": ("POST", "VolumesGroupSnapshot", MC),
    "snapshot_delete": ("POST", "SnapshotDelete/{}", MC),
    "snapshot_list": ("GET", "Snapshot/{}", MC),
    "snapshot_update": ("POST", "SnapshotUpdate/{}", not MC),
    "snapshots_list": ("GET", "SnapshotsList", MC),
    "snapshots_space": ("GET", "SnapshotsSpace", MC),
    "volume_create": ("POST", "VolumeCreate", MC),
    "volume_delete": ("POST", "VolumeDelete/{}", MC),
    "volume_freeze": ("POST", "VolumeFreeze/{}", MC),
    "volume_info": ("GET", "VolumeGetInfo/{}", MC),
    "volume_list": ("GET", "Volume/{}", MC),
    "volume_revert": ("POST", "VolumeRevert/{}", MC),
    "volume_template_create": ("POST", "VolumeTemplateCreate", not MC),
    "volume_template_delete": ("POST", "VolumeTemplateDelete/{}", not MC),
    "volume_template_describe": ("GET", "VolumeTemplateDescribe/{}", not MC),
    "volume_template_update": ("POST", "VolumeTemplateUpdate/{}", not MC),
    "volume_templates_list": ("GET", "VolumeTemplatesList", not MC),
    "volume_templates_status": ("GET", "VolumeTemplatesStatus", not MC),
    "volume_update": ("POST", "VolumeUpdate/{}", MC),
    "volumes_list": ("GET", "VolumesList", MC),
    "volumes_quick_status": ("GET", "VolumesGetStatusQuick", MC),
    "volumes_reassign": ("POST", "VolumesReassign", MC),
    "volumes_reassign_wait": ("POST", "VolumesReassignWait", MC),
    "volumes_space": ("GET", "VolumesSpace", MC),
}
UUID = "0a7c5c2e-1c39-4f5b-a4f1-7e6d5a1f2b3c"


class CallsTest(testtools.TestCase):
    def test_every_call(self) -> None:
        declared = {
            name: (
                call.method,
                call.path.format(**dict.fromkeys(call.path_parameters, "{}")),
                call.multicluster,
            )
            for name, call in api.CALLS.items()
        }
        self.assertEqual(
            CALLS | {k: v for k, v in declared.items() if k not in CALLS},
            declared,
        )

    def test_paths_are_told_apart(self) -> None:
        routes = [(call.method, call.name) for call in api.CALLS.values()]
        self.assertEqual(sorted(set(routes)), sorted(routes))

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

    def test_every_structure_has_a_purpose(self) -> None:
        for module in (attachments, snapshots, types, volumes):
            for name, thing in vars(module).items():
                if inspect.isclass(thing):
                    self.assertTrue(inspect.getdoc(thing), name)


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

    def test_keys_that_are_numbers(self) -> None:
        kind = typing.get_type_hints(volumes.VolumeInfo)["objects_per_disk"]
        self.assertEqual({7: 1}, self.decode(dict[int, int], '{"7": 1}'))
        self.assertEqual({7: 1}, self.decode(kind, '{"7": 1}'))
