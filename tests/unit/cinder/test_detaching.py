# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""terminate_connection never takes a volume from somebody who uses it."""

import pathlib
from typing import Any

import ddt
from oslo_concurrency import lockutils
from oslo_db import exception as db_exception

from tests.unit.cinder import base
from tests.unit.cinder.test_volumes import VolumesTestCase


class DetachTestCase(VolumesTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.volume = self.created(status="in-use")
        self.name = base.name_of(self.volume)

    def attached(self, *connectors: dict[str, Any] | None) -> None:
        """Records of attachments, and the clients that go with them."""
        for connector in connectors:
            self.attached_record(self.volume, connector)
        clients = {
            c["storpool_client_id"]
            for c in connectors
            if c and "storpool_client_id" in c
        }
        if clients:
            self.attach(self.name, *sorted(clients))
        self.simulator.clear_requests()

    def terminate(self, connector: Any, **kwargs: Any) -> bool:
        return bool(
            self.driver.terminate_connection(self.volume, connector, **kwargs)
        )

    def left(self) -> list[int]:
        return self.clients_of(self.name)


@ddt.ddt
class HostTest(DetachTestCase):
    def test_a_host_that_is_gone_loses_it(self) -> None:
        self.attached(base.COMP1, base.COMP2)
        self.assertFalse(self.terminate(base.COMP1))
        self.assertEqual(["VolumesReassignWait"], self.calls())
        self.assertEqual([base.COMPUTE_2], self.left())

    def test_never_by_force_unless_asked(self) -> None:
        self.attached(base.COMP1)
        self.terminate(base.COMP1)
        [body] = self.bodies("VolumesReassignWait")
        self.assertEqual(
            {
                "reassign": [{"volume": self.name, "detach": [1]}],
                "attachTimeout": 0,
            },
            body,
        )

    def test_a_running_guest_keeps_it(self) -> None:
        self.attached(base.COMP1)
        self.simulator.add_fault(
            call="VolumesReassignWait",
            action="error",
            name="busy",
            descr=f"volume '{self.name}' is open at client 1",
            status=409,
        )
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual(["VolumesReassignWait"], self.calls())
        self.assertEqual([base.COMPUTE_1], self.left())

    @ddt.data(True, False)
    def test_another_instance_on_the_host_keeps_it(self, force: bool) -> None:
        self.attached(base.COMP1, base.COMP1)
        self.assertTrue(self.terminate(base.COMP1, force=force))
        self.assertEqual([], self.calls())
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_another_host_name_of_the_same_client_counts(self) -> None:
        self.attached(base.COMP1, base.our_connector("other", 1))
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_who_is_only_about_to_attach_counts(self) -> None:
        self.attached(base.COMP1, None)
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual([base.COMPUTE_1], self.left())

    @ddt.data("uploading", "backing-up", "retyping", "downloading")
    def test_a_copy_of_cinder_s_cuts_nobody_off(self, status: str) -> None:
        """A copy ends with force, where an instance may use the volume."""
        self.attached(base.COMP1)
        self.volume.status = status
        self.volume.save()
        self.assertTrue(self.terminate(base.COMP1, force=True))
        self.assertEqual([], self.calls())
        self.assertEqual([base.COMPUTE_1], self.left())

    @ddt.data("migrating", "completing")
    def test_nor_does_a_migration(self, status: str) -> None:
        self.attached(base.COMP1)
        self.volume.migration_status = status
        self.volume.save()
        self.assertTrue(self.terminate(base.COMP1, force=True))
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_the_records_are_read_anew(self) -> None:
        self.assertEqual(0, len(self.volume.volume_attachment))
        self.attached(base.COMP1, base.COMP1)
        self.assertEqual(0, len(self.volume.volume_attachment))
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_no_records_no_detach(self) -> None:
        self.attached(base.COMP1)
        self.patch(
            "cinder.objects.Volume.get_by_id",
            side_effect=db_exception.DBError(),
        )
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual([], self.calls())

    def test_a_host_that_does_not_say_its_client(self) -> None:
        self.attached(base.COMP1)
        self.assertFalse(self.terminate(base.old_connector("comp1")))
        self.assertEqual([], self.calls())

    def test_unless_an_operator_forces_it(self) -> None:
        self.attached(base.COMP1)
        self.assertFalse(
            self.terminate(base.old_connector("comp1"), force=True)
        )
        [body] = self.bodies("VolumesReassignWait")
        self.assertTrue(body["reassign"][0]["force"])
        self.assertEqual([], self.left())

    def test_force_needs_an_attachment_that_ends(self) -> None:
        """A copy's volume has none: what is open there is somebody's."""
        self.attach(self.name, base.COMPUTE_1)
        self.simulator.clear_requests()
        self.terminate(base.COMP1, force=True)
        [body] = self.bodies("VolumesReassignWait")
        self.assertNotIn("force", body["reassign"][0])

    def test_by_force_where_one_ends(self) -> None:
        self.attached(base.COMP1, base.COMP2, None)
        self.assertFalse(self.terminate(base.COMP1, force=True))
        [body] = self.bodies("VolumesReassignWait")
        self.assertTrue(body["reassign"][0]["force"])
        self.assertEqual([base.COMPUTE_2], self.left())

    def test_the_number_for_the_unknown_is_nobody_s(self) -> None:
        self.attached(base.COMP1)
        self.assertFalse(
            self.terminate(base.old_connector("comp9"), force=True)
        )
        self.assertEqual([], self.calls())

    def test_again(self) -> None:
        self.attached(base.COMP1)
        self.terminate(base.COMP1)
        self.assertFalse(self.terminate(base.COMP1))

    def test_a_volume_that_is_gone(self) -> None:
        self.cluster.volume_delete(self.name)
        self.assertFalse(self.terminate(base.COMP1))

    def test_a_record_that_is_gone(self) -> None:
        self.attached(base.COMP1)
        self.volume.destroy()
        self.assertTrue(self.terminate(base.COMP1))
        self.assertEqual([base.COMPUTE_1], self.left())

    def test_a_client_that_the_cluster_does_not_know(self) -> None:
        self.assertFalse(self.terminate(base.our_connector("comp77", 77)))


class EveryHostTest(DetachTestCase):
    def test_by_force(self) -> None:
        self.attached(base.COMP1, base.COMP2)
        self.terminate(None, force=True)
        self.assertEqual(["VolumesReassignWait"], self.calls())
        [body] = self.bodies("VolumesReassignWait")
        self.assertEqual(
            [{"volume": self.name, "detach": "all", "force": True}],
            body["reassign"],
        )
        self.assertEqual([], self.left())

    def test_without_force_open_devices_stay(self) -> None:
        self.attached(base.COMP1)
        self.terminate(None)
        [body] = self.bodies("VolumesReassignWait")
        self.assertNotIn("force", body["reassign"][0])

    def test_a_volume_that_is_gone(self) -> None:
        self.cluster.volume_delete(self.name)
        self.terminate(None, force=True)


class LockTest(DetachTestCase):
    """Who attaches waits for a detach that has looked at the records."""

    MOCK_TOOZ = False

    def locks(self) -> list[str]:
        directory = pathlib.Path(lockutils.get_lock_path(self.fixture.conf))
        return sorted(each.name for each in directory.glob("cinder-storpool*"))

    def test_both_take_it_and_it_goes_with_the_volume(self) -> None:
        expected = [f"cinder-storpool-connection-{self.volume.id}"]
        for hook in ("initialize_connection", "terminate_connection"):
            getattr(self.driver, hook)(self.volume, base.COMP1)
            self.assertEqual(expected, self.locks())
            self.driver.clean_volume_file_locks(self.volume.id)
            self.assertEqual([], self.locks())

    def test_it_goes_with_the_group_too(self) -> None:
        self.driver.initialize_connection(self.volume, base.COMP1)
        self.assertEqual(1, len(self.locks()))
        group = self.group_record(self.group_type())
        self.driver.delete_group(self.admin, group, [self.volume])
        self.assertEqual([], self.locks())
