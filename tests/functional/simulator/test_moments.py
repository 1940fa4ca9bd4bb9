# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Killed right before and right after a change is committed."""

import os
import sys

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator import testing
from tests.functional.simulator import base
from tests.functional.simulator.base import SIZE

Update = api.volumes.VolumeUpdateDesc


class DyingProcess(testing.SimulatorProcess):
    """Dies at the moment that a file in its state directory names."""

    command = (sys.executable, "-m", "tests.functional.simulator.dying")


class MomentTest(base.LoopTestCase):
    process = DyingProcess

    def setUp(self):
        super().setUp()
        self.create("a")
        self.put("a", "one")
        self.snapshot("a", "s")
        self.put("a", "two")
        self.create("b")
        self.attach("b")
        # One that does not look and try again: nobody would answer.
        self.api.close()
        self.api = client.Client(self.simulator.settings, retries=0)
        self.addCleanup(self.api.close)
        self.changes = {
            "create": lambda: self.create("c"),
            "clone": lambda: self.create("d", base_on="a"),
            "snapshot": lambda: self.snapshot("a", "t"),
            "group": self.group,
            "revert": lambda: self.api.volume_revert(
                "a", api.volumes.VolumeRevertDesc(to_snapshot="s")
            ),
            "attach": lambda: self.reassign("c", rw=[1]),
            "rights": lambda: self.reassign("b", ro=[1]),
            "grow": lambda: self.resize("b", 2 * SIZE),
            "shrink": lambda: self.resize("b", SIZE),
            "rename": lambda: self.api.volume_update("b", Update(rename="bb")),
            "detach": lambda: self.reassign("c", detach=[1]),
            "delete": lambda: self.api.volume_delete("c"),
        }

    def group(self):
        spec = api.snapshots.GroupSnapshotSpec
        self.api.snapshot_create_group(
            api.snapshots.GroupSnapshotsSpec(
                volumes=[
                    spec(volume="a", name="ga"),
                    spec(volume="b", name="gb"),
                ]
            )
        )

    def state(self):
        """What the API says, without its count of changes."""
        return (
            self.api.volumes_list(),
            self.api.snapshots_list(),
            self.api.attachments_list(),
        )

    def killed(self, moment, change):
        """Make a change that the simulator does not survive."""
        flag = self.simulator.state_dir / moment
        flag.touch()
        try:
            change()
        except errors.TransportError:
            pass
        else:
            self.fail("it was answered")
        flag.unlink()
        self.simulator.restart()

    def test_before_it_never_happened(self):
        before = self.state()
        doable = set(self.changes) - {"attach", "detach", "delete", "shrink"}
        for name in sorted(doable):
            self.killed("before", self.changes[name])
            self.assertEqual(before, self.state(), name)
            self.check(name)
        self.assertEqual("two", self.contents("a"))

    def test_after_it_is_done(self):
        for name, change in self.changes.items():
            before = self.state()
            self.killed("after", change)
            self.assertNotEqual(before, self.state(), name)
            self.check(name)
        self.assertEqual("one", self.contents("a"))
        self.assertEqual("two", self.contents("d"))
        self.assertEqual(
            {"a", "bb", "d"}, {each.name for each in self.api.volumes_list()}
        )

    def check(self, name):
        """Files, devices and links are those that the API speaks of."""
        objects = self.simulator.state_dir / "pool" / "objects"
        everything = {
            each.global_id: each.size
            for each in [
                *self.api.volumes_list(),
                *self.api.snapshots_list(),
            ]
        }
        files = {
            path.name.rpartition("-")[0]: path.stat().st_size
            for path in objects.iterdir()
        }
        self.assertEqual(everything, files, name)
        self.assertEqual(len(everything), len(os.listdir(objects)), name)
        attachments = self.api.attachments_list()
        links = {
            link
            for each in attachments
            for link in (
                f"sp-{each.pos}",
                f"storpool/{each.volume}",
                f"storpool-byid/{each.global_id}",
            )
        }
        self.assertEqual(links, set(self.links()), name)
        self.assertEqual(len(attachments), len(self.bound()), name)
        for each in attachments:
            with base.Disk(self.dev / f"sp-{each.pos}") as disk:
                self.assertEqual(everything[each.global_id], disk.size)
