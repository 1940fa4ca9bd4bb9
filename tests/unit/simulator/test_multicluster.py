# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls after ``MultiCluster/``, about what is in another cluster."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import locations

Reassign = api.attachments.ReassignDesc


class MultiClusterTest(locations.CrossingTestCase):
    """``near.b`` has a volume ``v``, and ``near.a`` is asked for it.

    Our client says ``MultiCluster/`` wherever it can be said.
    """

    def setUp(self):
        super().setUp()
        self.gid = self.b.volume_create(
            api.volumes.VolumeCreateDesc(
                name="v", size=1 << 30, template="hybrid"
            )
        ).global_id

    def reassign(self, talker, **members):
        talker.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[Reassign(**members)]
            )
        )

    def names(self, talker):
        return [each.name for each in talker.volumes_list()]

    def attached(self, talker):
        return [
            (each.volume, each.client, each.rights)
            for each in talker.attachments_list()
        ]

    def test_found_by_name_and_id(self):
        for name in ("v", f"~{self.gid}"):
            (found,) = self.a.volume_list(name)
            self.assertEqual(
                (self.gid, "near.b"), (found.global_id, found.cluster_id)
            )
            self.assertRaises(
                errors.ObjectDoesNotExist,
                self.a.single_cluster.volume_list,
                name,
            )

    def test_own_comes_first(self):
        gid = self.make()
        (found,) = self.a.volume_list("v")
        self.assertEqual(gid, found.global_id)
        self.a.volume_delete("v")
        self.assertEqual(["v"], self.names(self.b))

    def test_snapshot_is_taken_there(self):
        self.a.snapshot_create("v", api.snapshots.VolumeSnapshotDesc(name="s"))
        self.assertEqual([], self.a.snapshots_list())
        (found,) = self.a.snapshot_list("s")
        self.assertEqual("near.b", found.cluster_id)
        self.a.snapshot_delete("s")

    def test_refused_there(self):
        self.reassign(self.b, volume="v", rw=[1])
        error = self.assertRaises(errors.Busy, self.a.volume_delete, "v")
        self.assertIn("attached to client 1", str(error))

    def test_nowhere(self):
        self.assertRaises(
            errors.ObjectDoesNotExist, self.a.volume_list, "none"
        )
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.reassign,
            self.a,
            volume="none",
            rw=[1],
        )

    def test_attached_here(self):
        self.reassign(self.a, volume="v", rw=[1])
        self.assertEqual([("v", 1, "rw")], self.attached(self.a))
        self.assertEqual((["v"], []), (self.names(self.a), self.names(self.b)))

    def test_attached_there(self):
        """It is not taken away unless that is said."""
        self.reassign(self.b, volume="v", rw=[2])
        error = self.assertRaises(
            errors.InvalidParam, self.reassign, self.a, volume="v", rw=[1]
        )
        self.assertIn("forwards no reads and writes", str(error))
        self.assertEqual([("v", 2, "rw")], self.attached(self.b))
        self.reassign(self.a, volume="v", rw=[1], on_remote_attached="detach")
        self.assertEqual([("v", 1, "rw")], self.attached(self.a))

    def test_what_cannot_be_attached_does_not_come(self):
        for members in ({"rw": [99]}, {"rw": [1], "mc_mode": "export"}):
            self.assertRaises(
                errors.InvalidParam,
                self.reassign,
                self.a,
                volume="v",
                **members,
            )
            self.assertEqual(["v"], self.names(self.b))

    def test_detached_there(self):
        self.reassign(self.b, volume="v", rw=[2])
        self.reassign(self.a, volume="v", detach=[2])
        self.assertEqual([("v", 2, "rw")], self.attached(self.b))
        self.reassign(self.a, volume="v", detach="all")
        self.assertEqual([], self.attached(self.b))

    def test_somebody_does_not_answer(self):
        """Nobody knows then whether it is there; what is here is."""
        self.make()
        self.simulators["near.b"].simulator.stop()
        self.assertEqual(1, len(self.a.volume_list("v")))
        error = self.assertRaises(errors.ApiError, self.a.volume_list, "other")
        self.assertFalse(isinstance(error, errors.ObjectDoesNotExist))
        self.assertIn("does not answer", str(error))
