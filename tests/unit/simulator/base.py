# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A simulator and our client of it."""

import typing

import testtools

from storpool_common import api
from storpool_common import client
from storpool_simulator import testing

SIZE = 1 << 30


class SimulatorTestCase(testtools.TestCase):
    """Each test has a simulator of its own."""

    options: typing.ClassVar[dict[str, object]] = {}

    def setUp(self):
        super().setUp()
        self.simulator = self.useFixture(
            testing.SimulatorFixture(**self.options)
        )
        self.api = client.Client(self.simulator.settings)
        self.addCleanup(self.api.close)

    def create(self, name, **members):
        """Make a volume from a template, unless the members say else."""
        if not members.keys() & {"parent", "base_on", "replication"}:
            members.setdefault("template", "hybrid")
        if not members.keys() & {"parent", "base_on"}:
            members.setdefault("size", SIZE)
        return self.api.volume_create(
            api.volumes.VolumeCreateDesc(name=name, **members)
        )

    def snapshot(self, volume, name=None, **members):
        """Take a snapshot; returns its global id."""
        return self.api.snapshot_create(
            volume, api.snapshots.VolumeSnapshotDesc(name=name, **members)
        ).snapshot_global_id

    def reassign(self, *elements, wait=True):
        """Change attachments; an element is a dictionary of members."""
        described = [api.attachments.ReassignDesc(**each) for each in elements]
        if not wait:
            return self.api.volumes_reassign(described)
        return self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(reassign=described)
        )

    def volume(self, name):
        """The summary of a volume."""
        (found,) = self.api.volume_list(name)
        return found

    def attached(self):
        """Name, client and rights of every attachment, sorted."""
        return sorted(
            (each.volume, each.client, each.rights)
            for each in self.api.attachments_list()
        )

    def names(self):
        """The names of all volumes and of all snapshots."""
        return (
            [each.name for each in self.api.volumes_list()],
            [each.name for each in self.api.snapshots_list()],
        )
