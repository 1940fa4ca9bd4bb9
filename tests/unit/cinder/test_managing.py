# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes of others that come under management, and that leave it."""

from typing import Any
import uuid

from cinder import exception
from cinder import objects
from cinder.objects.manageableresources import ManageableVolumeList
import ddt
from oslo_db import exception as db_exception

from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.test_volumes import VolumesTestCase

MIB = 1 << 20
#: How a volume can be named; ``{}`` is its name or its global id.
BY_NAME = (
    {"source-name": "{}"},
    {"source-id": "{}"},
    {"source-name": "/dev/storpool/{}"},
    {"source-id": " {} "},
)
BY_ID = (
    {"source-name": "~{}"},
    {"source-id": "~{}"},
    {"source-id": "{}"},
    {"source-name": "/dev/storpool-byid/{}"},
)


class ForeignTestCase(VolumesTestCase):
    def foreign(
        self,
        name: str = "db.disk-1",
        size: int = base.GIB,
        template: str = "hybrid",
    ) -> str:
        """A volume that somebody else made; returns its global id."""
        made = self.cluster.volume_create(
            VolumeCreateDesc(name=name, size=size, template=template)
        )
        self.simulator.clear_requests()
        return str(made.global_id)


def reference(form: dict[str, str], value: str) -> dict[str, str]:
    return {key: text.format(value) for key, text in form.items()}


