# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What goes to another cluster, and comes back."""

import contextlib

from storpool_common import api
from storpool_common import errors
from storpool_common import views
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls
exports = api.exports
moves = api.moves


class NeighbourTestCase(base.ConformanceTestCase):
    """Another cluster, asked by way of ours.

    :ivar there: the calls, for that cluster.
    :ivar here: the calls, for ours alone.
    """

    def setUp(self) -> None:
        super().setUp()
        self.location, self.other = self.need_neighbour()
        self.there = self.api.remote(self.other).single_cluster
        self.here = self.api.single_cluster

    def fresh(self) -> str:
        """A new volume's global id; its end is seen to in both clusters."""
        gid = self.volume(self.create()).global_id
        self.addCleanup(self._end_there, gid)
        return gid

    def _end_there(self, gid: str) -> None:
        with contextlib.suppress(errors.ObjectDoesNotExist):
            self.there.volume_delete(f"~{gid}")
        with contextlib.suppress(errors.ObjectDoesNotExist):
            self.there.snapshot_delete_by_id(gid)

    def volumes(self, view: views.View) -> set[str]:
        return {each.global_id for each in view.volumes_list()}

    def end_of_backup(self, gid: str) -> None:
        """See to the end of a snapshot here and of its copy there."""
        self.keep_track(gid)
        self.addCleanup(self._end_there, gid)
        self.addCleanup(self._unexport, gid)

    def _unexport(self, gid: str) -> None:
        with contextlib.suppress(errors.ObjectDoesNotExist):
            self.api.snapshot_unexport(
                exports.SnapshotUnexportDesc(
                    snapshot=f"~{gid}", all=True, force=True
                )
            )


class AskTest(NeighbourTestCase):
    @documented(Calls.volumes_list)
    def test_by_name(self) -> None:
        """RemoteCommand/NAME/ asks another cluster."""
        gid = self.fresh()
        self.assertIn(gid, self.volumes(self.here))
        self.assertNotIn(gid, self.volumes(self.there))

    @relied_on(Calls.volumes_space)
    def test_everywhere(self) -> None:
        """MultiCluster/AllClusters/ has an answer of each."""
        found = self.api.all_clusters(Calls.volumes_space)
        self.assertGreater(len(found), 1)

    @documented(Calls.volumes_list)
    def test_cluster_is_named(self) -> None:
        """In multicluster answers an object tells its cluster."""
        gid = self.fresh()
        (found,) = (
            each for each in self.api.volumes_list() if each.global_id == gid
        )
        self.assertTrue(gid.startswith(f"{found.cluster_id}."))
        self.assertTrue(found.cluster_name)


