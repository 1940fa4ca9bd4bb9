# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Three simulators: two clusters of a location, and one far away."""

import testtools

from storpool_common import api
from storpool_common import client
from storpool_simulator.bridges import public_key
from storpool_simulator.testing import SimulatorFixture

exports = api.exports
remote = api.remote


class CrossingTestCase(testtools.TestCase):
    """``near.a``, ``near.b`` and ``far.c``, each knows the others."""

    def setUp(self):
        super().setUp()
        ids = ("near.a", "near.b", "far.c")
        self.simulators = {
            each: self.useFixture(SimulatorFixture(cluster_id=each))
            for each in ids
        }
        self.a, self.b, self.c = (self.client(each) for each in ids)
        for first in ids:
            for second in ids:
                if first != second:
                    self.introduce(first, second)

    def client(self, name):
        talker = client.Client(self.simulators[name].settings, retries=0)
        self.addCleanup(talker.close)
        return talker

    def introduce(self, first, second):
        """Let one cluster know another, its location first."""
        talker = self.client(first)
        location, _, number = second.partition(".")
        if not first.startswith(location):
            known = {each.id for each in talker.locations_list().locations}
            if location not in known:
                talker.location_add(
                    remote.RemoteLocationBase(id=location, name=location)
                )
        talker.cluster_add(
            remote.RemoteClusterAddDesc(
                id=number, location=location, name=second
            )
        )
        simulator = self.simulators[second]
        talker.remote_bridge_add(
            remote.RemoteBridgeAddDesc(
                ip=f"{simulator.host}:{simulator.port}",
                public_key=public_key(second),
                remote=second,
            )
        )

    def make(self, count=1000):
        """A volume with data in ``near.a``; returns its global id."""
        gid = self.a.volume_create(
            api.volumes.VolumeCreateDesc(
                name="v", size=1 << 30, template="hybrid", tags={"t": "1"}
            )
        ).global_id
        self.simulators["near.a"].write(gid, count)
        return gid

    def export(self, gid, location="far"):
        self.a.snapshot_export(
            exports.SnapshotExportDesc(snapshot=f"~{gid}", location=location)
        )

    def stored(self, talker, name):
        return talker.volumes_status()[name].stored_size
