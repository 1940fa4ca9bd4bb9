# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Changes whose answer was lost: what became of them is found out."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.common import server
from tests.unit.common.test_client import ClientCase
from tests.unit.common.test_client import CREATE
from tests.unit.common.test_client import MISSING
from tests.unit.common.test_client import NAME
from tests.unit.common.test_client import SIZE
from tests.unit.common.test_client import SNAPSHOT
from tests.unit.common.test_client import TAKEN
from tests.unit.common.test_client import VOLUME

SNAP = SNAPSHOT["name"]


@ddt.ddt
class VolumeCreateTest(ClientCase):
    def test_it_was_not_carried_out(self) -> None:
        asked = self.serve(server.hang_up)
        asked.volume_create(CREATE)
        self.assertEqual(["VolumeCreate"] * 2, self.calls())

    def test_it_was(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, server.ok([VOLUME]))
        answer = asked.volume_create(CREATE)
        self.assertEqual(VOLUME["globalId"], answer.global_id)
        self.assertEqual(NAME, answer.name)
        self.assertEqual(7, answer.generation)
        self.assertEqual(
            ["VolumeCreate", "VolumeCreate", "Volume"], self.calls()
        )

    def test_it_was_and_everything_else_goes_wrong_too(self) -> None:
        asked = self.serve(
            server.raw(b"<html>", status=502, content_type="text/html"),
            server.reset,
            TAKEN,
            server.hang_up,
            server.error("x", transient=True),
            server.ok([VOLUME]),
        )
        answer = asked.volume_create(CREATE)
        self.assertEqual(VOLUME["globalId"], answer.global_id)

    @ddt.data(
        {"size": SIZE * 2},
        {"templateName": "nvme"},
        {"tags": {}},
        {"tags": {"cs": "other"}},
    )
    def test_the_name_is_somebody_elses(self, other: dict) -> None:
        asked = self.serve(server.hang_up, TAKEN, server.ok([VOLUME | other]))
        self.assertRaises(errors.ObjectExists, asked.volume_create, CREATE)

    def test_the_name_is_a_snapshots(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, MISSING)
        self.assertRaises(errors.ObjectExists, asked.volume_create, CREATE)

    def test_the_name_was_taken_before(self) -> None:
        """Without a loss, a taken name is an error and nothing is asked."""
        asked = self.serve(TAKEN)
        self.assertRaises(errors.ObjectExists, asked.volume_create, CREATE)
        self.assertEqual(["VolumeCreate"], self.calls())

    def test_from_a_snapshot_by_its_global_id(self) -> None:
        request = {"name": NAME, "parent": "~nzkr.b.aa2"}
        created = VOLUME | {"parentName": SNAP}
        asked = self.serve(
            server.hang_up, TAKEN, server.ok([created]), server.ok([SNAPSHOT])
        )
        self.assertEqual(NAME, asked.volume_create(request).name)

    def test_from_another_snapshot(self) -> None:
        request = {"name": NAME, "parent": SNAP}
        created = VOLUME | {"parentName": "other"}
        asked = self.serve(server.hang_up, TAKEN, server.ok([created]))
        self.assertRaises(errors.ObjectExists, asked.volume_create, request)

    def test_from_a_volume(self) -> None:
        request = {"name": NAME, "baseOn": "os--volume-0"}
        created = VOLUME | {"parentName": "os--volume-0@17"}
        asked = self.serve(server.hang_up, TAKEN, server.ok([created]))
        answer = asked.volume_create(request)
        self.assertEqual("os--volume-0@17", answer.auto_name)

    def test_without_a_name(self) -> None:
        asked = self.serve(server.hang_up)
        error = self.assertRaises(
            errors.AnswerLost, asked.volume_create, {"size": SIZE}
        )
        self.assertIn("VolumeCreate", str(error))
        self.assertEqual(1, len(self.peer.requests))

    def test_it_stays_unknown(self) -> None:
        asked = self.serve(
            server.hang_up, *[server.error("x", transient=True)] * 9
        )
        error = self.assertRaises(
            errors.AnswerLost, asked.volume_create, CREATE
        )
        self.assertIn(f"VolumeCreate of {NAME}", str(error))
        self.assertIn("is not known", str(error))

    def test_no_time_is_left_to_find_out(self) -> None:
        asked = self.serve(
            server.hang_up,
            TAKEN,
            server.silence,
            deadline=300.0,
            sleep=lambda seconds: self.clock.advance(299.95),
        )
        error = self.assertRaises(
            errors.DeadlineExceeded, asked.volume_create, CREATE
        )
        self.assertTrue(error.sent)
        self.assertIn(f"whether VolumeCreate of {NAME} was", str(error))


