# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The client and the simulator: every change under every fault."""

from collections.abc import Callable
import dataclasses
import itertools

import ddt
import testtools

from storpool_common import client
from storpool_common import config
from storpool_common import errors
from storpool_simulator import testing

SIZE = 1 << 30
VOLUME = {"name": "v", "size": SIZE, "template": "hybrid", "tags": {"cs": "x"}}

#: What can go wrong with one try. After each the change is made, once.
FAULTS = {
    "nothing": None,
    "transient": {
        "action": "error",
        "name": "busyNow",
        "descr": "not now",
        "transient": True,
        "status": 503,
    },
    "dropped before": {"action": "drop_before"},
    "dropped after": {"action": "drop_after"},
    "gateway": {
        "action": "raw",
        "status": 502,
        "content_type": "text/html",
        "body": "<html>bad gateway</html>",
    },
}


@dataclasses.dataclass(frozen=True)
class Change:
    """A change, and what shows that it was made."""

    call: str
    make: Callable[[client.Client], object]
    made: Callable[[client.Client], object]


def _volume(asked: client.Client, name: str = "v"):
    (volume,) = asked.volume_list(name)
    return volume


def _names(asked: client.Client) -> tuple[list[str], list[str]]:
    """The names of all volumes and of all snapshots that are not going."""
    return (
        sorted(volume.name for volume in asked.volumes_list()),
        sorted(
            snapshot.name
            for snapshot in asked.snapshots_list()
            if not snapshot.deleted
        ),
    )


CHANGES = {
    "create": Change(
        "VolumeCreate",
        lambda asked: asked.volume_create(VOLUME | {"name": "w"}),
        lambda asked: _names(asked) == (["v", "w"], ["s"]),
    ),
    "create from a snapshot": Change(
        "VolumeCreate",
        lambda asked: asked.volume_create({"name": "w", "parent": "s"}),
        lambda asked: _volume(asked, "w").parent_name == "s",
    ),
    "create from a volume": Change(
        "VolumeCreate",
        lambda asked: asked.volume_create({"name": "w", "baseOn": "v"}),
        lambda asked: _volume(asked, "w").parent_name != "",
    ),
    "rename": Change(
        "VolumeUpdate",
        lambda asked: asked.volume_update("v", {"rename": "w"}),
        lambda asked: _names(asked) == (["w"], ["s"]),
    ),
    "rename by global id": Change(
        "VolumeUpdate",
        lambda asked: asked.volume_update(
            f"~{_volume(asked).global_id}", {"rename": "w"}
        ),
        lambda asked: _names(asked) == (["w"], ["s"]),
    ),
    "resize and tag": Change(
        "VolumeUpdate",
        lambda asked: asked.volume_update(
            "v", {"size": 2 * SIZE, "tags": {"qc": "a"}}
        ),
        lambda asked: (
            (_volume(asked).size, _volume(asked).tags)
            == (2 * SIZE, {"cs": "x", "qc": "a"})
        ),
    ),
    "delete": Change(
        "VolumeDelete",
        lambda asked: asked.volume_delete("v"),
        lambda asked: _names(asked) == ([], ["s"]),
    ),
    "revert": Change(
        "VolumeRevert",
        lambda asked: asked.volume_revert("v", {"toSnapshot": "s"}),
        lambda asked: _volume(asked).parent_name == "s",
    ),
    "freeze": Change(
        "VolumeFreeze",
        lambda asked: asked.volume_freeze("v"),
        lambda asked: _names(asked) == ([], ["s", "v"]),
    ),
    "snapshot": Change(
        "VolumeSnapshot",
        lambda asked: asked.snapshot_create(
            "v", {"name": "t", "tags": {"cs": "x"}}
        ),
        lambda asked: _names(asked) == (["v"], ["s", "t"]),
    ),
    "rename a snapshot": Change(
        "SnapshotUpdate",
        lambda asked: asked.snapshot_update("s", {"rename": "t"}),
        lambda asked: _names(asked) == (["v"], ["t"]),
    ),
    "delete a snapshot": Change(
        "SnapshotDelete",
        lambda asked: asked.snapshot_delete("s"),
        lambda asked: _names(asked) == (["v"], []),
    ),
    "attach": Change(
        "VolumesReassignWait",
        lambda asked: asked.volumes_reassign_wait(
            {"reassign": [{"volume": "v", "rw": [1]}]}
        ),
        lambda asked: [one.client for one in asked.attachments_list()] == [1],
    ),
}
#: What cannot be recognized by its effect is not made twice.
ONLY_ONCE = {
    "create without a name": Change(
        "VolumeCreate",
        lambda asked: asked.volume_create(
            {"size": SIZE, "template": "hybrid"}
        ),
        lambda asked: len(asked.volumes_list()) == 2,
    ),
    "snapshot without a name": Change(
        "VolumeSnapshot",
        lambda asked: asked.snapshot_create("v"),
        lambda asked: len(asked.snapshots_list()) == 2,
    ),
    "grow": Change(
        "VolumeUpdate",
        lambda asked: asked.volume_update("v", {"sizeAdd": SIZE}),
        lambda asked: _volume(asked).size == 2 * SIZE,
    ),
}


class ClientCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.simulator = self.useFixture(testing.SimulatorFixture())
        self.client = client.Client(
            self.simulator.settings, sleep=lambda seconds: None
        )
        self.addCleanup(self.client.close)
        self.client.volume_create(VOLUME)
        self.client.snapshot_create("v", {"name": "s"})

    def fail_at(self, change: Change, fault: str) -> None:
        if FAULTS[fault] is not None:
            self.simulator.add_fault(call=change.call, **FAULTS[fault])


