# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes: written, snapshot, cloned, reverted, grown."""

import threading

from storpool_common import api
from storpool_common import errors
from tests.functional.simulator import base
from tests.functional.simulator.base import MIB
from tests.functional.simulator.base import SIZE


class ContentsTest(base.LoopTestCase):
    def test_snapshot_clone_revert(self):
        self.create("a")
        self.put("a", "one")
        self.snapshot("a", "s1")
        self.put("a", "two")
        self.create("from-snapshot", parent="s1", size=2 * SIZE)
        self.create("from-volume", base_on="a")
        self.put("a", "three")
        self.assertEqual("one", self.contents("from-snapshot"))
        self.assertEqual("two", self.contents("from-volume"))
        self.api.volume_revert(
            "a", api.volumes.VolumeRevertDesc(to_snapshot="s1")
        )
        self.assertEqual("one", self.contents("a"))
        self.api.snapshot_delete("s1")
        self.assertEqual("one", self.contents("from-snapshot"))

    def test_snapshot_of_a_volume_in_use(self):
        self.create("a")
        disk = self.open("a")
        disk.write(0, "before")
        self.snapshot("a", "s")
        disk.write(0, "after")
        self.create("b", parent="s")
        self.assertEqual("before", self.contents("b"))
        self.assertEqual("after", disk.read(0))

    def test_freeze_keeps_the_bytes(self):
        self.create("a")
        self.put("a", "frozen")
        self.api.volume_freeze("a")
        self.create("b", parent="a")
        self.assertEqual("frozen", self.contents("b"))

    def test_resize_online_at_every_client(self):
        self.create("a")
        self.reassign("a", rw=[1, 2])
        first, second = (self.disk(self.dev / f"sp-{n}") for n in (0, 1))
        self.resize("a", 2 * SIZE)
        self.assertEqual((2 * SIZE, 2 * SIZE), (first.size, second.size))
        first.write(2 * SIZE // base.BLOCK - 1, "end")
        self.assertEqual("end", second.read(2 * SIZE // base.BLOCK - 1))
        self.resize("a", SIZE)
        self.assertEqual((SIZE, SIZE), (first.size, second.size))
        self.resize("a", 2 * SIZE)
        self.assertEqual("", second.read(2 * SIZE // base.BLOCK - 1))

    def test_copies_are_counted_in_raw_figures(self):
        """What is written is seen by every call, as often as it is kept."""
        self.api.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(name="two", replication=2)
        )
        before = self.figures()
        self.create("a", size=512 * MIB, template="two")
        with base.Disk(self.attach("a")) as disk:
            for block in range(0, 256 * MIB // base.BLOCK, 4096):
                disk.write_blocks(block, 4096)
        after = self.figures()
        written = [
            round((now - then) / MIB / 16) * 16
            for then, now in zip(before, after, strict=True)
        ]
        self.assertEqual([256, 256, 256, 512, 512, 512], written)

    def figures(self):
        """Client data and raw data, as each call tells them."""
        (template,) = [
            each
            for each in self.api.volume_templates_status()
            if each.name == "two"
        ]
        disks = self.api.disks_list().values()
        return [
            sum(each.stored_size for each in self.api.volumes_space()),
            template.stored_size,
            template.stored.capacity - template.stored.free,
            template.on_disk_size,
            sum(each.objects_on_disk_size for each in disks),
            template.capacity_place_all - template.available_place_all,
        ]

    def test_sizes_of_odd_sectors(self):
        self.create("a", size=512)
        self.create("b", size=SIZE + 512)
        self.snapshot("b", "s")
        self.create("c", parent="s", size=SIZE + 1024)
        for name, size in (("a", 512), ("b", SIZE + 512), ("c", SIZE + 1024)):
            self.assertEqual(size, self.open(name).size)

    def test_space_is_counted_once(self):
        before = self.free()
        self.create("a")
        for text in ("one", "two"):
            with base.Disk(self.attach("a")) as disk:
                disk.write_blocks(0, 512)
            self.reassign("a", detach=[1])
            self.snapshot("a", text)
        self.create("b", base_on="a")
        self.put("b", "its own")
        volumes = {x.name: x for x in self.api.volumes_space()}
        snapshots = {x.name: x for x in self.api.snapshots_space()}
        self.assertEqual(
            {"a": 0, "b": base.BLOCK},
            {name: each.stored_size for name, each in volumes.items()},
        )
        self.assertEqual(
            [2 * MIB, 2 * MIB, 0],
            [each.stored_size for each in snapshots.values()],
        )
        self.assertEqual(4 * MIB, volumes["a"].space_used)
        self.assertAlmostEqual(
            4 * MIB + base.BLOCK, before - self.free(), delta=MIB
        )

    def free(self):
        status, *_ = self.api.volume_templates_status()
        return status.stored.free

    def test_group_snapshot_is_of_one_instant(self):
        """A writer writes each number first to one, then to the other."""
        between = [f"n{number}" for number in range(20)]
        for name in ("a", "b", *between):
            self.create(name)
        disks = [self.open(name) for name in ("a", "b")]
        over = threading.Event()
        writer = threading.Thread(target=_write_in_turn, args=(disks, over))
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(over.set)
        for number in range(20):
            self._group(("a", *between, "b"), number)
        over.set()
        writer.join()
        for number in range(20):
            texts = []
            for name in ("a", "b"):
                clone = f"of-{name}-{number}"
                self.create(clone, parent=f"{name}-{number}")
                texts.append(int(self.contents(clone) or 0))
            first, second = texts
            self.assertIn(first - second, (0, 1))
        self.assertGreater(second, 0)

    def _group(self, names, number):
        spec = api.snapshots.GroupSnapshotSpec
        self.api.snapshot_create_group(
            api.snapshots.GroupSnapshotsSpec(
                volumes=[
                    spec(volume=name, name=f"{name}-{number}")
                    for name in names
                ]
            )
        )


def _write_in_turn(disks, over):
    number = 0
    while not over.is_set():
        number += 1
        for disk in disks:
            disk.write(0, str(number))


class FullPoolTest(base.LoopTestCase):
    pool_size = "300M"

    def test_full(self):
        self.create("a", size=1 << 30)
        total = self.free()
        written = self.fill("a")
        self.assertGreater(written, total - 64 * MIB)
        self.assertLess(self.free(), 32 * MIB)
        for request in (
            lambda: self.create("b"),
            lambda: self.create("b", base_on="a"),
            lambda: self.resize("a", 2 << 30),
        ):
            self.assertRaises(errors.InsufficientResources, request)
        self.assertEqual(1, len(self.api.volumes_list()))
        (space,) = self.api.volumes_space()
        self.assertAlmostEqual(written, space.stored_size, delta=MIB)
        self.assertEqual("0", self.contents("a"))
        self.api.volume_delete("a")
        self.assertAlmostEqual(total, self.free(), delta=MIB)
        self.create("b")

    def free(self):
        status, *_ = self.api.volume_templates_status()
        return status.stored.free

    def fill(self, name):
        """Write until there is no room; returns bytes written."""
        count = MIB // base.BLOCK
        with base.Disk(self.attach(name)) as disk:
            block = 0
            try:
                while True:
                    disk.write_blocks(block, count)
                    block += count
            except OSError:
                pass
            disk.write(0, "0")
        self.reassign(name, detach=[1])
        return block * base.BLOCK
