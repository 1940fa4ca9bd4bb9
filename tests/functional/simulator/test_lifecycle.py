# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Stopped, killed, cleaned, started again."""

import os
import subprocess
import sys

import fixtures
import testtools

from storpool_common import api
from tests.functional.simulator import base


def run(*arguments):
    """Run the command; what it says to standard error is in ``stderr``."""
    return subprocess.run(
        [sys.executable, "-m", "storpool_simulator", *arguments],
        env={
            "PYTHONPATH": ":".join(filter(None, sys.path)),
            "PATH": os.environ["PATH"],
        },
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


class MistakeTest(testtools.TestCase):
    def test_a_pool_that_is_too_small(self):
        directory = self.useFixture(fixtures.TempDir()).path
        result = run(
            *("serve", "--state-dir", directory, "--data-plane", "loop"),
            *("--pool-size", "10M", "--dev-dir", directory),
        )
        self.assertEqual(1, result.returncode)
        self.assertIn("XFS wants 314572800", result.stderr)
        self.assertEqual(1, result.stderr.count("\n"), result.stderr)


class LifecycleTest(base.LoopTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a")
        self.put("a", "kept")

    def mounted(self):
        """Whether the pool is mounted."""
        return (self.simulator.state_dir / "pool").is_mount()

    def clean(self):
        """Run the command that removes what was left behind."""
        return run("clean", "--state-dir", self.simulator.state_dir)

    def test_stop_removes_and_start_restores(self):
        self.snapshot("a", "s")
        self.reassign("a", rw=[1], ro=[2])
        links = set(self.links())
        self.assertEqual(0, self.simulator.stop())
        self.assertEqual({}, self.links())
        self.assertFalse(self.mounted())
        self.simulator.start()
        self.assertEqual(links, set(self.links()))
        with base.Disk(self.dev / "sp-1") as second:
            self.assertRaises(OSError, second.write, 0, "no")
        with base.Disk(self.dev / "sp-0") as first:
            self.assertEqual("kept", first.read(0))
            first.write(0, "more")

    def test_stop_leaves_what_is_open_and_says_so(self):
        disk = self.open("a")
        links = self.links()
        self.assertEqual(1, self.simulator.stop())
        disk.write(0, "goes on")
        self.assertEqual(links, self.links())
        result = self.clean()
        self.assertEqual(1, result.returncode)
        self.assertIn(f"(pid {os.getpid()})", result.stderr)
        self.simulator.start()
        self.assertEqual(links, self.links())
        disk.write(0, "and on")
        self.reassign("a", detach=[1], force=True)
        self.assertRaises(OSError, disk.write, 0, "not on")

    def test_killed_with_a_device_open(self):
        disk = self.open("a")
        self.reassign("a", rw=[2])
        links = self.links()
        self.simulator.kill()
        disk.write(0, "goes on")
        self.simulator.start()
        self.assertEqual(links, self.links())
        disk.write(1, "and on")
        disk.close()
        self.reassign("a", detach="all")
        self.assertEqual("goes on", self.contents("a"))
        self.assertEqual("and on", self.contents("a", 1))

    def test_clean_after_a_kill(self):
        self.reassign("a", rw=[1, 2])
        self.simulator.kill()
        self.assertEqual((0, ""), (self.clean().returncode, ""))
        self.assertEqual({}, self.links())
        self.assertFalse(self.mounted())
        self.simulator.start()
        self.assertEqual(4, len(self.links()))

    def test_what_was_tampered_with_is_put_right(self):
        path = self.attach("a")
        self.simulator.kill()
        (self.dev / "storpool" / "stale").symlink_to("/dev/loop1048575")
        (self.dev / "storpool" / "other").symlink_to(os.readlink(path))
        (self.dev / "storpool" / "file").write_text("not ours")
        path.unlink()
        objects = self.simulator.state_dir / "pool" / "objects"
        (objects / "x.y.z-0").write_text("nobody's")
        os.truncate(objects / f"{self.gid}-0", 2 * base.SIZE)
        self.simulator.start()
        self.assertEqual(
            {"sp-0", "storpool/a", f"storpool-byid/{self.gid}"},
            set(self.links()),
        )
        self.assertTrue((self.dev / "storpool" / "file").exists())
        self.assertEqual([f"{self.gid}-0"], os.listdir(objects))
        with base.Disk(path) as disk:
            self.assertEqual(base.SIZE, disk.size)
            self.assertEqual("kept", disk.read(0))

    def test_a_device_that_was_detached_meanwhile(self):
        """A copy of the state from before an attachment comes back."""
        self.simulator.stop()
        state = self.simulator.state_dir / "state.sqlite"
        before = state.read_bytes()
        self.simulator.start()
        disk = self.open("a")
        self.simulator.kill()
        for name in ("state.sqlite-wal", "state.sqlite-shm"):
            state.with_name(name).unlink(missing_ok=True)
        state.write_bytes(before)
        self.simulator.start()
        self.assertEqual([], self.api.attachments_list())
        self.assertEqual({}, self.links())
        self.assertRaises(OSError, disk.write, 0, "no")

    def test_a_namespace_keeps_the_pool_mounted(self):
        """The pool is never mounted twice from two devices."""
        other = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(other.communicate)
        other.stdin.write(b"ready\n")
        other.stdin.flush()
        other.stdout.readline()
        self.assertEqual(0, self.simulator.stop())
        self.simulator.start()
        self.put("a", "again")
        image = self.simulator.state_dir / "pool.xfs"
        devices = subprocess.run(
            ["losetup", "--noheadings", "--associated", str(image)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        self.assertEqual(1, len(devices), devices)
        self.assertEqual("again", self.contents("a"))

    def test_revert_changes_the_file(self):
        self.snapshot("a", "s")
        self.put("a", "changed")
        self.api.volume_revert(
            "a", api.volumes.VolumeRevertDesc(to_snapshot="s")
        )
        self.simulator.restart()
        self.assertEqual("kept", self.contents("a"))