@ddt.ddt
class ChangesTest(ClientCase):
    @ddt.data(*itertools.product(CHANGES, FAULTS))
    @ddt.unpack
    def test_it_is_made_once(self, name: str, fault: str) -> None:
        change = CHANGES[name]
        self.fail_at(change, fault)
        answer = change.make(self.client)
        self.assertTrue(answer.ok)
        self.assertGreater(answer.generation, 0)
        self.assertTrue(change.made(self.client))

    @ddt.data(*itertools.product(ONLY_ONCE, ("nothing", "transient")))
    @ddt.unpack
    def test_it_was_not_made_before(self, name: str, fault: str) -> None:
        change = ONLY_ONCE[name]
        self.fail_at(change, fault)
        self.assertTrue(change.make(self.client).ok)
        self.assertTrue(change.made(self.client))

    @ddt.data(*ONLY_ONCE)
    def test_it_is_not_made_twice(self, name: str) -> None:
        change = ONLY_ONCE[name]
        self.fail_at(change, "dropped after")
        self.assertRaises(errors.AnswerLost, change.make, self.client)
        self.assertTrue(change.made(self.client))

    def test_the_lost_answer_is_what_it_was(self) -> None:
        self.fail_at(CHANGES["create"], "dropped after")
        answer = self.client.volume_create(VOLUME | {"name": "w"})
        volume = _volume(self.client, "w")
        self.assertEqual(
            (volume.name, volume.global_id), (answer.name, answer.global_id)
        )

    def test_a_lost_snapshot_is_what_it_was(self) -> None:
        self.fail_at(CHANGES["snapshot"], "dropped after")
        answer = self.client.snapshot_create("v", {"name": "t"})
        (snapshot,) = self.client.snapshot_list("t")
        self.assertEqual(snapshot.global_id, answer.snapshot_global_id)

    def test_one_body_for_all_tries(self) -> None:
        self.simulator.clear_requests()
        self.simulator.add_fault(
            call="VolumeCreate", count=3, **FAULTS["transient"]
        )
        self.client.volume_create(VOLUME | {"name": "w"})
        bodies = [seen["body"] for seen in self.simulator.requests()]
        self.assertEqual([VOLUME | {"name": "w"}] * 4, bodies)


@ddt.ddt
class QuestionsTest(ClientCase):
    @ddt.data(
        "services_list",
        "servers_list_blocked",
        "clients_config_dump",
        "disks_list",
        "volumes_list",
        "volumes_quick_status",
        "volumes_space",
        "snapshots_list",
        "snapshots_space",
        "attachments_list",
        "placement_groups_list",
        "fault_sets_list",
        "volume_templates_list",
        "volume_templates_status",
    )
    def test_the_answer_is_as_declared(self, call: str) -> None:
        self.assertIsNotNone(getattr(self.client, call)())

    @ddt.data(*FAULTS)
    def test_it_is_asked_again(self, fault: str) -> None:
        if FAULTS[fault] is not None:
            self.simulator.add_fault(call="VolumesList", **FAULTS[fault])
        self.assertEqual(1, len(self.client.volumes_list()))


class ErrorsTest(ClientCase):
    def test_missing(self) -> None:
        for call in (
            lambda: self.client.volume_list("x"),
            lambda: self.client.volume_delete("x"),
            lambda: self.client.volume_create(
                {"name": "w", "size": 512, "template": "x"}
            ),
            lambda: self.client.volume_create({"name": "w", "parent": "x"}),
        ):
            self.assertRaises(errors.ObjectDoesNotExist, call)

    def test_taken(self) -> None:
        self.assertRaises(
            errors.ObjectExists, self.client.volume_create, VOLUME
        )

    def test_attached(self) -> None:
        self.client.volumes_reassign_wait(
            {"reassign": [{"volume": "v", "rw": [1]}]}
        )
        self.assertRaises(errors.Busy, self.client.volume_delete, "v")

    def test_a_wrong_token(self) -> None:
        settings = dataclasses.replace(
            self.simulator.settings, token="wrong", origin="the test"
        )
        asked = client.Client(settings)
        self.addCleanup(asked.close)
        error = self.assertRaises(
            errors.AuthenticationFailed, asked.volumes_list
        )
        self.assertIn("the token that the test gives", str(error))
        self.assertNotIn("wrong", str(error))

    def test_an_address_that_is_down(self) -> None:
        settings = self.simulator.settings
        nobody = config.ApiAddress("127.0.0.1", 1)
        asked = client.Client(
            dataclasses.replace(
                settings, addresses=(nobody, *settings.addresses)
            )
        )
        self.addCleanup(asked.close)
        self.assertEqual(1, len(asked.volumes_list()))


class RestartTest(testtools.TestCase):
    def test_a_cluster_that_was_away(self) -> None:
        simulator = self.useFixture(testing.SimulatorProcess())
        down = []

        def sleep(seconds: float) -> None:
            down.append(seconds)
            if len(down) == 2:
                simulator.start()

        asked = client.Client(simulator.settings, sleep=sleep)
        self.addCleanup(asked.close)
        asked.volume_create(VOLUME)
        simulator.kill()
        asked.volume_update("v", {"tags": {"qc": "b"}})
        self.assertEqual({"cs": "x", "qc": "b"}, _volume(asked).tags)
        self.assertEqual(2, len(down))
