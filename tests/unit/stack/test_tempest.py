# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What tempest says, understood; which of its tests are not run."""

import pathlib
import re
from urllib import request

import fixtures
import testtools

from tests.stack.tempest import environment
from tests.stack.tempest import pictures
from tests.stack.tempest import results

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


class ExcludedTest(testtools.TestCase):
    def test_each_has_a_reason_and_a_condition(self):
        for line in environment.EXCLUDED.read_text().splitlines():
            pattern, _, reason = line.partition("#")
            if pattern.strip():
                re.compile(pattern.strip())
                self.assertIn("; when ", reason, line)


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
