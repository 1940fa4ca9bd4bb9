# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The machine before and after, compared."""

import pathlib

import fixtures
import testtools

from tests.stack import snapshot

BEFORE = {"mounts": ["a on /a", "b on /b"], "loop devices": []}


class CompareTest(testtools.TestCase):
    def test_nothing_changed(self):
        self.assertEqual([], snapshot.compare(BEFORE, BEFORE))

    def test_what_came_and_what_went(self):
        after = {"mounts": ["b on /b"], "loop devices": ["/dev/loop9 /x"]}
        self.assertEqual(
            [
                "mounts: gone: a on /a",
                "loop devices: new: /dev/loop9 /x",
            ],
            [str(one) for one in snapshot.compare(BEFORE, after)],
        )

    def test_a_kind_that_is_missing_now(self):
        found = snapshot.compare(BEFORE, {"loop devices": []})
        self.assertEqual([False, False], [one.came for one in found])

    def test_this_machine_with_itself(self):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path) / "kept"
        state = snapshot.record()
        snapshot.save(path, state)
        self.assertEqual(state, snapshot.load(path))
        self.assertIn("lo", state["network links"])
        self.assertTrue(any(m.endswith(" on /proc") for m in state["mounts"]))