@ddt.ddt
class OtherChangesTest(ClientCase):
    def test_a_snapshot_was_taken(self) -> None:
        asked = self.serve(
            server.hang_up, TAKEN, server.ok([SNAPSHOT]), server.ok([VOLUME])
        )
        answer = asked.snapshot_create(
            NAME, {"name": SNAP, "tags": {"cs": "openstack"}}
        )
        self.assertEqual(SNAPSHOT["globalId"], answer.snapshot_global_id)

    @ddt.data(
        {"onVolume": "other"},
        {"createdFromGlobalId": "nzkr.b.zzz"},
        {"tags": {}},
    )
    def test_a_snapshot_of_something_else(self, other: dict) -> None:
        asked = self.serve(
            server.hang_up,
            TAKEN,
            server.ok([SNAPSHOT | other]),
            server.ok([VOLUME]),
        )
        self.assertRaises(
            errors.ObjectExists,
            asked.snapshot_create,
            NAME,
            {"name": SNAP, "tags": {"cs": "openstack"}},
        )

    @ddt.data(None, {}, {"name": ""})
    def test_a_snapshot_without_a_name(self, request: dict | None) -> None:
        asked = self.serve(server.hang_up)
        self.assertRaises(
            errors.AnswerLost, asked.snapshot_create, NAME, request
        )
        self.assertEqual(1, len(self.peer.requests))

    def test_a_volume_was_deleted(self) -> None:
        asked = self.serve(server.hang_up, MISSING, server.ok([]))
        answer = asked.volume_delete(NAME)
        self.assertEqual((True, 7), (answer.ok, answer.generation))

    def test_a_volume_was_not_there(self) -> None:
        asked = self.serve(MISSING)
        self.assertRaises(errors.ObjectDoesNotExist, asked.volume_delete, NAME)

    def test_a_volume_became_a_snapshot(self) -> None:
        asked = self.serve(server.hang_up, MISSING, server.ok([SNAPSHOT]))
        self.assertTrue(asked.volume_freeze(NAME).ok)

    def test_a_volume_to_freeze_is_gone(self) -> None:
        asked = self.serve(server.hang_up, MISSING, MISSING)
        self.assertRaises(errors.ObjectDoesNotExist, asked.volume_freeze, NAME)

    def test_a_volume_was_renamed(self) -> None:
        asked = self.serve(
            server.hang_up, MISSING, server.ok([VOLUME]), MISSING
        )
        self.assertTrue(asked.volume_update("old", {"rename": NAME}).ok)

    def test_a_volume_was_renamed_by_its_global_id(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, server.ok([VOLUME]))
        name = f"~{VOLUME['globalId']}"
        self.assertTrue(asked.volume_update(name, {"rename": NAME}).ok)

    @ddt.data("old", "~nzkr.b.other")
    def test_the_new_name_is_anothers(self, name: str) -> None:
        asked = self.serve(
            server.hang_up, TAKEN, server.ok([VOLUME]), server.ok([VOLUME])
        )
        self.assertRaises(
            errors.ObjectExists, asked.volume_update, name, {"rename": NAME}
        )

    def test_a_volume_to_rename_is_gone(self) -> None:
        asked = self.serve(server.hang_up, MISSING, MISSING)
        self.assertRaises(
            errors.ObjectDoesNotExist,
            asked.volume_update,
            "old",
            {"rename": NAME},
        )

    @ddt.data({"tags": {"cs": "mine"}}, {"size": SIZE * 2})
    def test_the_new_volume_is_not_like_it(self, other: dict) -> None:
        asked = self.serve(
            server.hang_up, MISSING, server.ok([VOLUME]), MISSING
        )
        self.assertRaises(
            errors.ObjectDoesNotExist,
            asked.volume_update,
            "old",
            {"rename": NAME} | other,
        )

    def test_a_tag_was_taken_away(self) -> None:
        asked = self.serve(
            server.hang_up, MISSING, server.ok([VOLUME]), MISSING
        )
        change = {"rename": NAME, "tags": {"disk": "", "cs": "openstack"}}
        self.assertTrue(asked.volume_update("old", change).ok)

    def test_a_size_is_set_again(self) -> None:
        asked = self.serve(server.hang_up)
        asked.volume_update(NAME, {"size": SIZE})
        self.assertEqual(["VolumeUpdate"] * 2, self.calls())

    def test_a_size_is_not_added_again(self) -> None:
        asked = self.serve(server.hang_up)
        self.assertRaises(
            errors.AnswerLost, asked.volume_update, NAME, {"sizeAdd": SIZE}
        )
        self.assertEqual(1, len(self.peer.requests))

    def test_an_attachment_is_made_again(self) -> None:
        asked = self.serve(server.hang_up)
        change = [api.attachments.ReassignDesc(volume=NAME, rw=[1])]
        asked.volumes_reassign_wait(change)
        self.assertEqual(["VolumesReassignWait"] * 2, self.calls())

    def test_a_group_of_snapshots_is_not_taken_again(self) -> None:
        asked = self.serve(server.hang_up)
        error = self.assertRaises(
            errors.AnswerLost,
            asked.snapshot_create_group,
            {"volumes": [{"volume": "a", "name": "b"}, {"volume": "c"}]},
        )
        self.assertIn("VolumesGroupSnapshot of b, a, c", str(error))

    def test_a_snapshot_was_renamed(self) -> None:
        asked = self.serve(
            server.hang_up, MISSING, server.ok([SNAPSHOT]), MISSING
        )
        self.assertTrue(asked.snapshot_update("old", {"rename": SNAP}).ok)


