# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Cinder asks of a driver, with what is right afterwards."""

from collections.abc import Callable
import dataclasses
from typing import Any

from cinder import exception

from tests.unit.cinder import base

#: A test with a driver, and ``expectations``.
Case = Any

_IN_HYBRID = {"host": f"{base.BACKEND}#template_hybrid"}


@dataclasses.dataclass(frozen=True)
class Operation:
    """Something Cinder asks for.

    :ivar prepare: arranges, and returns what the rest works on.
    :ivar run: asks; what the driver raises comes out.
    :ivar check: sees that the state is right and nothing is left over.
    :ivar many: it concerns several objects; where it cannot go on, each is
        as it was or as it is to be.
    """

    prepare: Callable[[Case], Any]
    run: Callable[[Case, Any], Any]
    check: Callable[[Case, Any], None]
    many: bool = False


def source(case: Case, **fields: Any) -> Any:
    volume = case.record(
        status="available", host=f"{base.BACKEND}#template_nvme", **fields
    )
    case.driver.create_volume(volume)
    return volume


def _source_and_record(case: Case) -> Any:
    return source(case), case.record(size=2)


def _snapshot(case: Case) -> Any:
    volume = source(case)
    snapshot = case.snapshot_record(volume)
    case.driver.create_snapshot(snapshot)
    return volume, snapshot


def _snapshot_to_be(case: Case) -> Any:
    volume = source(case)
    return volume, case.snapshot_record(volume)


def _snapshot_and_record(case: Case) -> Any:
    return *_snapshot(case), case.record(size=2)


def _attached(case: Case) -> Any:
    volume = source(case)
    case.attached_record(volume, base.COMP1)
    case.attach(base.name_of(volume), base.COMPUTE_1)
    return volume


def _attached_snapshot(case: Case) -> Any:
    volume, snapshot = _snapshot(case)
    case.attach_snapshot(base.snapshot_name_of(snapshot), base.CONTROLLER)
    return volume, snapshot


@dataclasses.dataclass(frozen=True)
class Group:
    """A group of two volumes, and what is to be made of it.

    :ivar copies: records of a group that is to be made from it.
    """

    record: Any
    volumes: list[Any]
    snapshot: Any
    snapshots: list[Any]
    copies: list[Any]


def _group(case: Case) -> Group:
    record = case.group_record(case.group_type())
    volumes = [source(case, group_id=record.id) for _ in range(2)]
    snapshot, snapshots = case.group_snapshot_record(record, volumes)
    copies = [case.record(size=2), case.record()]
    return Group(record, volumes, snapshot, snapshots, copies)


def _snapped_group(case: Case) -> Group:
    group = _group(case)
    case.driver.create_group_snapshot(
        case.admin, group.snapshot, group.snapshots
    )
    return group


def _succeeded(case: Case, outcome: Any) -> None:
    """Raise what the manager raises for an outcome that is an error."""
    model, updates = outcome
    if model["status"] == "error_deleting":
        case.assertIn(
            "error_deleting", {update["status"] for update in updates}
        )
        raise exception.VolumeDriverException(message="in error")


