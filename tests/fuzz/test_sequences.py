# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A few sequences of calls, always the same; ``tests.fuzz`` makes more."""

import testtools

from tests.fuzz import progress
from tests.fuzz import sequences
from tests.fuzz import settings

FEW = 60


class SequencesTest(testtools.TestCase):
    def test_any_sequence(self) -> None:
        tally = progress.Tally()
        sequences.try_sequences(settings.always_the_same(FEW), tally)
        self.assertGreaterEqual(tally.sequences, FEW)
