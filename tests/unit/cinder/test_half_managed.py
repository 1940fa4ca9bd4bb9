# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A volume that was to be managed, where that failed after the rename.

Cinder deletes the record of such a try like that of any other volume
(observed with Cinder 29), and the object bears the record's name by then.
"""

from cinder import exception
import ddt
from oslo_db import exception as db_exception

from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.wire import FAULTS

THEIRS = {"source-name": "theirs"}


@ddt.ddt
class HalfManagedTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        made = self.cluster.volume_create(
            VolumeCreateDesc(name="theirs", size=base.GIB, template="hybrid")
        )
        self.global_id = made.global_id
        self.volume = self.record(size=0, status="managing")

    def fail_to_manage(self, kind: type[Exception]) -> None:
        self.assertRaises(
            kind,
            self.manager.manage_existing,
            self.admin,
            self.volume,
            ref=THEIRS,
        )
        self.volume.refresh()
        self.assertEqual("error_managing", self.volume.status)

    def answer_is_lost(self) -> None:
        self.simulator.add_fault(
            call="VolumeUpdate", nth=1, count=99, **FAULTS["dropped_after"]
        )
        self.fail_to_manage(exception.VolumeBackendAPIException)
        self.simulator.clear_faults()

    def quota_fails(self) -> None:
        """What Cinder does when our part is over."""
        self.patch(
            "cinder.volume.flows.api.create_volume.QUOTAS.commit",
            side_effect=db_exception.DBConnectionError(),
        )
        self.fail_to_manage(db_exception.DBConnectionError)

    def delete(self) -> None:
        """What Cinder does about a record that is in error_managing."""
        self.volume.status = "error_managing_deleting"
        self.volume.save()
        self.manager.delete_volume(self.admin, self.volume)
        self.assert_no_record(self.volume)

    @ddt.data("answer_is_lost", "quota_fails")
    def test_the_record_goes_and_the_data_stays(self, failure: str) -> None:
        getattr(self, failure)()
        self.delete()
        self.assertEqual(
            {f"os-unmanaged--{self.volume.id}": self.global_id},
            {name: one.global_id for name, one in self.volumes().items()},
        )

    def test_it_can_be_managed_again(self) -> None:
        self.answer_is_lost()
        self.delete()
        again = self.record(size=0, status="managing")
        self.manager.manage_existing(
            self.admin,
            again,
            ref={"source-name": f"os-unmanaged--{self.volume.id}"},
        )
        again.refresh()
        self.assertEqual(
            ("available", self.global_id), (again.status, again.provider_id)
        )

    def test_what_was_not_renamed_keeps_its_name(self) -> None:
        self.attach("theirs", base.COMPUTE_1)
        self.fail_to_manage(exception.ManageExistingInvalidReference)
        self.delete()
        self.assertEqual(["theirs"], list(self.volumes()))
