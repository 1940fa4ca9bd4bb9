# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A simulator in a process of its own, with loop devices."""

import errno
import mmap
import os
import pathlib
import subprocess

import fixtures
import testtools

from storpool_common import api
from storpool_common import client
from storpool_simulator import testing

MIB = 1 << 20
SIZE = 64 * MIB
BLOCK = 4096

Reassign = api.attachments.ReassignDesc


class Disk:
    """A block device, read and written around the host's cache."""

    def __init__(self, path, mode=os.O_RDWR):
        self._file = os.open(path, mode | os.O_DIRECT | os.O_CLOEXEC)
        self._buffer = mmap.mmap(-1, BLOCK)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Close it; closing twice is fine."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def write(self, block, text):
        """Write a text to the start of a block; on disk when it returns."""
        self._buffer.seek(0)
        self._buffer.write(text.encode().ljust(BLOCK, b"\0"))
        os.pwritev(self._file, [self._buffer], block * BLOCK)
        os.fsync(self._file)

    def write_blocks(self, block, count):
        """Write as many blocks, of anything that is not nothing."""
        with mmap.mmap(-1, count * BLOCK) as buffer:
            buffer.write(b"x" * len(buffer))
            written = os.pwritev(self._file, [buffer], block * BLOCK)
        if written < count * BLOCK:
            raise OSError(errno.ENOSPC, "written in part")

    def read(self, block):
        """The text at the start of a block."""
        count = os.preadv(self._file, [self._buffer], block * BLOCK)
        return self._buffer[:count].rstrip(b"\0").decode()

    @property
    def size(self):
        """Bytes, as the kernel says."""
        return os.lseek(self._file, 0, os.SEEK_END)


class LoopTestCase(testtools.TestCase):
    """Each test has a simulator, a pool and a device directory."""

    pool_size = "1G"
    process = testing.SimulatorProcess

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("loop devices are made by root only")
        self.dev = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.simulator = self.useFixture(
            self.process("--data-plane", "loop", *self.arguments())
        )
        self.api = client.Client(self.simulator.settings)
        self.addCleanup(self.api.close)

    def arguments(self):
        """Further arguments of the simulator."""
        return (
            *("--pool-size", self.pool_size),
            *("--dev-dir", str(self.dev)),
        )

    def create(self, name, **members):
        """Make a volume; returns its global id."""
        if not members.keys() & {"parent", "base_on"}:
            members = {"size": SIZE, "template": "hybrid"} | members
        return self.api.volume_create(
            api.volumes.VolumeCreateDesc(name=name, **members)
        ).global_id

    def snapshot(self, volume, name):
        """Take a snapshot."""
        self.api.snapshot_create(
            volume, api.snapshots.VolumeSnapshotDesc(name=name)
        )

    def resize(self, volume, size):
        """Give a volume another size."""
        self.api.volume_update(
            volume,
            api.volumes.VolumeUpdateDesc(size=size, shrink_ok=True),
        )

    def reassign(self, volume, **members):
        """Change the attachments of a volume."""
        return self.api.volumes_reassign_wait(
            [Reassign(volume=volume, **members)]
        )

    def attach(self, volume, client=1, rights="rw"):
        """Attach a volume; returns its link."""
        self.reassign(volume, **{rights: [client]})
        return self.dev / "storpool" / volume

    def open(self, volume, client=1, rights="rw"):
        """Attach a volume and open it until the end of the test."""
        return self.disk(self.attach(volume, client, rights))

    def disk(self, path, mode=os.O_RDWR):
        """Open a device until the end of the test."""
        disk = Disk(path, mode)
        self.addCleanup(disk.close)
        return disk

    def contents(self, volume, block=0):
        """What is in a block of a volume that is attached nowhere."""
        with Disk(self.attach(volume, 3)) as disk:
            text = disk.read(block)
        self.reassign(volume, detach=[3])
        return text

    def put(self, volume, text, block=0):
        """Write to a volume that is attached nowhere."""
        with Disk(self.attach(volume, 3)) as disk:
            disk.write(block, text)
        self.reassign(volume, detach=[3])

    def links(self):
        """The links that are there: what each leads to, by its name."""
        return {
            str(path.relative_to(self.dev)): os.readlink(path)
            for path in self.dev.glob("**/*")
            if path.is_symlink()
        }

    def bound(self):
        """The loop devices of this simulator's volumes."""
        listed = subprocess.run(
            ["losetup", "--noheadings", "--output", "BACK-FILE", "--list"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        objects = str(self.simulator.state_dir / "pool" / "objects")
        return [
            line for line in listed.splitlines() if line.startswith(objects)
        ]
