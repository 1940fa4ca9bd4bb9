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


class SecondTryTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.first = [
            results.Result("a.test_races.T.one", 1.0, "FAILED"),
            results.Result("a.test_races.T.two", 1.0, "passed"),
            results.Result("a.test_other.T.three", 1.0, "FAILED"),
        ]

    def test_what_failed_and_is_known_to_race(self):
        self.assertEqual(
            self.first[:1], results.racing(self.first, [r"test_races\."])
        )

    def test_the_second_result_counts(self):
        second = results.Result("a.test_races.T.one", 2.0, "passed")
        self.assertEqual(
            [second, *self.first[1:]], results.replaced(self.first, [second])
        )

    def test_one_that_did_not_end_is_as_it_was(self):
        self.assertEqual(self.first, results.replaced(self.first, []))


class ExcludedTest(testtools.TestCase):
    def test_each_has_a_reason_and_a_condition(self):
        for path in (environment.EXCLUDED, environment.RACES):
            for line in path.read_text().splitlines():
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
