# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every operation, with every fault at every one of its calls.

After the fault is over the operation is repeated, as Cinder or its user
would, and then everything is as if nothing had happened.
"""

from collections.abc import Callable
import dataclasses
import itertools
from typing import Any

from cinder import exception
from cinder import objects
import ddt

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base

_IN_HYBRID = {"host": f"{base.BACKEND}#template_hybrid"}
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


@dataclasses.dataclass(frozen=True)
class Operation:
    """Something Cinder asks for.

    :ivar prepare: arranges, and returns what the rest works on.
    :ivar run: asks; what the driver raises comes out.
    :ivar check: sees that the state is right and nothing is left over.
    """

    prepare: Callable[["FaultsTest"], Any]
    run: Callable[["FaultsTest", Any], Any]
    check: Callable[["FaultsTest", Any], None]


def _source(case: "FaultsTest") -> Any:
    volume = case.record(
        status="available", host=f"{base.BACKEND}#template_nvme"
    )
    case.driver.create_volume(volume)
    return volume


def _source_and_record(case: "FaultsTest") -> Any:
    return _source(case), case.record(size=2)


def _snapshot(case: "FaultsTest") -> Any:
    volume = _source(case)
    snapshot = case.snapshot_record(volume)
    case.driver.create_snapshot(snapshot)
    return volume, snapshot


def _snapshot_to_be(case: "FaultsTest") -> Any:
    volume = _source(case)
    return volume, case.snapshot_record(volume)


def _snapshot_and_record(case: "FaultsTest") -> Any:
    return *_snapshot(case), case.record(size=2)


def _attached(case: "FaultsTest") -> Any:
    volume = _source(case)
    case.attached_record(volume, base.COMP1)
    case.attach(base.name_of(volume), base.COMPUTE_1)
    return volume


def _attached_snapshot(case: "FaultsTest") -> Any:
    volume, snapshot = _snapshot(case)
    case.attach_snapshot(base.snapshot_name_of(snapshot), base.CONTROLLER)
    return volume, snapshot


OPERATIONS = {
    "create_volume": Operation(
        lambda case: case.record(),
        lambda case, volume: case.driver.create_volume(volume),
        lambda case, volume: case.expect_volumes(volume),
    ),
    "delete_volume": Operation(
        _source,
        lambda case, volume: case.driver.delete_volume(volume),
        lambda case, volume: case.expect_volumes(),
    ),
    "extend_volume": Operation(
        _source,
        lambda case, volume: case.driver.extend_volume(volume, 3),
        lambda case, volume: case.expect_size(volume, 3),
    ),
    "create_snapshot": Operation(
        _snapshot_to_be,
        lambda case, both: case.driver.create_snapshot(both[1]),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "delete_snapshot": Operation(
        _snapshot,
        lambda case, both: case.driver.delete_snapshot(both[1]),
        lambda case, both: case.expect_snapshots(both[0]),
    ),
    "create_volume_from_snapshot": Operation(
        _snapshot_and_record,
        lambda case, three: case.driver.create_volume_from_snapshot(
            three[2], three[1]
        ),
        lambda case, three: case.expect_child(*three),
    ),
    "create_cloned_volume": Operation(
        _source_and_record,
        lambda case, both: case.driver.create_cloned_volume(both[1], both[0]),
        lambda case, both: case.expect_clone(*both),
    ),
    "retype": Operation(
        _source,
        lambda case, volume: case.driver.retype(
            case.admin, volume, case.limited_type(), {}, _IN_HYBRID
        ),
        lambda case, volume: case.expect_policy(volume, 5),
    ),
    "migrate_volume": Operation(
        _source,
        lambda case, volume: case.driver.migrate_volume(
            case.admin, volume, _IN_HYBRID
        ),
        lambda case, volume: case.expect_policy(volume, "-"),
    ),
    "manage_existing": Operation(
        lambda case: (case.foreign_volume(), case.record()),
        lambda case, both: case.driver.manage_existing(both[1], both[0]),
        lambda case, both: case.expect_size(both[1], 2),
    ),
    "manage_existing_get_size": Operation(
        lambda case: (case.foreign_volume(), case.record()),
        lambda case, both: case.driver.manage_existing_get_size(
            both[1], both[0]
        ),
        lambda case, both: case.assertEqual({"theirs"}, set(case.volumes())),
    ),
    "unmanage": Operation(
        _source,
        lambda case, volume: case.driver.unmanage(volume),
        lambda case, volume: case.assertEqual(
            {f"os-unmanaged--{volume.id}"}, set(case.volumes())
        ),
    ),
    "get_manageable_volumes": Operation(
        _source,
        lambda case, volume: case.driver.get_manageable_volumes(
            [volume], None, 10, 0, ["size"], ["asc"]
        ),
        lambda case, volume: case.expect_volumes(volume),
    ),
    "manage_existing_snapshot": Operation(
        lambda case: case.foreign_snapshot(),
        lambda case, both: case.driver.manage_existing_snapshot(
            both[1], {"source-name": "theirs"}
        ),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "unmanage_snapshot": Operation(
        _snapshot,
        lambda case, both: case.driver.unmanage_snapshot(both[1]),
        lambda case, both: case.assertEqual(
            {f"os-unmanaged--snapshot-{both[1].id}"}, set(case.snapshots())
        ),
    ),
    "get_manageable_snapshots": Operation(
        _snapshot,
        lambda case, both: case.driver.get_manageable_snapshots(
            [both[1]], None, 10, 0, ["size"], ["asc"]
        ),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "update_provider_info": Operation(
        _snapshot,
        lambda case, both: case.driver.update_provider_info(
            [both[0]], [both[1]]
        ),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "revert_to_snapshot": Operation(
        _snapshot,
        lambda case, both: case.driver.revert_to_snapshot(case.admin, *both),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "initialize_connection": Operation(
        _source,
        lambda case, volume: case.driver.initialize_connection(
            volume, base.COMP1
        ),
        lambda case, volume: case.expect_clients(volume),
    ),
    "terminate_connection": Operation(
        _attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, base.COMP1
        ),
        lambda case, volume: case.expect_clients(volume),
    ),
    "terminate_connection_by_force": Operation(
        _attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, None, force=True
        ),
        lambda case, volume: case.expect_clients(volume),
    ),
    "initialize_connection_snapshot": Operation(
        _snapshot,
        lambda case, both: case.driver.initialize_connection_snapshot(
            both[1], base.CTL
        ),
        lambda case, both: case.expect_snapshots(*both),
    ),
    "terminate_connection_snapshot_by_force": Operation(
        _attached_snapshot,
        lambda case, both: case.driver.terminate_connection_snapshot(
            both[1], None, force=True
        ),
        lambda case, both: case.expect_no_attachments(),
    ),
    "get_pool": Operation(
        _source,
        lambda case, volume: case.driver.get_pool(volume),
        lambda case, volume: case.expect_volumes(volume),
    ),
    "check_for_setup_error": Operation(
        lambda case: None,
        lambda case, nothing: case.driver.check_for_setup_error(),
        lambda case, nothing: case.expect_volumes(),
    ),
}


@ddt.ddt
class FaultsTest(base.ClusterTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = self.start_driver(storpool_template="nvme")

    @ddt.data(*itertools.product(OPERATIONS, FAULTS, (1, _ALWAYS)))
    @ddt.unpack
    def test_repeated_after_a_fault_it_is_right(
        self, operation: str, fault: str, count: int
    ) -> None:
        chosen = OPERATIONS[operation]
        for nth in range(1, self._calls_of(chosen) + 1):
            self._empty_the_cluster()
            state = chosen.prepare(self)
            self.simulator.add_fault(
                call="*", nth=nth, count=count, **FAULTS[fault]
            )
            self._run_through_the_fault(chosen, state)
            self.simulator.clear_faults()
            chosen.check(self, state)

    def _run_through_the_fault(self, chosen: Operation, state: Any) -> None:
        """Run, and where that fails run again once the fault is over.

        Anything but an exception of Cinder's fails the test.
        """
        try:
            chosen.run(self, state)
        except exception.CinderException:
            self.simulator.clear_faults()
            chosen.run(self, state)

    def _calls_of(self, chosen: Operation) -> int:
        state = chosen.prepare(self)
        self.simulator.clear_requests()
        chosen.run(self, state)
        return len(self.calls())

    def _empty_the_cluster(self) -> None:
        for name in self.volumes():
            self.detach_all(name)
            self.cluster.volume_delete(name)
        for name in self.snapshots():
            self.detach_all_of_snapshot(name)
            self.cluster.snapshot_delete(name)

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
        volume = _source(self)
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