OPERATIONS = {
    "create_group_snapshot": Operation(
        _group,
        lambda case, group: case.driver.create_group_snapshot(
            case.admin, group.snapshot, group.snapshots
        ),
        lambda case, group: case.expect_group(group, group.snapshots),
    ),
    "delete_group_snapshot": Operation(
        _snapped_group,
        lambda case, group: _succeeded(
            case,
            case.driver.delete_group_snapshot(
                case.admin, group.snapshot, group.snapshots
            ),
        ),
        lambda case, group: case.expect_group(group, []),
        many=True,
    ),
    "delete_group": Operation(
        _group,
        lambda case, group: _succeeded(
            case,
            case.driver.delete_group(case.admin, group.record, group.volumes),
        ),
        lambda case, group: case.expect_volumes(),
        many=True,
    ),
    "create_group_from_snapshot": Operation(
        _snapped_group,
        lambda case, group: case.driver.create_group_from_src(
            case.admin,
            group.record,
            group.copies,
            group_snapshot=group.snapshot,
            snapshots=group.snapshots,
        ),
        lambda case, group: case.expect_group(
            group, group.snapshots, group.copies
        ),
        many=True,
    ),
    "create_group_from_group": Operation(
        _group,
        lambda case, group: case.driver.create_group_from_src(
            case.admin,
            group.record,
            group.copies,
            source_group=group.record,
            source_vols=group.volumes,
        ),
        lambda case, group: case.expect_group(group, [], group.copies),
        many=True,
    ),
    "create_volume": Operation(
        lambda case: case.record(),
        lambda case, volume: case.driver.create_volume(volume),
        lambda case, volume: case.expect_volumes(volume),
    ),
    "delete_volume": Operation(
        source,
        lambda case, volume: case.driver.delete_volume(volume),
        lambda case, volume: case.expect_volumes(),
    ),
    "extend_volume": Operation(
        source,
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
    "clone_into_another_template": Operation(
        lambda case: (
            source(case),
            case.record(size=2, **_IN_HYBRID, volume_type_id=case.hybrid()),
        ),
        lambda case, both: case.driver.create_cloned_volume(both[1], both[0]),
        lambda case, both: case.expect_clone(*both, template="hybrid"),
    ),
    "retype": Operation(
        source,
        lambda case, volume: case.driver.retype(
            case.admin, volume, case.limited_type(), {}, _IN_HYBRID
        ),
        lambda case, volume: case.expect_policy(volume, 5),
    ),
    "migrate_volume": Operation(
        source,
        lambda case, volume: case.driver.migrate_volume(
            case.admin, volume, _IN_HYBRID
        ),
        lambda case, volume: case.expect_policy(volume, "-"),
    ),
    "migration": Operation(
        lambda case: case.migrating(source(case), source(case)),
        lambda case, pair: case.finish(pair),
        lambda case, pair: case.expect_new_data(pair),
    ),
    "migration_again": Operation(
        lambda case: case.migrating_again(
            source(case), source(case), source(case)
        ),
        lambda case, pair: case.finish(pair),
        lambda case, pair: case.expect_new_data(pair),
    ),
    "migration_out": Operation(
        lambda case: case.moved_out(source(case)),
        lambda case, left: case.driver.delete_volume(left),
        lambda case, left: case.expect_volumes(),
    ),
    "migration_out_and_back": Operation(
        lambda case: case.moving_back(source(case), source),
        lambda case, pair: case.finish(pair),
        lambda case, pair: case.expect_new_data(pair),
    ),
    "migration_from_elsewhere": Operation(
        lambda case: case.migrating(
            case.record(host="ctl@lvm#lvm"), source(case)
        ),
        lambda case, pair: case.finish(pair),
        lambda case, pair: case.expect_new_data(pair),
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
        source,
        lambda case, volume: case.driver.unmanage(volume),
        lambda case, volume: case.assertEqual(
            {f"os-unmanaged--{volume.id}"}, set(case.volumes())
        ),
    ),
    "get_manageable_volumes": Operation(
        source,
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
    "manage_existing_snapshot_get_size": Operation(
        lambda case: case.foreign_snapshot(),
        lambda case, both: case.driver.manage_existing_snapshot_get_size(
            both[1], {"source-name": "theirs"}
        ),
        lambda case, both: case.assertEqual({"theirs"}, set(case.snapshots())),
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
        source,
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
        source,
        lambda case, volume: case.driver.get_pool(volume),
        lambda case, volume: case.expect_volumes(volume),
    ),
    "statistics": Operation(
        source,
        lambda case, volume: case.driver.get_volume_stats(True),
        lambda case, volume: case.assertNotEqual(
            "down", case.driver.get_volume_stats(True).get("backend_state")
        ),
    ),
    "check_for_setup_error": Operation(
        lambda case: None,
        lambda case, nothing: case.driver.check_for_setup_error(),
        lambda case, nothing: case.expect_volumes(),
    ),
}
