# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What tempest says, understood; which of its tests are not run."""

import pathlib
import re
from urllib import request

import fixtures
import testtools

from tests.stack.tempest import pictures
from tests.stack.tempest import results
from tests.stack.tempest import selection

OUTPUT = """\
{0} tempest.api.volume.test_get.GetTest.test_one[id-27fb,smoke] [1.25s] ... ok
{1} tempest.api.volume.test_get.GetTest.test_two [2.50s] ... FAILED
{1} setUpClass (tempest.api.volume.test_no.NoTest) ... SKIPPED: not here
{0} tempest.api.volume.test_no.OtherTest.test_three ... SKIPPED: nor here
Captured traceback: {0} nothing [1s]
"""


class ResultsTest(testtools.TestCase):
    def test_every_kind_of_line(self):
        found = [
            one for line in OUTPUT.splitlines() if (one := results.read(line))
        ]
        self.assertEqual(
            ["passed", "FAILED", "skipped", "skipped"],
            [one.result for one in found],
        )
        self.assertEqual([1.25, 2.5, 0, 0], [one.seconds for one in found])
        counted = results.count(found)
        self.assertEqual(
            ["tempest.api.volume.test_get", "tempest.api.volume.test_no"],
            list(counted),
        )
        self.assertEqual(2, counted["tempest.api.volume.test_no"]["skipped"])
        self.assertEqual(
            {"not here": 1, "nor here": 1}, dict(results.reasons(found))
        )


class SelectionTest(testtools.TestCase):
    def run_by(self, part, name):
        return any(re.search(one, name) for one in part.wanted) and not any(
            re.search(one, name) for one in part.unwanted
        )

    def test_each_has_a_reason_and_a_condition(self):
        for path in (selection.EXCLUDED, selection.SLOW):
            for line in path.read_text().splitlines():
                pattern, _, reason = line.partition("#")
                if pattern.strip():
                    re.compile(pattern.strip())
                    self.assertIn("; when ", reason, line)

    def test_what_wants_a_slow_cluster_runs_once(self):
        slow = (
            "cinder_tempest_plugin.api.volume.admin.test_consistencygroups."
            "ConsistencyGroupsV2Test.test_consistencygroup_create_delete"
        )
        usual = "tempest.api.volume.test_volumes_get.GetTest.test_get"
        others = "tempest.api.identity.test_consistencygroups.Test.test_no"
        for parts in (
            selection.parts("full"),
            selection.parts("smoke", ["onsistency", r"^tempest\.api\.volume"]),
        ):
            first, second = parts
            self.assertEqual(
                (0.0, True), (first.deletion, second.deletion > 1)
            )
            self.assertFalse(self.run_by(first, slow))
            self.assertTrue(self.run_by(second, slow))
            self.assertTrue(self.run_by(first, usual))
            self.assertFalse(self.run_by(second, usual))
        self.assertFalse(self.run_by(selection.parts("full")[1], others))


class PicturesTest(testtools.TestCase):
    def test_it_is_there_while_it_is_served(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (directory / pictures.NAME).write_bytes(b"QFI\xfb")
        direct = request.build_opener(request.ProxyHandler({}))
        with (
            pictures.served(directory, 0) as address,
            direct.open(address, timeout=10) as answer,
        ):
            self.assertEqual(b"QFI\xfb", answer.read())
        self.assertRaises(OSError, direct.open, address, timeout=10)