@ddt.ddt
class ManageTest(ForeignTestCase):
    def take(self, volume: Any, ref: Any = None) -> Any:
        return self.driver.manage_existing(
            volume, ref or {"source-name": "db.disk-1"}
        )

    def size(self, ref: dict[str, str]) -> int:
        return int(self.driver.manage_existing_get_size(self.record(), ref))

    @ddt.data(*BY_NAME)
    def test_by_name(self, form: dict[str, str]) -> None:
        self.foreign()
        volume = self.record()
        self.take(volume, reference(form, "db.disk-1"))
        self.assertEqual({base.name_of(volume)}, set(self.volumes()))

    @ddt.data(*BY_ID)
    def test_by_global_id(self, form: dict[str, str]) -> None:
        ref = reference(form, self.foreign(name=""))
        self.assertEqual(1, self.size(ref))
        volume = self.record()
        self.take(volume, ref)
        self.assertEqual({base.name_of(volume)}, set(self.volumes()))

    def test_what_is_asked_and_what_comes_back(self) -> None:
        global_id = self.foreign()
        self.assertEqual({"provider_id": global_id}, self.take(self.record()))
        self.assertEqual(
            ["Volume", "AttachmentsList", "VolumeUpdate"], self.calls()
        )

    def test_it_grows_to_whole_gibibytes(self) -> None:
        self.foreign(size=base.GIB + MIB)
        self.assertEqual(2, self.size({"source-name": "db.disk-1"}))
        volume = self.record()
        self.take(volume)
        self.assertEqual(2 * base.GIB, self.found(volume).size)

    def test_it_gets_the_limits_of_its_type(self) -> None:
        self.foreign()
        volume = self.record(
            volume_type_id=self.typed(**{"storpool:iops": "5"})
        )
        self.take(volume)
        self.assertEqual(5, self.found(volume).iops)

    @ddt.data(
        {},
        {"source-name": "db.disk-1", "source-id": "x"},
        {"source-name": ""},
        {"name": "db.disk-1"},
        {"source-name": "not there"},
        {"source-name": "not-there"},
        {"source-id": "~a.b.zzz"},
        {"source-name": "/dev/sda"},
        {"source-name": "list"},
    )
    def test_what_means_nothing(self, ref: dict[str, str]) -> None:
        self.foreign()
        for hook in (
            self.driver.manage_existing,
            self.driver.manage_existing_get_size,
        ):
            self.assertRaises(
                exception.ManageExistingInvalidReference,
                hook,
                self.record(),
                ref,
            )
        self.assertEqual({"db.disk-1"}, set(self.volumes()))

    def test_attached(self) -> None:
        self.foreign()
        self.attach("db.disk-1", base.COMPUTE_2)
        raised = self.assertRaises(
            exception.ManageExistingInvalidReference, self.take, self.record()
        )
        self.assertIn("client 2", raised.msg)

    def test_managed_already(self) -> None:
        volume = self.created()
        ref = {"source-name": base.name_of(volume)}
        for hook in (self.take, lambda new, ref: self.size(ref)):
            self.assertRaises(
                exception.ManageExistingAlreadyManaged,
                hook,
                self.record(),
                ref,
            )

    def test_managed_by_its_name_after_a_migration(self) -> None:
        gone = str(uuid.uuid4())
        volume = self.created(_name_id=gone)
        self.assertRaises(
            exception.ManageExistingAlreadyManaged,
            self.take,
            self.record(),
            {"source-name": base.name_of(volume)},
        )

    @ddt.data(
        ("cinder.objects.Volume.get_by_id", db_exception.DBConnectionError()),
        ("cinder.objects.Volume.get_by_id", db_exception.DBDeadlock()),
        ("cinder.objects.VolumeList.get_all", db_exception.DBError()),
    )
    @ddt.unpack
    def test_nobody_can_say_whose_it_is(
        self, read: str, error: Exception
    ) -> None:
        """Silence of the database is no sign that nobody has the volume."""
        owned = self.created(_name_id=str(uuid.uuid4()))
        ref = {"source-name": base.name_of(owned)}
        self.patch(read, side_effect=error)
        new = self.record()
        for hook in (self.take, lambda new, ref: self.size(ref)):
            raised = self.assertRaises(
                exception.VolumeBackendAPIException, hook, new, ref
            )
            self.assertIn("try again once they can", raised.msg)
        self.assertEqual({base.name_of(owned)}, set(self.volumes()))
        self.assertNotIn("VolumeUpdate", self.calls())

    def test_without_records_nobody_has_it(self) -> None:
        """As under cinderlib, which has no tables."""
        orphan = f"os--volume-{uuid.uuid4()}"
        self.foreign(orphan)
        volume = self.record()
        self.patch(
            "cinder.objects.Volume.get_by_id",
            side_effect=db_exception.DBNonExistentTable("volumes"),
        )
        self.take(volume, {"source-name": orphan})
        self.assertEqual({base.name_of(volume)}, set(self.volumes()))

    def test_an_orphan_of_ours(self) -> None:
        """Its record is gone; nobody else can want it."""
        name = f"os--volume-{uuid.uuid4()}"
        self.foreign(name)
        volume = self.record()
        self.take(volume, {"source-name": name})
        self.assertEqual({base.name_of(volume)}, set(self.volumes()))

    def test_of_another_openstack(self) -> None:
        name = f"east--volume-{uuid.uuid4()}"
        self.foreign(name)
        raised = self.assertRaises(
            exception.ManageExistingInvalidReference,
            self.take,
            self.record(),
            {"source-name": name},
        )
        self.assertIn("prefix east", raised.msg)

    def test_of_another_template_than_the_pool(self) -> None:
        self.foreign(template="nvme")
        raised = self.assertRaises(
            exception.ManageExistingVolumeTypeMismatch,
            self.take,
            self.record(),
        )
        self.assertIn("template_nvme", raised.msg)

    def test_of_any_template_in_the_pool_of_none(self) -> None:
        self.foreign(template="nvme")
        volume = self.record(host=f"{base.BACKEND}#default")
        self.take(volume)
        self.assertEqual("nvme", self.found(volume).template_name)

    def test_of_another_template_than_the_type(self) -> None:
        self.foreign()
        volume = self.record(
            volume_type_id=self.typed(**{"storpool:template": "nvme"})
        )
        self.assertRaises(
            exception.ManageExistingVolumeTypeMismatch, self.take, volume
        )


@ddt.ddt
class UnmanageTest(ForeignTestCase):
    def test_it_stays_under_a_name_of_nobody_s(self) -> None:
        volume = self.created()
        self.driver.unmanage(volume)
        self.assertEqual(["VolumeUpdate"], self.calls())
        self.assertEqual({f"os-unmanaged--{volume.id}"}, set(self.volumes()))

    def test_twice_and_gone(self) -> None:
        volume = self.created()
        self.driver.unmanage(volume)
        self.driver.unmanage(volume)
        self.driver.unmanage(self.record())
        self.assertEqual({f"os-unmanaged--{volume.id}"}, set(self.volumes()))

    def test_and_back(self) -> None:
        volume = self.created()
        self.driver.unmanage(volume)
        again = self.record()
        self.driver.manage_existing(
            again, {"source-name": f"os-unmanaged--{volume.id}"}
        )
        self.assertEqual({base.name_of(again)}, set(self.volumes()))


