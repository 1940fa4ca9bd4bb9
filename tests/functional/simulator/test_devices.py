# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Devices and their links: made, taken away, found again."""

import os
import stat
import subprocess
import sys

from storpool_common import api
from storpool_common import errors
from tests.functional.simulator import base
from tests.functional.simulator.base import Reassign
from tests.functional.simulator.base import SIZE


class DeviceTest(base.LoopTestCase):
    def test_links_lead_to_a_device_of_its_own_for_each_client(self):
        gid = self.create("a")
        self.reassign("a", rw=[1, 2])
        links = self.links()
        self.assertEqual(
            {"sp-0", "sp-1", "storpool/a", f"storpool-byid/{gid}"},
            set(links),
        )
        self.assertEqual(links["sp-0"], links["storpool/a"])
        self.assertNotEqual(links["sp-0"], links["sp-1"])
        self.assertTrue(stat.S_ISBLK((self.dev / "storpool/a").stat().st_mode))
        with base.Disk(self.dev / "sp-0") as first:
            first.write(0, "hello")
        with base.Disk(self.dev / "sp-1") as second:
            self.assertEqual("hello", second.read(0))
        self.reassign("a", detach=[1])
        links = self.links()
        self.assertEqual(
            {"sp-1", "storpool/a", f"storpool-byid/{gid}"}, set(links)
        )
        self.assertEqual(1, len(set(links.values())))
        self.reassign("a", detach="all")
        self.assertEqual({}, self.links())
        self.assertEqual([], self.bound())

    def test_the_host_does_not_cache_twice(self):
        self.create("a")
        node = os.path.realpath(self.attach("a"))
        direct = f"/sys/block/{os.path.basename(node)}/loop/dio"
        with open(direct) as file:
            self.assertEqual("1", file.read().strip())

    def test_write_protection_goes_with_its_attachment(self):
        self.create("a")
        self.attach("a", rights="ro")
        self.reassign("a", detach="all")
        with base.Disk(self.attach("a")) as disk:
            disk.write(0, "hello")
            self.assertEqual("hello", disk.read(0))

    def test_more_than_eight(self):
        names = [f"v{number}" for number in range(20)]
        for name in names:
            self.create(name)
        self.api.volumes_reassign([Reassign(volume=n, rw=[1]) for n in names])
        nodes = {
            os.path.realpath(self.dev / "storpool" / name) for name in names
        }
        self.assertEqual(20, len(nodes))

    def test_rename_moves_the_link(self):
        gid = self.create("a")
        path = self.attach("a")
        node = os.readlink(path)
        self.api.volume_update("a", api.volumes.VolumeUpdateDesc(rename="b"))
        self.assertEqual(
            {"sp-0": node, "storpool/b": node, f"storpool-byid/{gid}": node},
            self.links(),
        )

    def test_names_that_are_directories(self):
        for name in (".", ".."):
            gid = self.create(name)
            self.reassign(f"~{gid}", rw=[1])
            self.assertEqual(
                {"sp-0", f"storpool-byid/{gid}"}, set(self.links())
            )
            self.reassign(f"~{gid}", detach=[1])
        self.assertEqual({}, self.links())

    def test_rights(self):
        self.create("a")
        disk = self.open("a", rights="ro")
        self.assertRaises(OSError, disk.write, 0, "no")
        self.attach("a", rights="rw")
        disk.write(0, "yes")
        lower = (self.attach, "a", 1, "ro")
        self.assertRaises(errors.Busy, *lower)
        disk.write(0, "still")
        disk.close()
        disk = self.open("a", rights="ro")
        self.assertRaises(OSError, disk.write, 0, "no")
        self.assertEqual("still", disk.read(0))

    def test_a_snapshot_is_read_only(self):
        self.create("a")
        self.put("a", "kept")
        self.snapshot("a", "s")
        self.api.volumes_reassign([Reassign(snapshot="s", ro=[1, 2])])
        disk = self.disk(self.dev / "storpool" / "s", os.O_RDONLY)
        self.assertEqual("kept", disk.read(0))
        other = self.disk(self.dev / "sp-1")
        self.assertRaises(OSError, other.write, 0, "no")


