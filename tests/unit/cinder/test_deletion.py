# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A deletion takes the record's own object and no other."""

import dataclasses
from typing import Any

from cinder import exception
from oslo_db import exception as db_exception

from storpool_common.api.volumes import VolumeUpdateDesc
from tests.unit.cinder import base
from tests.unit.cinder.test_volumes import VolumesTestCase


class DeleteTest(VolumesTestCase):
    def test_one_call(self) -> None:
        volume = self.created()
        self.driver.delete_volume(volume)
        self.assertEqual(["VolumeDelete"], self.calls())
        self.assertEqual({}, self.volumes())

    def test_one_that_is_gone_is_deleted(self) -> None:
        self.driver.delete_volume(self.record())

    def test_an_attached_one_is_busy(self) -> None:
        volume = self.created()
        name = base.name_of(volume)
        self.attach(name, base.COMPUTE_1, base.COMPUTE_2)
        self.simulator.clear_requests()
        raised = self.assertRaises(
            exception.VolumeIsBusy, self.driver.delete_volume, volume
        )
        self.assertIn("client 1, 2", raised.msg)
        self.assertEqual(["VolumeDelete", "AttachmentsList"], self.calls())
        self.assertEqual([1, 2], self.clients_of(name))

    def test_busy_also_when_the_clients_cannot_be_listed(self) -> None:
        volume = self.created()
        self.attach(base.name_of(volume), base.COMPUTE_1)
        self.simulator.add_fault(
            call="AttachmentsList",
            action="error",
            name="internalError",
            descr="made up",
        )
        raised = self.assertRaises(
            exception.VolumeIsBusy, self.driver.delete_volume, volume
        )
        self.assertIn("made up", raised.msg)

    def test_its_snapshots_stay(self) -> None:
        volume = self.created()
        snapshot = self.snapped(volume)
        self.driver.delete_volume(volume)
        self.assertEqual(
            {base.snapshot_name_of(snapshot)}, set(self.snapshots())
        )


class SourceTest(VolumesTestCase):
    """What a volume that is attached was migrated from."""

    def setUp(self) -> None:
        super().setUp()
        self.user = self.created(status="in-use")
        self.source = self.created(
            status="deleting", migration_status="deleting"
        )
        self.attachment = self.attached_record(self.source, base.COMP1)
        self.pauses: list[float] = []
        deletion = self.driver._deletion
        self.driver._deletion = dataclasses.replace(deletion, sleep=self.pause)

    def pause(self, seconds: float) -> None:
        """Another thread of Cinder comes to its end meanwhile."""
        self.pauses.append(seconds)
        if len(self.pauses) == 3:
            self.attachment.volume_id = self.user.id
            self.attachment.save()

    def test_it_goes_when_its_attachments_are_elsewhere(self) -> None:
        self.driver.delete_volume(self.source)
        self.assertEqual(3, len(self.pauses))
        self.assertEqual([base.name_of(self.user)], list(self.volumes()))

    def test_it_stays_while_they_are_there(self) -> None:
        self.pauses = [0.0] * 3
        raised = self.assertRaises(
            exception.VolumeIsBusy, self.driver.delete_volume, self.source
        )
        self.assertIn("has not moved its attachments", raised.msg)
        self.assertEqual(2, len(self.volumes()))

    def test_without_any_it_goes_at_once(self) -> None:
        self.attachment.destroy()
        self.driver.delete_volume(self.source)
        self.assertEqual([], self.pauses)


class MigratedTest(VolumesTestCase):
    """Two records, ``user`` and ``old``, each after a migration.

    ``user`` is the volume that goes on, ``old`` the one that Cinder deletes,
    whose ``_name_id`` is the user's id.
    """

    def setUp(self) -> None:
        super().setUp()
        self.user = self.created()
        self.old = self.created()

    def link(self, old_provider: Any, user_provider: Any) -> None:
        """Make the records what they are when ``old`` is to be deleted."""
        self.old.update(
            {
                "_name_id": self.user.id,
                "provider_id": old_provider,
                "status": "deleting",
            }
        )
        self.old.save()
        self.user.update({"provider_id": user_provider})
        self.user.save()

    def left(self) -> list[str]:
        self.driver.delete_volume(self.old)
        return sorted(self.volumes())

    def name(self, volume: Any) -> str:
        return f"os--volume-{volume.id}"

    def test_by_our_driver_the_name_is_the_old_object_s(self) -> None:
        old, user = self.user.provider_id, self.old.provider_id
        self.user.update({"_name_id": self.old.id})
        self.link(old, user)
        self.assertEqual([self.name(self.old)], self.left())

    def test_names_exchanged_the_live_volume_stays(self) -> None:
        self.link(self.old.provider_id, self.user.provider_id)
        self.assertEqual([self.name(self.user)], self.left())

    def test_names_exchanged_and_nothing_known(self) -> None:
        self.link(None, None)
        self.assertEqual([self.name(self.user)], self.left())

    def test_renamed_in_another_cluster(self) -> None:
        old = self.user.provider_id
        self.cluster.volume_delete(self.name(self.old))
        self.link(old, "q.q.1")
        self.assertEqual([], self.left())

    def test_renamed_in_another_cluster_and_the_old_one_unknown(self) -> None:
        self.cluster.volume_delete(self.name(self.old))
        self.link(None, "q.q.1")
        self.assertEqual([], self.left())

    def test_nothing_tells_whose_it_is(self) -> None:
        self.cluster.volume_delete(self.name(self.old))
        self.link(None, None)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, self.left
        )
        self.assertIn("left alone", raised.msg)
        self.assertEqual([self.name(self.user)], sorted(self.volumes()))

    def test_the_name_is_gone_and_the_own_one_there(self) -> None:
        self.cluster.volume_delete(self.name(self.user))
        self.link(None, None)
        self.assertEqual([], self.left())

    def broken_records(self, error: Exception) -> None:
        self.patch("cinder.objects.Volume.get_by_id", side_effect=error)

    def test_the_records_cannot_be_read(self) -> None:
        self.link(self.old.provider_id, self.user.provider_id)
        self.broken_records(db_exception.DBConnectionError())
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, self.left
        )
        self.assertIn("nothing was deleted", raised.msg)
        self.assertEqual(2, len(self.volumes()))

    def test_there_are_no_records(self) -> None:
        """As under cinderlib, which migrates nothing."""
        self.link(None, None)
        self.broken_records(db_exception.DBNonExistentTable("volumes"))
        self.assertEqual([self.name(self.old)], self.left())

    def test_no_live_volume_has_the_name(self) -> None:
        self.link(None, None)
        self.user.destroy()
        self.assertEqual([self.name(self.old)], self.left())

    def test_the_name_that_the_record_s_object_lost(self) -> None:
        self.link(self.old.provider_id, None)
        self.cluster.volume_update(
            self.name(self.old), VolumeUpdateDesc(rename="kept-by-hand")
        )
        self.assertEqual(["kept-by-hand", self.name(self.user)], self.left())
