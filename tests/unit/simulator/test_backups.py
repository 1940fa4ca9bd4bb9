# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Backups in another location: all of one, or nothing."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import locations

GIB = 1 << 30
moves = api.moves


class BackupTest(locations.CrossingTestCase):
    def test_backup(self):
        gid = self.make()
        answer = self.a.volume_backup(
            moves.VolumeBackupDesc(volume="v", location="far", tags={"b": "1"})
        )
        (backup,) = self.c.snapshots_list()
        self.assertEqual(
            (answer.remote_id, True, gid, {"b": "1"}),
            (
                backup.global_id,
                backup.backup,
                backup.backup_of_global_id,
                backup.tags,
            ),
        )
        self.assertEqual(1000, self.stored(self.c, backup.name))

    def test_group_backup(self):
        self.make()
        self.a.volume_create(
            api.volumes.VolumeCreateDesc(name="w", base_on="v")
        )
        answer = self.a.volumes_group_backup(
            moves.VolumesGroupBackupDesc(volumes=["v", "w"], location="far")
        )
        self.assertEqual({"v", "w"}, set(answer.backups))
        self.assertEqual(
            {each.remote_id for each in answer.backups.values()},
            {each.global_id for each in self.c.snapshots_list()},
        )

    def volumes(self):
        """Two volumes with data; returns the global id of the second."""
        self.make()
        return self.a.volume_create(
            api.volumes.VolumeCreateDesc(name="w", size=GIB, template="hybrid")
        ).global_id

    def group_backup(self):
        self.a.volumes_group_backup(
            moves.VolumesGroupBackupDesc(volumes=["v", "w"], location="far")
        )

    def assert_nothing_left(self):
        self.assertEqual([], self.a.snapshots_list())
        self.assertEqual([], self.a.exports_list().exports)
        self.assertEqual(1000, self.stored(self.a, "v"))
        parents = {each.parent_name for each in self.a.volumes_list()}
        self.assertEqual({""}, parents)

    def test_nobody_takes_it(self):
        """No snapshot and no export is left of it."""
        self.volumes()
        self.simulators["far.c"].simulator.stop()
        self.assertRaises(
            errors.ApiError,
            self.a.volume_backup,
            moves.VolumeBackupDesc(volume="v", location="far"),
        )
        self.assertRaises(errors.ApiError, self.group_backup)
        self.assert_nothing_left()

    def test_half_a_group(self):
        """What was copied of it is deleted at the other end, too."""
        self.simulators["near.a"].write(self.volumes(), 2 * GIB)
        filler = self.c.volume_create(
            api.volumes.VolumeCreateDesc(name="x", size=GIB, template="hybrid")
        ).global_id
        self.simulators["far.c"].write(filler, 63 * GIB)
        self.simulators["far.c"].clear_requests()
        self.assertRaises(errors.InsufficientResources, self.group_backup)
        self.assert_nothing_left()
        self.simulators["far.c"].advance(1)
        self.assertEqual([], self.c.snapshots_list())
