# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every operation, with every fault at every one of its calls.

After the fault is over the operation is repeated, as Cinder or its user
would, and then everything is as if nothing had happened.
"""

from collections.abc import Sequence
import itertools
from typing import Any

from cinder import exception
from cinder import objects
import ddt

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base
from tests.unit.cinder import operations

#: Enough to outlast all tries of the client.
_ALWAYS = 99

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {
        "action": "error",
        "name": "internalError",
        "descr": "made up",
        "transient": False,
        "status": 500,
    },
    "transient": {
        "action": "error",
        "name": "tryAgain",
        "descr": "made up",
        "transient": True,
        "status": 503,
    },
    "dropped_before": {"action": "drop_before"},
    "dropped_after": {"action": "drop_after"},
    "html": {
        "action": "raw",
        "status": 502,
        "content_type": "text/html",
        "body": "<html>bad gateway</html>",
    },
}


@ddt.ddt
class FaultsTest(base.ClusterTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver(storpool_template="nvme")

    @ddt.data(*itertools.product(operations.OPERATIONS, FAULTS, (1, _ALWAYS)))
    @ddt.unpack
    def test_repeated_after_a_fault_it_is_right(
        self, operation: str, fault: str, count: int
    ) -> None:
        chosen = operations.OPERATIONS[operation]
        for nth in range(1, self._calls_of(chosen) + 1):
            self.empty_the_cluster()
            state = chosen.prepare(self)
            self.simulator.add_fault(
                call="*", nth=nth, count=count, **FAULTS[fault]
            )
            self._run_through_the_fault(chosen, state)
            self.simulator.clear_faults()
            chosen.check(self, state)

    def _run_through_the_fault(
        self, chosen: operations.Operation, state: Any
    ) -> None:
        """Run, and where that fails run again once the fault is over.

        Anything but an exception of Cinder's fails the test.
        """
        try:
            chosen.run(self, state)
        except exception.CinderException:
            self.simulator.clear_faults()
            chosen.run(self, state)

    def _calls_of(self, chosen: operations.Operation) -> int:
        state = chosen.prepare(self)
        self.simulator.clear_requests()
        chosen.run(self, state)
        return len(self.calls())

    # What is right

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

    def expect_clone(self, source: Any, clone: Any) -> None:
        self.expect_volumes(source, clone)
        found = self.volumes()[base.name_of(clone)]
        self.assertEqual(2 * base.GIB, found.size)
        self.assertNotEqual("", found.parent_name)

    def expect_clients(self, volume: Any, *clients: int) -> None:
        self.expect_volumes(volume)
        self.assertEqual(list(clients), self.clients_of(base.name_of(volume)))

    def expect_no_attachments(self) -> None:
        self.assertEqual([], self.cluster.attachments_list())
