# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""When the comparison of two sets of drivers says what is said of it."""

import types

import testtools

from tests.stack.versus import harm
from tests.stack.versus import runner
from tests.stack.versus import times


def found(harmful, calls, trouble=()):
    sample = times.Sample(1.0, ("Call",) * calls)
    return runner.Found(
        {fault.name: harm.Seen(harmful, "") for fault in harm.FAULTS},
        {what: times.Times([sample]) for what in times.WHAT},
        list(trouble),
    )


class JudgeTest(testtools.TestCase):
    def test_all_is_as_it_is_said(self):
        self.assertEqual([], runner.judge(found(True, 3), found(False, 2)))

    def test_what_goes_wrong_in_tree_is_no_trouble_of_ours(self):
        theirs = found(True, 3, ["M1 a: left over"])
        self.assertEqual([], runner.judge(theirs, found(False, 2)))

    def test_our_trouble(self):
        ours = found(False, 2, ["M2: left over"])
        self.assertEqual(
            ["ours: M2: left over"], runner.judge(found(True, 3), ours)
        )

    def test_a_fault_of_ours(self):
        ours = found(False, 2)
        ours.faults["M3"] = harm.Seen(True, "")
        self.assertEqual(
            ["M3 shows with ours"], runner.judge(found(True, 3), ours)
        )

    def test_a_fault_that_could_not_be_provoked(self):
        theirs = found(True, 3)
        del theirs.faults["M2"]
        theirs.faults["M3"] = harm.Seen(False, "")
        self.assertEqual(
            ["M2 does not show in-tree", "M3 does not show in-tree"],
            runner.judge(theirs, found(False, 2)),
        )

    def test_what_was_not_timed(self):
        ours = found(False, 2)
        ours.times.clear()
        wrong = runner.judge(found(True, 2), ours)
        self.assertEqual(len(times.WHAT), len(wrong))


class TimesTest(testtools.TestCase):
    def test_which_calls_are_counted(self):
        paths = (
            "/ctrl/1.0/VolumesList",
            "/ctrl/1.0/MultiCluster/Volume/os--volume-1?json=%7B%7D",
            "/ctrl/1.0/VolumeTemplatesStatus",
            "/ctrl/1.0/MultiCluster/VolumesReassignWait",
        )
        log = [
            {"seq": number, "path": path} for number, path in enumerate(paths)
        ]
        lab = types.SimpleNamespace(
            cluster=types.SimpleNamespace(log=lambda: log)
        )
        self.assertEqual(
            ("Volume", "VolumesReassignWait"), times.calls_since(lab, 0)
        )

    def test_medians(self):
        measured = times.Times(
            [
                times.Sample(1.0, ("One", "Two")),
                times.Sample(9.0, ("One",)),
                times.Sample(2.0, ("One", "Two")),
            ]
        )
        self.assertEqual(2.0, measured.seconds)
        self.assertEqual("One, Two", measured.calls)
