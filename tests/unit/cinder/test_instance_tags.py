# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The server of a volume in its tags, and who may have the volume."""

from typing import Any

import ddt

from storpool_common.api.volumes import VolumeUpdateDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.wire import FAULTS

NOVA = {**base.COMP1, "mountpoint": "/dev/vdb"}


@ddt.ddt
class TagsTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager(storpool_tag_instances=True)
        self.volume = self.make()
        self.cluster.volume_update(
            base.name_of(self.volume), VolumeUpdateDesc(tags={"cs": "x"})
        )

    def attach_server(self, connector: dict[str, Any] = NOVA) -> Any:
        """What Nova does; returns the attachment's record."""
        record = self.attached_record(self.volume, None)
        self.manager.attachment_update(
            self.admin, self.volume, dict(connector), record.id
        )
        record.refresh()
        return record

    def detach_server(self, record: Any) -> None:
        self.volume.refresh()
        self.manager.attachment_delete(self.admin, record.id, self.volume)
        record.destroy()

    def tags(self) -> dict[str, str]:
        found = self.volumes()[base.name_of(self.volume)]
        return dict(found.tags)

    def of(self, record: Any, disk: str = "vdb") -> dict[str, str]:
        return {"cs": "x", "osvm": record.instance_uuid, "disk": disk}

    def test_set_and_cleared(self) -> None:
        record = self.attach_server()
        self.assertEqual(self.of(record), self.tags())
        self.detach_server(record)
        self.assertEqual({"cs": "x"}, self.tags())

    def test_a_live_migration_keeps_them(self) -> None:
        source = self.attach_server()
        target = self.attach_server({**base.COMP2, "mountpoint": "/dev/vdb"})
        self.detach_server(source)
        self.assertEqual(self.of(target), self.tags())
        self.detach_server(target)
        self.assertEqual({"cs": "x"}, self.tags())

    def test_a_copy_of_cinder_s_changes_nothing(self) -> None:
        record = self.attach_server()
        self.volume.refresh()
        self.volume.update({"status": "uploading"})
        self.volume.save()
        driver = self.manager.driver
        driver.initialize_connection(self.volume, base.COMP1)
        driver.terminate_connection(self.volume, base.COMP1, force=True)
        self.assertEqual(self.of(record), self.tags())

    def test_two_servers_that_ask_at_once_are_not_told_apart(self) -> None:
        self.attached_record(self.volume, None)
        self.attach_server()
        self.assertEqual({"cs": "x"}, self.tags())

    @ddt.data(*FAULTS)
    def test_failing_to_tag_fails_nothing(self, fault: str) -> None:
        self.simulator.add_fault(
            call="VolumeUpdate", count=99, **FAULTS[fault]
        )
        record = self.attach_server()
        self.assertEqual("attaching", record.attach_status)
        self.detach_server(record)

    def test_detached_from_everywhere(self) -> None:
        self.attach_server()
        self.manager.driver.terminate_connection(self.volume, None, force=True)
        self.assertEqual({"cs": "x"}, self.tags())


class WithoutTagsTest(managed.ManagedTestCase):
    def test_no_call_unless_wanted(self) -> None:
        self.start_manager()
        volume = self.make()
        self.simulator.clear_requests()
        record = self.attached_record(volume, None)
        self.manager.attachment_update(
            self.admin, volume, dict(NOVA), record.id
        )
        self.assertEqual(["Volume"], self.calls())


class PeersTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager()
        self.volume = self.make()

    def peers(self, connector: dict[str, Any] = base.COMP1) -> Any:
        info = self.manager.driver.initialize_connection(
            self.volume, connector
        )
        return info["data"].get("storpool_peers")

    def test_alone(self) -> None:
        self.attached_record(self.volume, None)
        self.assertEqual([1], self.peers())

    def test_with_those_that_are_attached(self) -> None:
        self.attached_record(self.volume, base.COMP2)
        self.attached_record(self.volume, base.old_connector("ctl"))
        self.assertEqual([1, 2, 3], self.peers())

    def test_nothing_is_said_of_what_is_not_known(self) -> None:
        self.attached_record(self.volume, base.old_connector("comp9"))
        self.assertIsNone(self.peers())

    def test_nothing_is_said_to_who_is_not_known(self) -> None:
        self.assertIsNone(self.peers(base.old_connector("comp9")))

    def test_nothing_is_said_while_cinder_copies(self) -> None:
        for update in (
            {"status": "uploading"},
            {"status": "available", "migration_status": "migrating"},
        ):
            self.volume.update(update)
            self.volume.save()
            self.assertIsNone(self.peers())