class MoveTest(NeighbourTestCase):
    def move(self, gid: str) -> None:
        self.api.volume_move_to_remote(
            f"~{gid}", moves.VolumeMoveToRemoteDesc(cluster=self.other)
        )

    @documented(Calls.volume_move_to_remote)
    def test_there(self) -> None:
        """A moved volume is there, with its global id, and not here."""
        gid = self.fresh()
        self.move(gid)
        self.assertIn(gid, self.volumes(self.there))
        self.assertNotIn(gid, self.volumes(self.here))

    @documented(Calls.volume_acquire)
    def test_and_back(self) -> None:
        """An acquired volume is here again."""
        gid = self.fresh()
        self.move(gid)
        self.api.volume_acquire(f"~{gid}", moves.VolumeAcquireDesc())
        self.assertIn(gid, self.volumes(self.here))

    @documented(Calls.volume_acquire)
    def test_acquire_local(self) -> None:
        """Acquiring a volume that is here does nothing."""
        gid = self.fresh()
        self.api.volume_acquire(f"~{gid}", moves.VolumeAcquireDesc())
        self.assertIn(gid, self.volumes(self.here))

    @documented(Calls.volume_move_to_remote)
    def test_attached(self) -> None:
        """An attached volume is not moved unless that is said."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.reassign(volume=f"~{gid}", rw=[client])
        self.assertRaises(errors.ApiError, self.move, gid)
        self.assertIn(gid, self.volumes(self.here))

    @documented(Calls.snapshot_move_to_remote)
    def test_snapshot(self) -> None:
        """A moved snapshot is there, with its global id."""
        gid = self.fresh()
        self.api.volume_freeze(f"~{gid}")
        self.api.snapshot_move_to_remote(
            f"~{gid}", moves.SnapshotMoveToRemoteDesc(cluster=self.other)
        )
        there = {each.global_id for each in self.there.snapshots_list()}
        self.assertIn(gid, there)


class AttachTest(NeighbourTestCase):
    """A volume of the other cluster, attached to a client of ours."""

    def setUp(self) -> None:
        super().setUp()
        (self.client,) = self.need_clients(1)
        self.gid = self.fresh()
        self.api.volume_move_to_remote(
            f"~{self.gid}", moves.VolumeMoveToRemoteDesc(cluster=self.other)
        )

    def attach(self, mode: api.types.McMode) -> None:
        self.addCleanup(
            self.reassign, volume=f"~{self.gid}", detach="all", force=True
        )
        self.reassign(
            volume=f"~{self.gid}",
            rw=[self.client],
            mc_mode=mode,
            allow_remote_exported=True,
        )

    @relied_on(Calls.volume_list)
    def test_found(self) -> None:
        """After MultiCluster/ a volume of another cluster is found."""
        (found,) = self.api.volume_list(f"~{self.gid}")
        self.assertEqual(self.gid, found.global_id)

    @relied_on(Calls.volume_update)
    def test_changed(self) -> None:
        """After MultiCluster/ a volume of another cluster is changed there."""
        self.api.volume_update(
            f"~{self.gid}", api.volumes.VolumeUpdateDesc(size_add=base.GIB)
        )
        (found,) = self.there.volume_list(f"~{self.gid}")
        self.assertEqual(2 * base.GIB, found.size)
        self.assertNotIn(self.gid, self.volumes(self.here))

    @relied_on(Calls.volumes_reassign_wait)
    def test_detached(self) -> None:
        """Detaching a volume of another cluster from all succeeds."""
        self.reassign(volume=f"~{self.gid}", detach="all", force=True)
        self.assertIn(self.gid, self.volumes(self.there))

    @relied_on(Calls.volume_delete)
    def test_deleted(self) -> None:
        """After MultiCluster/ a volume of another cluster is deleted."""
        self.api.volume_delete(f"~{self.gid}")
        self.assertNotIn(self.gid, self.volumes(self.there))

    @documented(Calls.volumes_reassign_wait)
    def test_move(self) -> None:
        """With mcMode move an attached volume comes here."""
        self.attach("move")
        self.assertIn(self.gid, self.volumes(self.here))
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))

    @documented(Calls.volumes_reassign_wait)
    def test_export(self) -> None:
        """With mcMode export it stays where it is."""
        if not self.cluster.forwards:
            self.skipTest(f"a {self.cluster.kind} forwards nothing")
        self.attach("export")
        self.assertIn(self.gid, self.volumes(self.there))
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))


class ExportTest(NeighbourTestCase):
    def export(self) -> str:
        """Export a snapshot; returns its global id."""
        gid = self.snapshot(self.create()).removeprefix("~")
        self.addCleanup(self._end_there, gid)
        self.api.snapshot_export(
            exports.SnapshotExportDesc(
                snapshot=f"~{gid}", location=self.location
            )
        )
        self.addCleanup(self._unexport, gid)
        return gid

    def copy(self, gid: str) -> None:
        self.there.snapshot_from_remote(
            moves.SnapshotFromRemoteDesc(
                remote_id=gid,
                remote_location=self.location,
                template=self.need_templates(1)[0],
            )
        )

    def exported(self) -> set[str]:
        return {each.global_id for each in self.api.exports_list().exports}

    def seen(self) -> set[str]:
        found = self.there.snapshots_remote_list().snapshots
        return {each.remote_id for each in found}

    @documented(Calls.snapshot_export)
    def test_seen(self) -> None:
        """An exported snapshot is seen there, as remoteId."""
        gid = self.export()
        self.assertIn(gid, self.exported())
        self.assertIn(gid, self.seen())

    @documented(Calls.snapshot_unexport)
    def test_ended(self) -> None:
        """Not exported any more, it is seen there no more."""
        gid = self.export()
        self.api.snapshot_unexport(
            exports.SnapshotUnexportDesc(
                snapshot=f"~{gid}", location=self.location
            )
        )
        self.assertNotIn(gid, self.exported())
        self.assertNotIn(gid, self.seen())

    @relied_on(Calls.snapshot_from_remote)
    def test_copied(self) -> None:
        """A copy has the snapshot's global id at once."""
        gid = self.export()
        self.copy(gid)
        (found,) = self.there.snapshot_list(f"~{gid}")
        self.assertEqual(gid, found.global_id)

    @relied_on(Calls.snapshot_from_remote)
    def test_copied_twice(self) -> None:
        """What is copied already: objectExists."""
        gid = self.export()
        self.copy(gid)
        self.assertRaises(errors.ObjectExists, self.copy, gid)

    @documented(Calls.snapshots_remote_unexport)
    def test_not_needed(self) -> None:
        """The other side says that it does not need a snapshot."""
        gid = self.export()
        self.there.snapshots_remote_unexport(
            exports.SnapshotsRemoteUnexport(
                remote_snapshots=[
                    exports.SnapshotRemoteUnexportDesc(
                        global_snapshot_id=gid, location=self.location
                    )
                ]
            )
        )
        self.assert_eventually(
            lambda: gid not in self.exported(), "the export has ended"
        )

    @documented(Calls.volume_from_remote)
    def test_volume(self) -> None:
        """A volume is made there of a snapshot from here."""
        gid = self.export()
        name = self.name("b")
        self.there.volume_from_remote(
            moves.VolumeFromRemoteDesc(
                name=name,
                remote_id=gid,
                remote_location=self.location,
                template=self.need_templates(1)[0],
            )
        )
        self.addCleanup(self.there.volume_delete, name)
        (found,) = self.there.volume_list(name)
        self.assertEqual(base.GIB, found.size)

    @documented(Calls.volume_export)
    def test_volume_export(self) -> None:
        """An exported volume stays here, and is listed there."""
        gid = self.fresh()
        self.api.volume_export(
            f"~{gid}", exports.VolumeExportDesc(cluster=self.other)
        )
        self.assertIn(gid, self.volumes(self.here))
        found = self.there.volumes_remote_list().volumes
        self.assertIn(gid, {each.remote_id for each in found})


class BackupTest(NeighbourTestCase):
    @documented(Calls.volume_backup)
    def test_one(self) -> None:
        """A backup is there, by the remoteId of the answer."""
        self.fresh()
        answer = self.api.volume_backup(
            moves.VolumeBackupDesc(volume=self.name(), location=self.location)
        )
        gid = answer.remote_id or ""
        self.end_of_backup(gid)
        self.assert_eventually(lambda: self.is_there(gid), "the backup")

    @documented(Calls.volumes_group_backup)
    def test_group(self) -> None:
        """The backups of a group are told by their volumes' names."""
        self.fresh()
        self.create("b")
        names = [self.name(), self.name("b")]
        answer = self.api.volumes_group_backup(
            moves.VolumesGroupBackupDesc(volumes=names, location=self.location)
        )
        for each in answer.backups.values():
            self.end_of_backup(each.snapshot_global_id)
        self.assertEqual(set(names), set(answer.backups))

    @inferred(Calls.volume_backup)
    def test_missing(self) -> None:
        """A volume that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.volume_backup,
            moves.VolumeBackupDesc(
                volume=self.name("none"), location=self.location
            ),
        )

    def is_there(self, gid: str) -> bool:
        return gid in {each.global_id for each in self.there.snapshots_list()}
