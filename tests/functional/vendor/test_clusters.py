# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The bindings and two clusters that know each other."""

from tests.conformance import clusters
from tests.functional.vendor import base

GIB = base.GIB


class ClustersTest(base.VendorTestCase):
    def connect(self):
        near = self.useFixture(clusters.SimulatedCluster())
        self.location, self.other = near.neighbour()
        return base.bindings(near.settings)

    def there(self, name, *arguments):
        """Make a call to the other cluster."""
        return self.strictly(name, *arguments, cluster=self.other)

    def test_export_and_copy(self):
        self.create(tags={"x": "y"})
        gid = self.snapshot("a")
        self.strictly(
            "snapshotExport", {"snapshot": f"~{gid}", "location": "near"}
        )
        (seen,) = self.there("snapshotsRemoteList")["snapshots"]
        self.assertEqual((gid, f"~{gid}"), (seen.remoteId, seen.name))
        source = {"remoteId": gid, "remoteLocation": "near"}
        self.there("snapshotFromRemote", source | {"name": "copy"})
        self.there("volumeFromRemote", source | {"name": "v"})
        (copied,) = self.there("snapshotList", "copy")
        (made,) = self.there("volumeList", "v")
        self.assertEqual((gid, GIB), (copied.globalId, made.size))
        unneeded = {"globalSnapshotId": gid, "location": "near"}
        self.there("snapshotsRemoteUnexport", {"remoteSnapshots": [unneeded]})
        self.assertEqual([], self.strictly("exportsList")["exports"])

    def test_move_and_back(self):
        gid = self.create()
        self.strictly("volumeMoveToRemote", "a", {"cluster": self.other})
        (moved,) = self.there("volumeList", f"~{gid}")
        self.assertEqual("a", moved.name)
        self.strictly("volumeAcquire", f"~{gid}", {})
        self.assertEqual(gid, self.volume("a").globalId)

    def test_a_snapshot_moves(self):
        gid = self.create()
        self.strictly("volumeFreeze", "a")
        self.strictly("snapshotMoveToRemote", "a", {"cluster": self.other})
        (moved,) = self.there("snapshotList", f"~{gid}")
        self.assertEqual("a", moved.name)

    def test_backups(self):
        self.create()
        self.create("b")
        one = self.strictly(
            "volumeBackup", {"volume": "a", "location": "near"}
        )
        group = self.strictly(
            "volumesGroupBackup", {"volumes": ["a", "b"], "location": "near"}
        )
        wanted = {each.remoteId for each in group.backups.values()}
        found = {each.globalId for each in self.there("snapshotsList")}
        self.assertEqual(wanted | {one.remoteId}, found)

    def test_an_exported_volume(self):
        gid = self.create()
        self.strictly("volumeExport", "a", {"cluster": self.other})
        (seen,) = self.there("volumesRemoteList")["volumes"]
        self.assertEqual(gid, seen.remoteId)
