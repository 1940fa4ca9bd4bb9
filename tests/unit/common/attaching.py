# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A host that attaches, and what its tests look at."""

import os

import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.records import Records
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB

REASSIGN = ("POST", "VolumesReassignWait")
NAME = "os--volume-1"


class HostTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.fixture = self.useFixture(HostFixture())
        self.host = self.fixture.open()
        self.volume = self.fixture.make_volume(NAME)
        self.target = Target(self.volume, NAME, size=MIB)
        self.fixture.simulator.clear_requests()

    def records(self):
        records = Records(self.fixture.configuration.state_dir)
        self.addCleanup(records.close)
        return records

    def assert_attached(self, rights):
        expected = {} if rights is None else {(self.volume, 1): rights}
        self.assertEqual(expected, self.fixture.attached())

    def assert_recorded(self, *keys):
        self.assertEqual(set(keys), {one.key for one in self.host.requests()})

    def assert_nothing_left(self):
        self.assert_attached(None)
        self.assert_recorded()
        self.assertIsNone(self.records().of(self.volume))
        locks = os.path.join(self.fixture.configuration.state_dir, "locks")
        self.assertEqual([], os.listdir(locks))

    def fault(self, **fault):
        self.fixture.simulator.add_fault(**fault)
