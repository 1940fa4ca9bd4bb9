# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes that travel between two clusters of a location."""

import json
import pathlib
import urllib.request

import fixtures

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator import testing
from tests.functional.simulator import base


class CrossingTest(base.LoopTestCase):
    def arguments(self):
        return (*super().arguments(), "--cluster-id", "near.a")

    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).path
        self.other_dev = pathlib.Path(directory)
        self.other = self.useFixture(
            testing.SimulatorProcess(
                *("--data-plane", "loop", "--cluster-id", "near.b"),
                *("--pool-size", "1G", "--dev-dir", directory),
            )
        )
        self.there = client.Client(self.other.settings)
        self.addCleanup(self.there.close)
        self.introduce(self.api, "b", self.other)
        self.introduce(self.there, "a", self.simulator)

    def introduce(self, talker, name, simulator):
        with urllib.request.urlopen(f"{simulator.url}/sim/bridge") as answer:
            key = json.load(answer)["publicKey"]
        talker.cluster_add(
            api.remote.RemoteClusterAddDesc(
                id=name, location="near", name=name
            )
        )
        talker.remote_bridge_add(
            api.remote.RemoteBridgeAddDesc(
                ip=f"{simulator.host}:{simulator.port}",
                public_key=key,
                remote=name,
            )
        )

    def read_there(self, name, block):
        self.there.volumes_reassign_wait([base.Reassign(volume=name, rw=[1])])
        with base.Disk(self.other_dev / "storpool" / name) as disk:
            text = disk.read(block)
        self.there.volumes_reassign_wait(
            [base.Reassign(volume=name, detach=[1])]
        )
        return text

    def move(self, **members):
        self.api.volume_move_to_remote(
            "a", api.moves.VolumeMoveToRemoteDesc(cluster="b", **members)
        )

    def test_move_there_and_back(self):
        self.create("a")
        self.put("a", "first")
        self.snapshot("a", "s")
        self.put("a", "last", base.SIZE // base.BLOCK - 1)
        self.move()
        self.assertEqual("first", self.read_there("a", 0))
        last = base.SIZE // base.BLOCK - 1
        self.assertEqual("last", self.read_there("a", last))
        self.assertEqual([], self.api.volumes_list())
        self.api.volume_acquire("a", api.moves.VolumeAcquireDesc())
        self.assertEqual("first", self.contents("a"))
        self.assertEqual([], self.there.volumes_list())

    def test_an_open_device_stays(self):
        self.create("a")
        disk = self.open("a")
        for choice in ("fail", "detach"):
            self.assertRaises(errors.Busy, self.move, on_attached=choice)
        disk.write(0, "still here")
        disk.close()
        self.move(on_attached="detach")
        self.assertEqual("still here", self.read_there("a", 0))

    def test_backup(self):
        self.create("a")
        self.put("a", "kept", 7)
        answer = self.api.volume_backup(
            api.moves.VolumeBackupDesc(volume="a", location="near")
        )
        self.put("a", "lost", 7)
        self.there.volume_create(
            api.volumes.VolumeCreateDesc(
                name="restored", parent=f"~{answer.remote_id}"
            )
        )
        self.assertEqual("kept", self.read_there("restored", 7))

    def test_no_room_there(self):
        self.create("a", size=2 << 30)
        with base.Disk(self.attach("a")) as disk:
            disk.write_blocks(0, 4096)
        self.reassign("a", detach=[1])
        self.there.volume_create(
            api.volumes.VolumeCreateDesc(
                name="full", size=2 << 30, template="hybrid"
            )
        )
        self.there.volumes_reassign([base.Reassign(volume="full", rw=[1])])
        path = self.other_dev / "storpool" / "full"
        with base.Disk(path) as disk:
            for block in range(0, (2 << 30) // base.BLOCK, 4096):
                try:
                    disk.write_blocks(block, 4096)
                except OSError:
                    break
        self.assertRaises(errors.InsufficientResources, self.move)
        self.assertEqual(1, len(self.there.volumes_list()))
        objects = self.other.state_dir / "pool" / "objects"
        self.assertEqual(1, len(list(objects.iterdir())))
        self.attach("a")
