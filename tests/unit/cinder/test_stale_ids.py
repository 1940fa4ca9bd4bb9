# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A record whose global id is that of another object than its name.

Everything else that Cinder does goes by the name: snapshots, extensions, the
deletion, and taking a volume from a host that is gone. A host that attached
by an id of former days would write where none of that looks.
"""

from typing import Any

from storpool_common import api
from tests.unit.cinder import base
from tests.unit.cinder import managed


class StaleIdTest(managed.ManagedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.use_in_tree_configuration()
        self.start_manager()
        self.volume = self.make()
        self.name = base.name_of(self.volume)

    def assert_a_host_gets_what_has_the_name(self) -> None:
        found = self.volumes()[self.name]
        info = self.manager.driver.initialize_connection(
            self.volume, base.COMP1
        )
        self.assertEqual(
            (found.global_id, found.name, found.size),
            tuple(
                info["data"][each] for each in ("global_id", "name", "size")
            ),
        )

    def test_restored_from_a_snapshot_under_its_name(self) -> None:
        """What an operator does with a snapshot that Cinder knows not of."""
        self.cluster.snapshot_create(
            self.name, api.snapshots.VolumeSnapshotDesc(name="of-last-night")
        )
        self.cluster.volume_update(
            self.name, api.volumes.VolumeUpdateDesc(rename="broken")
        )
        self.cluster.volume_create(
            api.volumes.VolumeCreateDesc(
                name=self.name, parent="of-last-night"
            )
        )
        self.assert_a_host_gets_what_has_the_name()
        self.start_manager()
        self.volume.refresh()
        self.assert_a_host_gets_what_has_the_name()

    def test_names_exchanged_by_the_in_tree_driver(self) -> None:
        """It was killed after that, and ours is back."""
        self.start_manager(managed.IN_TREE)
        new = self.make()
        update = self.manager.update_migrated_volume

        def and_nobody_hears(*arguments: Any) -> None:
            update(*arguments)
            raise TimeoutError

        self.patch(
            "cinder.volume.rpcapi.VolumeAPI.update_migrated_volume",
            side_effect=and_nobody_hears,
        )
        wanted = self.volumes()[base.name_of(new)].global_id
        self.assertRaises(TimeoutError, self.migrate, self.volume, new)
        self.volume.refresh()
        self.start_manager()
        self.assertEqual(self.name, base.name_of(self.volume))
        self.assertEqual(wanted, self.volumes()[self.name].global_id)
        self.assert_a_host_gets_what_has_the_name()
