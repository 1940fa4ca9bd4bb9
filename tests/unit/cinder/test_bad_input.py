# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Wrong input: what the user is told, and the state that is left.

All goes through the real manager. The message has the volume's id, what is
wrong and the way out; the cluster is as it was; the record can be deleted or
the thing be done again.
"""

from typing import Any

from cinder import exception
from cinder import objects
import ddt

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed

UUID = "11111111-2222-4333-8444-555555555555"
DEFAULT = f"{base.BACKEND}#default"
NVME = f"{base.BACKEND}#template_nvme"

#: Extra specs that cannot be, and what the message says of them.
IMPOSSIBLE: tuple[tuple[dict[str, str], str], ...] = (
    ({"storpool:iops": "-5"}, "a whole number from 1, or - for no limit"),
    ({"storpool:iops": "0"}, "a whole number"),
    ({"storpool:iops": "1.5"}, "a whole number"),
    ({"storpool:bandwidth": "-1"}, "a whole number"),
    ({"storpool:bandwidth": "10M"}, "a whole number"),
    ({"storpool:limit_type": "perMiB"}, "total or perGiB"),
    ({"storpool:qos_class": "very gold"}, "letters, digits"),
    ({"storpool:qos_class": "gold", "storpool:iops": "5"}, "take either"),
    ({"storpool:qos_class": "platinum"}, "storpool_qos_classes (bronze, gold"),
    ({"storpool:template": "no such"}, "the name of one template"),
    ({"storpool:template": ""}, "the name of one template"),
    ({"storpool_template": "<in> nv"}, "Name one template"),
)
#: A volume's name, and why it cannot be managed.
OTHERS: tuple[tuple[str, str], ...] = (
    (f"cloud2--volume-{UUID}", "Unmanage it there, or rename it"),
)
#: References, and the way out.
REFERENCES: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "give either source-name or source-id"),
    ({"name": "theirs"}, "give either source-name or source-id"),
    ({"source-name": "", "source-id": ""}, "give either"),
    ({"source-name": "nothing"}, "there is no such StorPool"),
    ({"source-id": "~a.b.zzz"}, "there is no such StorPool"),
    ({"source-name": "/dev/sda"}, "there is no such StorPool"),
)


class BadInputTestCase(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.start_manager(storpool_qos_classes=["gold", "bronze"])

    def theirs(self, name: str = "theirs") -> dict[str, str]:
        """A volume of others; returns its reference."""
        self.cluster.volume_create(
            VolumeCreateDesc(name=name, size=base.GIB, template="hybrid")
        )
        return {"source-name": name}

    def refused(
        self, kind: type[Exception], record: Any, *parts: str
    ) -> "Refused":
        return Refused(self, kind, record, parts)


class Refused:
    """Around what is refused: the message, and the cluster untouched."""

    def __init__(
        self, case: Any, kind: type[Exception], record: Any, parts: Any
    ) -> None:
        self.case = case
        self.kind = kind
        self.parts = (record.id, *parts)

    def __enter__(self) -> None:
        self.before = (self.case.volumes(), self.case.snapshots())

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.case.assertIs(self.kind, kind, error)
        for part in self.parts:
            self.case.assertIn(part, error.msg)
        self.case.assertEqual(
            self.before, (self.case.volumes(), self.case.snapshots())
        )
        return True


@ddt.ddt
class TypesTest(BadInputTestCase):
    @ddt.data(*IMPOSSIBLE)
    @ddt.unpack
    def test_create(self, specs: dict[str, str], way_out: str) -> None:
        volume = self.record(volume_type_id=self.typed(**specs), host=DEFAULT)
        name = volume.volume_type.name
        with self.refused(exception.InvalidVolumeType, volume, name, way_out):
            self.manager.create_volume(
                self.admin, volume, allow_reschedule=False
            )
        volume.refresh()
        self.assertEqual("error", volume.status)
        self.manager.delete_volume(self.admin, volume)
        self.assertRaises(
            exception.VolumeNotFound,
            objects.Volume.get_by_id,
            self.admin,
            volume.id,
        )

    @ddt.data(*IMPOSSIBLE)
    @ddt.unpack
    def test_retype(self, specs: dict[str, str], way_out: str) -> None:
        """The manager only says that it cannot be; the log says why."""
        volume = self.make(host=DEFAULT)
        volume.previous_status = volume.status
        volume.status = "retyping"
        volume.save()
        new_type = self.typed(**specs)
        told = self.driver_s_word(volume, new_type)
        self.assertIn(volume.id, told)
        self.assertIn(way_out, told)
        before = self.volumes()
        self.assertRaises(
            exception.VolumeMigrationFailed,
            self.manager.retype,
            self.admin,
            volume,
            new_type,
            {"host": DEFAULT},
        )
        self.assertEqual(before, self.volumes())
        volume.refresh()
        self.assertEqual(
            ("available", self.vt["id"]),
            (volume.status, volume.volume_type_id),
        )

    def driver_s_word(self, volume: objects.Volume, new_type: str) -> str:
        """What the manager gets to see."""
        raised = self.assertRaises(
            exception.InvalidVolumeType,
            self.manager.driver.retype,
            self.admin,
            volume,
            objects.VolumeType.get_by_id(self.admin, new_type),
            {},
            {"host": DEFAULT},
        )
        return str(raised.msg)

    def test_a_template_that_is_not_there(self) -> None:
        volume = self.record(
            volume_type_id=self.typed(**{"storpool:template": "gone"})
        )
        with self.refused(exception.VolumeBackendAPIException, volume, "gone"):
            self.manager.create_volume(
                self.admin, volume, allow_reschedule=False
            )
        volume.refresh()
        self.assertEqual("error", volume.status)

    @ddt.data("bronze", "gold")
    def test_a_class_that_the_qos_service_knows(self, known: str) -> None:
        volume = self.make(
            volume_type_id=self.typed(**{"storpool:qos_class": known})
        )
        self.assertEqual("available", volume.status)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual({"qc": known}, found.tags)


@ddt.ddt
class ManageTest(BadInputTestCase):
    def expect_refused(
        self, kind: type[Exception], ref: dict[str, str], *parts: str
    ) -> None:
        """Manage; the record is in error, and it can be done right then."""
        volume = self.record(size=0, status="managing")
        with self.refused(kind, volume, *parts):
            self.manager.manage_existing(self.admin, volume, ref=ref)
        volume.refresh()
        self.assertEqual(
            ("error_managing", None), (volume.status, volume.provider_id)
        )

    @ddt.data(*REFERENCES)
    @ddt.unpack
    def test_references(self, ref: dict[str, str], way_out: str) -> None:
        self.expect_refused(
            exception.ManageExistingInvalidReference, ref, way_out
        )

    @ddt.data(*OTHERS)
    @ddt.unpack
    def test_of_another_openstack(self, name: str, way_out: str) -> None:
        self.expect_refused(
            exception.ManageExistingInvalidReference,
            self.theirs(name),
            name,
            way_out,
        )

    def test_attached(self) -> None:
        ref = self.theirs()
        self.attach("theirs", base.COMPUTE_1)
        self.expect_refused(
            exception.ManageExistingInvalidReference,
            ref,
            "client 1",
            "Detach it there first",
        )

    def test_managed_already(self) -> None:
        other = self.make()
        self.expect_refused(
            exception.ManageExistingAlreadyManaged,
            {"source-name": base.name_of(other)},
            other.id,
        )

    def test_of_another_template(self) -> None:
        ref = self.theirs()
        volume = self.record(size=0, status="managing", host=NVME)
        with self.refused(
            exception.ManageExistingVolumeTypeMismatch,
            volume,
            "Manage it in pool template_hybrid",
        ):
            self.manager.manage_existing(self.admin, volume, ref=ref)
        volume.refresh()
        self.assertEqual("error_managing", volume.status)

    def test_with_an_impossible_type(self) -> None:
        ref = self.theirs()
        volume = self.record(
            size=0,
            status="managing",
            volume_type_id=self.typed(**{"storpool:iops": "-5"}),
        )
        with self.refused(
            exception.InvalidVolumeType, volume, "a whole number"
        ):
            self.manager.manage_existing(self.admin, volume, ref=ref)
        volume.refresh()
        self.assertEqual("error_managing", volume.status)

    @ddt.data(*REFERENCES)
    @ddt.unpack
    def test_snapshots(self, ref: dict[str, str], way_out: str) -> None:
        snapshot = self.snapshot_record(self.make())
        with self.refused(
            exception.ManageExistingInvalidReference, snapshot, way_out
        ):
            self.manager.manage_existing_snapshot(
                self.admin, snapshot, ref=ref
            )
        snapshot.refresh()
        self.assertEqual("error", snapshot.status)

    def test_a_snapshot_of_another_volume(self) -> None:
        self.theirs()
        self.cluster.snapshot_create(
            "theirs", VolumeSnapshotDesc(name="daily")
        )
        snapshot = self.snapshot_record(self.make())
        with self.refused(
            exception.ManageExistingInvalidReference, snapshot, "daily"
        ):
            self.manager.manage_existing_snapshot(
                self.admin, snapshot, ref={"source-name": "daily"}
            )
        snapshot.refresh()
        self.assertEqual("error", snapshot.status)


@ddt.ddt
class GroupsTest(BadInputTestCase):
    @ddt.data("<is> False", "yes", "")
    def test_types_that_promise_no_instant(self, consistent: str) -> None:
        """Cinder takes the snapshots one by one, and all is as asked."""
        group = self.group_record(self.group_type(consistent))
        self.manager.create_group(self.admin, group)
        group.refresh()
        self.assertEqual("available", group.status)
        member = self.make(group_id=group.id)
        record, [snapshot] = self.group_snapshot_record(group, [member])
        self.manager.create_group_snapshot(self.admin, record)
        for each in (record, snapshot):
            each.refresh()
            self.assertEqual("available", each.status)
        self.assertEqual(
            {base.snapshot_name_of(snapshot)}, set(self.snapshots())
        )

    def test_a_member_that_is_not_there(self) -> None:
        group = self.group_record(self.group_type())
        members = [self.make(group_id=group.id) for _ in range(2)]
        self.cluster.volume_delete(base.name_of(members[1]))
        record, snapshots = self.group_snapshot_record(group, members)
        with self.refused(
            exception.VolumeBackendAPIException,
            record,
            base.name_of(members[1]),
        ):
            self.manager.create_group_snapshot(self.admin, record)
        for each in (record, *snapshots):
            each.refresh()
            self.assertEqual("error", each.status)
        self.manager.delete_group_snapshot(self.admin, record)
        self.assertRaises(
            exception.GroupSnapshotNotFound,
            objects.GroupSnapshot.get_by_id,
            self.admin,
            record.id,
        )

    def test_a_copy_with_an_impossible_type(self) -> None:
        group = self.group_record(self.group_type(), status="available")
        member = self.make(group_id=group.id)
        copy = self.group_record(group.group_type_id, source_group_id=group.id)
        new = self.record(
            group_id=copy.id,
            source_volid=member.id,
            volume_type_id=self.typed(**{"storpool:iops": "-5"}),
        )
        with self.refused(exception.InvalidVolumeType, copy, "whole number"):
            self.manager.create_group_from_src(
                self.admin, copy, source_group=group
            )
        for each in (copy, new):
            each.refresh()
            self.assertEqual("error", each.status)
