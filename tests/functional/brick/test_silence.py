# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""An API that does not answer for a while; W5."""

from os_brick.initiator import storpool_utils
import testtools

from storpool_common.client import Client
from storpool_simulator.testing import SimulatorFixture

SILENCE = 1.0
PATIENCE = 0.2


class SilenceTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.simulator = self.useFixture(SimulatorFixture())

    def be_silent(self):
        self.simulator.add_fault(
            call="VolumesList", action="delay", seconds=SILENCE
        )

    def test_a_question_is_asked_again(self):
        """The in-tree client fails with the first silence."""
        theirs = storpool_utils.StorPoolAPI(
            self.simulator.host,
            self.simulator.port,
            self.simulator.token,
            timeout=PATIENCE,
        )
        self.be_silent()
        self.assertRaises(TimeoutError, theirs.volumes_list)

        ours = Client(self.simulator.settings, attempt_timeout=PATIENCE)
        self.addCleanup(ours.close)
        self.be_silent()
        self.assertEqual([], ours.volumes_list())
