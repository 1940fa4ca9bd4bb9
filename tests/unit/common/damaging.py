# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A host whose records are damaged."""

import os
import pathlib

import fixtures
import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.records import FILE
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB


class RecoveryTestCase(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.fixture = self.useFixture(HostFixture())
        self.state_dir = pathlib.Path(self.fixture.configuration.state_dir)
        self.host = self.fixture.open()
        self.target = self.volume(1)
        self.other = self.volume(2)

    def volume(self, number):
        name = f"os--volume-{number}"
        return Target(self.fixture.make_volume(name), name, size=MIB)

    def keys(self):
        return {one.key for one in self.fixture.open().requests()}

    def damage(self):
        """Leave nothing of the file that SQLite knows."""
        self.host.close()
        self.write("not a database" * 999)

    def write(self, text):
        for suffix in ("-wal", "-shm"):
            (self.state_dir / f"{FILE}{suffix}").unlink(True)
        (self.state_dir / FILE).write_text(text)

    def former(self):
        return f"former:{self.target.global_id}"

    def expect_attached(self, *targets):
        self.assertEqual(
            {(target.global_id, 1) for target in targets},
            set(self.fixture.attached()),
        )

    def expect_no_link(self):
        self.assertFalse(os.path.lexists(self.state_dir / "rebuild"))
