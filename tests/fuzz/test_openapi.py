# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the OpenAPI document promises, asked by schemathesis."""

import testtools

from tests.fuzz import openapi
from tests.fuzz import progress

FEW = 6
#: There are no targets of ATA over Ethernet to ask.
NEVER = {"aoe_target_active_requests"}


class OpenapiTest(testtools.TestCase):
    def test_every_operation(self) -> None:
        """All are answered as described, and all but one can succeed."""
        tally = progress.Tally()
        for operation in openapi.operations():
            openapi.try_operation(operation, FEW, tally)
        self.assertEqual(NEVER, tally.asked.keys() - tally.answered.keys())
        self.assertGreater(tally.answered.total(), tally.asked.total() // 3)
