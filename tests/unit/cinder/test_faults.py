# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every operation, with every fault at every one of its calls."""

import ddt

from tests.unit.cinder import operations
from tests.unit.cinder import trials


@ddt.ddt
class FaultsTest(trials.TrialTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.begin()

    @ddt.data(*operations.OPERATIONS)
    def test_repeated_after_a_fault_it_is_right(self, name: str) -> None:
        chosen = operations.OPERATIONS[name]
        every = self.trials_of(self.calls_of(chosen))
        verdicts = {each: self.tried(chosen, *each) for each in every}
        wrong = {
            each: verdict
            for each, verdict in verdicts.items()
            if verdict != trials.RIGHT
        }
        self.assertEqual({}, wrong)
