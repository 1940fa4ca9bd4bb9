# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is right in a cluster after an operation."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from cinder import objects

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base
from tests.unit.cinder import operations

#: Everything in a cluster that an operation may change.
Picture = frozenset[tuple[Any, ...]]


class ExpectingTestCase(base.ClusterTestCase):
    """Looks at the cluster of a driver."""

    def picture(self) -> Picture:
        """The cluster as it is."""
        kinds = {"volume": self.volumes(), "snapshot": self.snapshots()}
        return frozenset(
            (kind, name, each.size, each.template_name, each.iops, each.bw)
            for kind, found in kinds.items()
            for name, each in found.items()
        ) | frozenset(
            ("attachment", each.volume, each.client)
            for each in self.cluster.attachments_list()
        )

    def expect_volumes(self, *wanted: Any) -> None:
        self.assertEqual(
            {base.name_of(volume) for volume in wanted}, set(self.volumes())
        )
        self.assertEqual({}, self.snapshots())

    def expect_size(self, volume: Any, size: int) -> None:
        self.expect_volumes(volume)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(size * base.GIB, found.size)

    def foreign_volume(self) -> dict[str, str]:
        self.cluster.volume_create(
            VolumeCreateDesc(
                name="theirs", size=base.GIB + 512, template="hybrid"
            )
        )
        return {"source-name": "theirs"}

    def foreign_snapshot(self) -> Any:
        volume = operations.source(self)
        self.cluster.snapshot_create(
            base.name_of(volume), VolumeSnapshotDesc(name="theirs")
        )
        return volume, self.snapshot_record(volume)

    def limited_type(self) -> Any:
        return objects.VolumeType.get_by_id(
            self.admin, self.typed(**{"storpool:iops": "5"})
        )

    def hybrid(self) -> str:
        """The id of the type of a template, as both drivers know it."""
        return self.typed(storpool_template="hybrid")

    def migrating(self, volume: Any, new: Any) -> dict[str, Any]:
        """The records of a migration, and the new data's global id."""
        wanted = self.volumes()[base.name_of(new)].global_id
        return {"volume": volume, "new": new, "wanted": wanted}

    def migrating_again(
        self, volume: Any, first: Any, second: Any
    ) -> dict[str, Any]:
        """A migration after one within the cluster."""
        self.finish(self.migrating(volume, first))
        volume.update({"migration_status": None})
        return self.migrating(volume, second)

    def moved_out(self, volume: Any) -> Any:
        """The record that is to be deleted when the data is elsewhere.

        The volume goes by its own name there, as LVM's driver gives it.
        """
        left = self.record(host=volume.host)
        found = self.volumes()[base.name_of(volume)]
        left.update({"_name_id": volume.id, "provider_id": found.global_id})
        volume.update({"host": "ctl@lvm#lvm", "provider_id": None})
        for record in (left, volume):
            record.save()
        return left

    def moving_back(
        self, volume: Any, source: Callable[[Any], Any]
    ) -> dict[str, Any]:
        """A migration back into the cluster, after one out of it."""
        self.driver.delete_volume(self.moved_out(volume))
        return self.migrating(volume, source(self))

    def finish(self, pair: dict[str, Any]) -> None:
        """End a migration as the manager does, without other backends.

        Where the driver refuses, it is for the manager to try again; else
        the records are exchanged, and the one that is left over is deleted
        together with its object.
        """
        volume, new = pair["volume"], pair["new"]
        if volume.migration_status != "success":
            update = self.driver.update_migrated_volume(
                self.admin, volume, new, "available"
            )
            old = volume._name_id
            volume.update({**update, "migration_status": "success"})
            volume.host, new.host = new.host, volume.host
            new.update({"_name_id": old or volume.id})
            for record in (volume, new):
                record.save()
        if "@lvm" not in new.host:
            self.driver.delete_volume(new)

    def expect_new_data(self, pair: dict[str, Any]) -> None:
        """The volume has the new data and nothing else is there."""
        self.expect_volumes(pair["volume"])
        found = self.volumes()[base.name_of(pair["volume"])]
        self.assertEqual(pair["wanted"], found.global_id)

    def expect_policy(self, volume: Any, iops: Any) -> None:
        self.expect_volumes(volume)
        found = self.volumes()[base.name_of(volume)]
        self.assertEqual(("hybrid", iops), (found.template_name, found.iops))

    def expect_snapshots(self, volume: Any, *wanted: Any) -> None:
        self.assertEqual({base.name_of(volume)}, set(self.volumes()))
        self.assertEqual(
            {base.snapshot_name_of(snapshot) for snapshot in wanted},
            set(self.snapshots()),
        )

    def expect_group(
        self,
        group: operations.Group,
        snapshots: list[Any],
        copies: Sequence[Any] = (),
    ) -> None:
        self.assertEqual(
            {base.name_of(volume) for volume in (*group.volumes, *copies)},
            set(self.volumes()),
        )
        self.assertEqual(
            {base.snapshot_name_of(snapshot) for snapshot in snapshots},
            set(self.snapshots()),
        )
        for copy in copies:
            found = self.volumes()[base.name_of(copy)]
            self.assertEqual(copy.size * base.GIB, found.size)

    def expect_child(self, parent: Any, snapshot: Any, child: Any) -> None:
        self.assertEqual(
            {base.name_of(parent), base.name_of(child)}, set(self.volumes())
        )
        found = self.volumes()[base.name_of(child)]
        self.assertEqual(base.snapshot_name_of(snapshot), found.parent_name)
        self.assertEqual(2 * base.GIB, found.size)

    def expect_clone(
        self, source: Any, clone: Any, template: str | None = None
    ) -> None:
        self.expect_volumes(source, clone)
        found = self.volumes()[base.name_of(clone)]
        self.assertIn(template, (None, found.template_name))
        self.assertEqual(2 * base.GIB, found.size)
        self.assertNotEqual("", found.parent_name)

    def expect_clients(self, volume: Any, *clients: int) -> None:
        self.expect_volumes(volume)
        self.assertEqual(list(clients), self.clients_of(base.name_of(volume)))

    def expect_no_attachments(self) -> None:
        self.assertEqual([], self.cluster.attachments_list())