@ddt.ddt
class ManageableTest(ForeignTestCase):
    def listed(self, *volumes: Any, **how: Any) -> list[dict[str, Any]]:
        paging = {
            "marker": None,
            "limit": 1000,
            "offset": 0,
            "sort_keys": ["reference"],
            "sort_dirs": ["asc"],
            **how,
        }
        found: list[dict[str, Any]] = self.driver.get_manageable_volumes(
            list(volumes), **paging
        )
        # As the manager does with what it hands on to the API.
        taken = ManageableVolumeList.from_primitives(self.admin, found)
        self.assertEqual(len(found), len(taken))
        return found

    def names(self, **how: Any) -> list[str]:
        return [e["reference"]["source-name"] for e in self.listed(**how)]

    def test_one_that_can_be_managed(self) -> None:
        self.foreign(size=base.GIB + 512)
        self.assertEqual(
            [
                {
                    "reference": {"source-name": "db.disk-1"},
                    "size": 2,
                    "cinder_id": None,
                    "safe_to_manage": True,
                    "reason_not_safe": None,
                    "extra_info": {
                        "template": "hybrid",
                        "bytes": "1073742336",
                    },
                }
            ],
            self.listed(),
        )
        self.assertEqual({"VolumesList", "AttachmentsList"}, set(self.calls()))

    def test_those_that_cannot(self) -> None:
        mine = self.created()
        elsewhere = self.created(host="ctl@second#default")
        self.foreign("attached")
        self.attach("attached", base.COMPUTE_1)
        self.foreign(f"east--volume-{uuid.uuid4()}")
        found = {e["reference"]["source-name"]: e for e in self.listed(mine)}
        self.assertEqual(4, len(found))
        self.assertEqual(
            {False}, {e["safe_to_manage"] for e in found.values()}
        )
        self.assertEqual(mine.id, found[base.name_of(mine)]["cinder_id"])
        self.assertEqual(
            elsewhere.id, found[base.name_of(elsewhere)]["cinder_id"]
        )
        self.assertIn("attached", found["attached"]["reason_not_safe"])

    def test_nothing_is_listed_as_free_while_nobody_can_say(self) -> None:
        self.foreign(f"os--volume-{uuid.uuid4()}")
        self.patch(
            "cinder.objects.Volume.get_by_id",
            side_effect=db_exception.DBConnectionError(),
        )
        self.assertRaises(exception.VolumeBackendAPIException, self.listed)

    def test_each_can_be_managed_as_it_is_listed(self) -> None:
        self.foreign("named")
        self.foreign("")
        for entry in self.listed():
            self.driver.manage_existing(self.record(), entry["reference"])

    def test_pages(self) -> None:
        for name in ("c", "a", "b"):
            self.foreign(name)
        self.assertEqual(["a", "b", "c"], self.names())
        self.assertEqual(["c", "b"], self.names(limit=2, sort_dirs=["desc"]))
        self.assertEqual(
            ["b"], self.names(limit=1, marker={"source-name": "a"})
        )


class ManagedTest(managed.ManagedTestCase):
    def test_manage_and_unmanage(self) -> None:
        manager = self.start_manager()
        made = self.cluster.volume_create(
            VolumeCreateDesc(
                name="theirs", size=base.GIB + MIB, template="hybrid"
            )
        )
        volume = self.record(size=0, status="managing")
        manager.manage_existing(
            self.admin, volume, ref={"source-name": "theirs"}
        )
        volume.refresh()
        self.assertEqual(
            ("available", 2, made.global_id),
            (volume.status, volume.size, volume.provider_id),
        )
        listed = manager.get_manageable_volumes(
            self.admin, None, 10, 0, ["size"], ["asc"]
        )
        self.assertEqual([volume.id], [e["cinder_id"] for e in listed])
        manager.delete_volume(self.admin, volume, unmanage_only=True)
        self.assertEqual({f"os-unmanaged--{volume.id}"}, set(self.volumes()))
        self.assertRaises(
            exception.VolumeNotFound,
            objects.Volume.get_by_id,
            self.admin,
            volume.id,
        )

    def test_a_wrong_reference(self) -> None:
        manager = self.start_manager()
        volume = self.record(size=0, status="managing")
        self.assertRaises(
            exception.ManageExistingInvalidReference,
            manager.manage_existing,
            self.admin,
            volume,
            ref={"source-name": "nothing"},
        )
        volume.refresh()
        self.assertEqual("error_managing", volume.status)
