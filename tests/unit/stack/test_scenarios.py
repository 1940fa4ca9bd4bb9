# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the scenarios judge by."""

import pathlib

import fixtures
import testtools

from tests.stack import console
from tests.stack import errors
from tests.stack import pool
from tests.stack.scenarios import leftovers
from tests.stack.scenarios import media
from tests.stack.scenarios import registry


class TicksTest(testtools.TestCase):
    def test_none(self):
        self.assertEqual(media.Ticks(0, 0), media.unbroken([]))

    def test_all_there(self):
        self.assertEqual(media.Ticks(4, 4), media.unbroken([3, 1, 2, 4]))

    def test_a_lost_write_breaks_the_row(self):
        self.assertEqual(media.Ticks(9, 2), media.unbroken([5, 6, 8, 9]))


class LeftoversTest(testtools.TestCase):
    def test_nothing(self):
        state = {"links": frozenset({"/a"})}
        self.assertEqual([], leftovers.difference(state, state))

    def test_what_came_and_what_went(self):
        self.assertEqual(
            ["links: left over /b", "links: lost /a"],
            leftovers.difference(
                {"links": frozenset({"/a"})}, {"links": frozenset({"/b"})}
            ),
        )

    def test_a_device_taken_from_under_its_user(self):
        line = (
            "2026-01-01 WARNING FORCED DETACH of open os--volume-1 at client"
            " 2: qemu (pid 17)\n"
        )
        self.assertEqual(
            [("os--volume-1", "2")], leftovers.FORCED.findall(line)
        )


class RescueTest(testtools.TestCase):
    def test_a_rescue_image_has_no_marker(self):
        said = console.Console("STACK-GUEST-BOOTED GUEST-RESCUE kernel=6\n")
        self.assertIsNotNone(said.booted)
        self.assertIsNone(said.marker)


class LoopDevicesTest(testtools.TestCase):
    def test_only_ours_and_only_whole_lines(self):
        listing = (
            "/dev/loop0 11 7:0 /there/run/storage/a\n"
            "/dev/loop1 12 7:0 /elsewhere/b\n"
            "/dev/loop2 7:0\n"
        )
        self.assertEqual(
            {"/dev/loop0": "7:0 11"},
            pool.devices_below(listing, "/there/"),
        )


class LinksTest(testtools.TestCase):
    def test_those_of_another_cluster_are_not_ours(self):
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in ("storpool", "storpool-byid"):
            (home / name).mkdir()
        for name in ("loop0", "loop1"):
            (home / name).touch()
        (home / "storpool/ours").symlink_to("../loop0")
        (home / "storpool-byid/theirs").symlink_to("../loop1")
        (home / "storpool-byid/nobodys").symlink_to("../loop2")
        self.assertEqual(
            [f"{home}/storpool/ours", f"{home}/storpool-byid/nobodys"],
            list(leftovers.own_links(home, {f"{home}/loop0"})),
        )


class RegistryTest(testtools.TestCase):
    def test_the_quick_ones(self):
        quick = {one.name for one in registry.quick()}
        known = {one.name for one in registry.known()}
        self.assertTrue(quick < known)
        self.assertIn("migration.live", quick)
        self.assertIn("evacuation.running-guest", quick)

    def test_a_pattern_that_matches_nothing(self):
        self.assertRaises(errors.StackError, registry.choose, ["nothing"])
