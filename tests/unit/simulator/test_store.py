# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What was answered is there again."""

import pathlib
import sqlite3

import fixtures
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator.simulator import Options
from storpool_simulator.simulator import Simulator
from storpool_simulator.statedir import StateDir
from storpool_simulator.statedir import StateDirUnusable
from storpool_simulator.store import Store
from storpool_simulator.store import StoreUnusable
from storpool_simulator.testing import SimulatorFixture


class RestartTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.state_dir = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def start(self):
        simulator = self.useFixture(SimulatorFixture(state_dir=self.state_dir))
        talker = client.Client(simulator.settings)
        self.addCleanup(talker.close)
        return simulator, talker

    def test_everything_is_kept(self):
        simulator, talker = self.start()
        talker.volume_create(
            api.volumes.VolumeCreateDesc(
                name="a", size=1024, template="nvme", tags={"a": "b"}
            )
        )
        talker.snapshot_create("a")
        talker.volume_create(
            api.volumes.VolumeCreateDesc(name="b", base_on="a")
        )
        talker.volumes_reassign(
            [api.attachments.ReassignDesc(volume="a", rw=[2])]
        )
        talker.volume_template_delete("hybrid")
        before = _everything(talker)
        simulator.simulator.stop()
        simulator, talker = self.start()
        self.assertEqual(
            ["hybrid"],
            [
                each.name
                for each in talker.volume_templates_list()
                if each.name == "hybrid"
            ],
        )
        self.assertEqual(before, _everything(talker))
        talker.volume_delete("b")
        self.assertEqual(1, len(talker.snapshots_list()))

    def test_numbers_are_not_given_twice(self):
        simulator, talker = self.start()
        request = api.volumes.VolumeCreateDesc(size=512, template="nvme")
        first = talker.volume_create(request)
        talker.volume_delete(first.name)
        simulator.simulator.stop()
        _, talker = self.start()
        second = talker.volume_create(request)
        self.assertNotEqual(first.global_id, second.global_id)
        self.assertEqual(first.generation + 2, second.generation)

    def test_one_simulator_at_a_time(self):
        self.start()
        other = Simulator(Options(token="1", state_dir=self.state_dir))
        raised = self.assertRaises(StateDirUnusable, other.start)
        self.assertIn("in use", str(raised))

    def test_another_plane(self):
        simulator, _ = self.start()
        simulator.simulator.stop()
        other = Simulator(
            Options(token="1", state_dir=self.state_dir, data_plane="loop")
        )
        raised = self.assertRaises(StateDirUnusable, other.start)
        self.assertIn("--data-plane memory", str(raised))

    def test_a_state_that_is_none(self):
        StateDir(self.state_dir).database.write_text("nonsense" * 1000)
        other = Simulator(Options(token="1", state_dir=self.state_dir))
        raised = self.assertRaises(StoreUnusable, other.start)
        self.assertIn("state.sqlite", str(raised))

    def test_a_state_of_another_version(self):
        path = StateDir(self.state_dir).database
        database = sqlite3.connect(path)
        self.addCleanup(database.close)
        database.execute("PRAGMA user_version = 99")
        raised = self.assertRaises(StoreUnusable, Store(path).open)
        self.assertIn("layout 99", str(raised))

    def test_a_change_that_cannot_be_kept_is_taken_back(self):
        _, talker = self.start()
        database = sqlite3.connect(
            StateDir(self.state_dir).database, isolation_level=None
        )
        self.addCleanup(database.close)
        database.execute("DROP TABLE records")
        raised = self.assertRaises(
            errors.ApiError,
            talker.volume_create,
            api.volumes.VolumeCreateDesc(name="a", size=512, template="nvme"),
        )
        self.assertIn("cannot write the state", str(raised))
        self.assertEqual([], talker.volumes_list())

    def test_what_conf_needs_is_for_its_owner_only(self):
        self.start()
        mode = (self.state_dir / "running.json").stat().st_mode
        self.assertEqual(0o600, mode & 0o777)


def _everything(talker):
    return (
        talker.volumes_list(),
        talker.snapshots_list(),
        talker.attachments_list(),
        talker.placement_groups_list(),
    )