class ClientDownTest(base.LoopTestCase):
    def setUp(self):
        super().setUp()
        self.create("a")

    def test_its_devices_go_and_come_back(self):
        self.reassign("a", rw=[1, 2])
        mine, other = (self.disk(self.dev / f"sp-{n}") for n in (0, 1))
        mine.write(0, "before")
        self.simulator.set_up("client", 1, False)
        self.assertRaises(OSError, mine.write, 0, "after")
        other.write(1, "goes on")
        self.assertNotIn("sp-0", self.links())
        self.simulator.restart()
        self.assertNotIn("sp-0", self.links())
        self.simulator.set_up("client", 1, True)
        with base.Disk(self.dev / "sp-0") as again:
            self.assertEqual("before", again.read(0))
            self.assertEqual("goes on", again.read(1))

    def test_what_changes_meanwhile(self):
        self.create("b")
        self.attach("a")
        self.simulator.set_up("client", 1, False)
        self.api.volumes_reassign(
            [
                Reassign(volume="a", detach=[1]),
                Reassign(volume="b", rw=[1]),
            ]
        )
        self.assertEqual({}, self.links())
        self.simulator.set_up("client", 1, True)
        self.assertIn("storpool/b", self.links())
        self.assertNotIn("storpool/a", self.links())

    def test_reverted_while_attached(self):
        self.simulator.set_switches(revert_attached="if-closed")
        self.put("a", "old")
        self.snapshot("a", "s")
        disk = self.open("a")
        disk.write(0, "new")
        revert = (
            self.api.volume_revert,
            "a",
            api.volumes.VolumeRevertDesc(to_snapshot="s"),
        )
        self.assertRaises(errors.Busy, *revert)
        disk.write(1, "still there")
        disk.close()
        revert[0](*revert[1:])
        with base.Disk(self.dev / "storpool" / "a") as again:
            self.assertEqual("old", again.read(0))


class FaultyDeviceTest(base.LoopTestCase):
    def setUp(self):
        super().setUp()
        self.create("a")

    def test_never(self):
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_never"
        )
        path = self.attach("a")
        self.assertEqual({}, self.links())
        self.assertEqual(1, len(self.api.attachments_list()))
        self.resize("a", 2 * SIZE)
        self.assertEqual({}, self.links())
        self.reassign("a", detach=[1])
        self.attach("a")
        self.assertTrue(path.is_block_device())

    def test_slow(self):
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_slow", seconds=0.5
        )
        path = self.attach("a")
        self.assertFalse(path.exists())
        for _ in range(100):
            if path.exists():
                break
            subprocess.run([sys.executable, "-c", "pass"], check=True)
        self.assertTrue(path.is_block_device())

    def test_busy(self):
        self.attach("a")
        self.simulator.add_fault(
            call="VolumesReassignWait", action="device_busy"
        )
        self.assertRaises(errors.Busy, self.reassign, "a", detach=[1])
        self.assertEqual(3, len(self.links()))
        self.reassign("a", detach=[1])


class HostsTest(base.LoopTestCase):
    def arguments(self):
        return (
            *super().arguments(),
            *("--client-dev-dir", f"1:{self.dev}/h1"),
            *("--client-dev-dir", f"2:{self.dev}/h2"),
        )

    def test_each_host_has_its_links(self):
        gid = self.create("a")
        self.reassign("a", rw=[1, 2])
        links = self.links()
        self.assertEqual(
            {
                f"{host}/{name}"
                for host in ("h1", "h2")
                for name in ("sp-0", "storpool/a", f"storpool-byid/{gid}")
            },
            set(links),
        )
        self.assertNotEqual(links["h1/storpool/a"], links["h2/storpool/a"])
        self.reassign("a", detach=[1])
        self.assertEqual({links["h2/storpool/a"]}, set(self.links().values()))