GROUP = {
    "volumes": [
        {"volume": NAME, "name": "g1", "tags": {"n": "1"}},
        {"volume": "os--volume-2", "name": "g2"},
    ],
    "tags": {"cs": "openstack"},
}
SECOND = VOLUME | {"name": "os--volume-2", "globalId": "nzkr.b.aa3"}
FIRST_TAKEN = SNAPSHOT | {
    "name": "g1",
    "globalId": "nzkr.b.bb1",
    "tags": {"cs": "openstack", "n": "1"},
    "createdFromGlobalId": VOLUME["globalId"],
}
SECOND_TAKEN = SNAPSHOT | {
    "name": "g2",
    "globalId": "nzkr.b.bb2",
    "tags": {"cs": "openstack"},
    "createdFromGlobalId": SECOND["globalId"],
}


@ddt.ddt
class GroupSnapshotTest(ClientCase):
    def ask(self, second: dict):
        asked = self.serve(
            server.hang_up,
            TAKEN,
            server.ok([FIRST_TAKEN]),
            server.ok([VOLUME]),
            server.ok([second]),
            server.ok([SECOND]),
        )
        return asked.snapshot_create_group(GROUP)

    def test_the_snapshots_were_taken(self) -> None:
        self.assertEqual(
            [
                (NAME, "g1", "nzkr.b.bb1"),
                ("os--volume-2", "g2", "nzkr.b.bb2"),
            ],
            [
                (each.volume, each.snapshot, each.snapshot_global_id)
                for each in self.ask(SECOND_TAKEN).snapshots
            ],
        )
        self.assertEqual(["VolumesGroupSnapshot"] * 2, self.calls()[:2])

    @ddt.data({"createdFromGlobalId": "nzkr.b.zz9"}, {"tags": {}})
    def test_a_name_is_somebody_elses(self, other: dict) -> None:
        self.assertRaises(errors.ObjectExists, self.ask, SECOND_TAKEN | other)

    def test_a_name_is_a_volumes(self) -> None:
        asked = self.serve(server.hang_up, TAKEN, MISSING)
        self.assertRaises(
            errors.ObjectExists, asked.snapshot_create_group, GROUP
        )


@ddt.ddt
class KeyValueTest(ClientCase):
    def ask(self, bucket: dict):
        asked = self.serve(
            server.hang_up,
            server.error("runIfVersionIsMismatch"),
            server.ok({"name": "b", **bucket}),
        )
        pairs = {"key": "value", "gone": ""}
        return asked.kvs_update("b", {"set": pairs, "runIfVersionIs": 4})

    def test_the_pairs_were_set(self) -> None:
        answer = self.ask({"version": 5, "pairs": {"key": "value", "x": "y"}})
        self.assertEqual(7, answer.generation)
        self.assertEqual(["KV"] * 3, self.kinds())

    def kinds(self) -> list[str]:
        return [
            seen.path.removeprefix(api.URL_PREFIX).split("/")[0]
            for seen in self.peer.requests
        ]

    @ddt.data(
        {"version": 6, "pairs": {"key": "value"}},
        {"version": 5, "pairs": {"key": "other"}},
        {"version": 5, "pairs": {"key": "value", "gone": "not"}},
        {"version": 5},
    )
    def test_somebody_else_was_faster(self, bucket: dict) -> None:
        self.assertRaises(errors.RunIfVersionIsMismatch, self.ask, bucket)

    def test_pairs_are_set_again(self) -> None:
        asked = self.serve(server.hang_up)
        asked.kvs_update("b", {"set": {"key": "value"}})
        self.assertEqual(2, len(self.peer.requests))

    def test_a_bucket_was_deleted(self) -> None:
        asked = self.serve(server.hang_up, MISSING, server.ok([]))
        self.assertEqual(7, asked.kvs_delete("b").generation)
