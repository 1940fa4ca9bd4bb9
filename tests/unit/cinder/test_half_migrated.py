# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A migration that ended between two lines of Cinder's.

Observed with Cinder 29: the host of the new volume writes ``_name_id`` into
the user's record, and tells so by RPC. Where that answer is lost, or the
service killed, everything else of the two records is as it was, and the new
volume is one that can be deleted once its migration status is reset.
"""

import contextlib
from typing import Any

from cinder import exception
from cinder import objects
import fixtures
from oslo_db import exception as db_exception

from tests.unit.cinder import base
from tests.unit.cinder import managed


class HalfMigratedTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()
        self.new = self.make(use_quota=False)
        self.answer_is_lost = True
        self.patch(
            "cinder.volume.rpcapi.VolumeAPI.update_migrated_volume",
            side_effect=self.update_migrated_volume,
        )
        self.assertRaises(TimeoutError, self.migrate, self.volume, self.new)
        self.answer_is_lost = False
        for each in (self.volume, self.new):
            each.refresh()
            each.update({"migration_status": None, "status": "available"})
            each.save()

    def update_migrated_volume(self, *arguments: Any) -> None:
        """Do it, and let nobody hear of it."""
        self.manager.update_migrated_volume(*arguments)
        if self.answer_is_lost:
            raise TimeoutError

    def reached(self) -> Any:
        """The object that a host attaches for the user's volume."""
        driver = self.manager.driver
        info = driver.initialize_connection(self.volume, base.COMP1)
        return info["data"]["global_id"]

    def test_hosts_and_cinder_mean_the_same_object(self) -> None:
        found = self.volumes()[base.name_of(self.volume)]
        self.assertEqual(found.global_id, self.reached())

    def test_what_is_left_over_is_not_the_user_s_data(self) -> None:
        used = self.volumes()[base.name_of(self.volume)]
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.delete_volume,
            self.admin,
            self.new,
        )
        self.assertIn(
            f"set _name_id of {self.new.id} to {self.volume.id}", raised.msg
        )
        self.assertEqual(2, len(self.volumes()))
        self.new.update({"_name_id": self.volume.id, "status": "available"})
        self.new.save()
        self.manager.delete_volume(self.admin, self.new)
        self.assertEqual([used.name], list(self.volumes()))

    def test_nothing_goes_while_nobody_can_tell(self) -> None:
        self.patch(
            "cinder.objects.VolumeList.get_all",
            side_effect=db_exception.DBConnectionError(),
        )
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.driver.delete_volume,
            self.new,
        )
        self.assertIn("nothing was done", raised.msg)
        self.assertEqual(2, len(self.volumes()))

    def test_what_is_left_over_cannot_be_attached(self) -> None:
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.driver.initialize_connection,
            self.new,
            base.COMP2,
        )
        self.assertIn(f"Attach {self.volume.id} instead", raised.msg)

    def test_completed_again_the_user_s_data_stays(self) -> None:
        """Cinder then takes the new name for that of the old data, too."""
        used = self.volumes()[base.name_of(self.volume)]
        self.migrate(self.volume, self.new)
        self.assertEqual(used.name, base.name_of(self.volume))
        self.assertEqual([used.name], list(self.volumes()))
        self.assertEqual(used.global_id, self.reached())

    def test_the_user_s_volume_is_deleted(self) -> None:
        self.manager.delete_volume(self.admin, self.volume)
        self.assert_no_record(self.volume)
        self.assertEqual([base.name_of(self.new)], list(self.volumes()))
        self.manager.delete_volume(self.admin, self.new)
        self.assertEqual({}, self.volumes())


class AgainTest(managed.ManagedTestCase):
    """The second migration of a volume, the end of which is done twice."""

    def test_the_volume_stays_the_newest_object(self) -> None:
        self.start_manager()
        volume = self.make()
        self.migrate(volume, self.make(use_quota=False))
        new = self.make(use_quota=False)
        finish = self.manager.update_migrated_volume
        finish(self.admin, volume, new, "available")
        volume.refresh()
        used = self.volumes()[base.name_of(volume)]
        for each in (volume, new):
            each.refresh()
            each.update({"status": "available"})
            each.save()
        with contextlib.suppress(exception.VolumeBackendAPIException):
            self.migrate(volume, new)
        volume.refresh()
        self.assertEqual(used.name, base.name_of(volume))
        self.assertIn(used.name, self.volumes())


class BetweenRecordsTest(managed.ManagedTestCase):
    """The second migration of a volume: one record is written, not both."""

    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()
        self.migrate(self.volume, self.make(use_quota=False))
        self.new = self.make(use_quota=False)
        self.used = base.name_of(self.volume)
        self.fail_to_save_the_user_s()
        for each in (self.volume, self.new):
            each.refresh()
        # The new record has what was the user's, and the user's has it too.
        self.assertEqual(self.used, base.name_of(self.volume))
        self.assertEqual(self.used, base.name_of(self.new))

    def fail_to_save_the_user_s(self) -> None:
        save = objects.Volume.save

        def failing(record: Any) -> None:
            if record.id == self.volume.id:
                raise db_exception.DBConnectionError
            save(record)

        with fixtures.MonkeyPatch(
            "cinder.objects.volume.Volume.save", failing
        ):
            self.assertRaises(
                db_exception.DBConnectionError,
                self.manager.update_migrated_volume,
                self.admin,
                self.volume,
                self.new,
                "available",
            )

    def test_deleted_it_takes_its_own_object(self) -> None:
        self.manager.delete_volume(self.admin, self.new)
        self.assertEqual([self.used], list(self.volumes()))

    def test_nothing_tells_which_is_its_own(self) -> None:
        self.new.update({"provider_id": None})
        self.new.save()
        raised = self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.driver.delete_volume,
            self.new,
        )
        self.assertIn(f"set _name_id of {self.new.id} to NULL", raised.msg)
        self.assertEqual(2, len(self.volumes()))

    def test_it_cannot_be_attached(self) -> None:
        self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.driver.initialize_connection,
            self.new,
            base.COMP2,
        )


class GivenUpTest(managed.ManagedTestCase):
    """The end of a migration comes when nobody waits for it any more."""

    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        # Nothing tells that both are in one cluster, so that is asked for.
        self.volume = self.make()
        self.volume.update({"host": "ctl@second#default", "provider_id": None})
        self.volume.save()
        self.new = self.make(use_quota=False)

    def give_up(self) -> None:
        """What the old host of the volume does when its RPC is over."""
        late = objects.Volume.get_by_id(self.admin, self.volume.id)
        late.update({"migration_status": "error", "status": "available"})
        late.save()

    def test_the_user_s_data_is_where_it_was(self) -> None:
        own = base.name_of(self.volume)
        asked = self.manager.driver._client
        volume_list = asked.volume_list

        def slow(name: str) -> Any:
            self.give_up()
            return volume_list(name)

        self.useFixture(fixtures.MockPatchObject(asked, "volume_list", slow))
        self.assertRaises(
            exception.VolumeBackendAPIException,
            self.manager.update_migrated_volume,
            self.admin,
            self.volume,
            self.new,
            "available",
        )
        for each in (self.volume, self.new):
            each.refresh()
        self.assertEqual(own, base.name_of(self.volume))
        self.manager.delete_volume(self.admin, self.new)
        self.assertEqual([own], list(self.volumes()))
