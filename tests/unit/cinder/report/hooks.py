# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Cinder asks of a driver, and how many API calls it may take.

Where Cinder's manager does something around the driver (snapshots before a
revert, one snapshot after the other for a group), it is the manager that is
asked.
"""

from collections.abc import Callable
import dataclasses
from typing import Any

from cinder import exception

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base

#: A test with a started manager and its driver.
Case = Any

_NVME = f"{base.BACKEND}#template_nvme"
_DATA = "test_data.DataTest."


class WholeCopy(Exception):
    """The driver leaves it to Cinder, which copies every byte."""


@dataclasses.dataclass(frozen=True)
class Hook:
    """Something that Cinder asks for.

    :ivar title: in the words of the page.
    :ivar limit: API calls that it may take.
    :ivar prepare: arranges; what it asks of the API is not counted.
    :ivar run: asks, given what ``prepare`` returned.
    :ivar seen: the test in tests/functional/cinder that sees the data
        through a block device; empty where no data is concerned.
    :ivar right: whether the cluster is afterwards as it was asked to be.
    """

    title: str
    limit: int
    prepare: Callable[[Case], Any]
    run: Callable[[Case, Any], Any]
    seen: str = ""
    right: Callable[[Case, Any], bool] = lambda case, state: True


def _volume(case: Case, **fields: Any) -> Any:
    """A volume of the usual type."""
    volume = _record(case, **{"status": "available", **fields})
    volume.update(dict(case.driver.create_volume(volume) or {}))
    volume.save()
    return volume


def _record(case: Case, **fields: Any) -> Any:
    return case.record(**{"volume_type_id": _type(case, "hybrid"), **fields})


def _type(case: Case, template: str) -> str:
    """The type of a template; the way that both drivers understand."""
    if template not in case.types:
        case.types[template] = case.typed(storpool_template=template)
    return str(case.types[template])


def _in_nvme(case: Case) -> Any:
    return _record(
        case, host=_NVME, volume_type_id=_type(case, "nvme"), size=2
    )


def _to_be_snapped(case: Case) -> Any:
    volume = _volume(case)
    return volume, case.snapshot_record(volume)


def _is_in_nvme(case: Case, volume: Any) -> bool:
    return bool(case.volumes()[base.name_of(volume)].template_name == "nvme")


def _is_nowhere(case: Case, volume: Any) -> bool:
    return not case.clients_of(base.name_of(volume))


def _snapped(case: Case) -> Any:
    volume, snapshot = _to_be_snapped(case)
    case.driver.create_snapshot(snapshot)
    for each in (volume, snapshot):
        each.update({"status": "available"})
        each.save()
    return volume, snapshot


def _attached(case: Case) -> Any:
    volume = _volume(case)
    case.attached_record(volume, base.COMP1)
    case.attach(base.name_of(volume), base.COMPUTE_1)
    return volume


def _revert(case: Case, both: Any) -> None:
    volume, snapshot = both
    volume.update({"status": "reverting"})
    volume.save()
    snapshot.update({"status": "restoring"})
    snapshot.save()
    case.manager.revert_to_snapshot(case.admin, volume, snapshot)


def _retype(case: Case, volume: Any) -> None:
    volume.previous_status = volume.status
    volume.save()
    try:
        case.manager.retype(
            case.admin, volume, _type(case, "nvme"), {"host": _NVME}
        )
    except exception.VolumeMigrationFailed as error:
        raise WholeCopy from error


def _migrate(case: Case, volume: Any) -> None:
    capabilities = case.driver.get_volume_stats(True)
    [pool] = [
        each
        for each in capabilities["pools"]
        if each["pool_name"] == "template_nvme"
    ]
    case.simulator.clear_requests()
    moved, _ = case.driver.migrate_volume(
        case.admin, volume, {"host": _NVME, "capabilities": pool}
    )
    if not moved:
        raise WholeCopy


def _group(case: Case, count: int) -> Any:
    record = case.group_record(case.group_type())
    volumes = [_volume(case, group_id=record.id) for _ in range(count)]
    return record, volumes, *case.group_snapshot_record(record, volumes)


def _snapped_group(case: Case, count: int) -> Any:
    group = _group(case, count)
    case.manager.create_group_snapshot(case.admin, group[2])
    return *group, [_record(case) for _ in range(count)]


def _copy_snapped_group(case: Case, group: Any) -> None:
    record, _, snapshot, snapshots, copies = group
    case.driver.create_group_from_src(
        case.admin,
        record,
        copies,
        group_snapshot=snapshot,
        snapshots=snapshots,
    )


def _copy_group(case: Case, group: Any) -> None:
    record, volumes, _, _, copies = group
    case.driver.create_group_from_src(
        case.admin, record, copies, source_group=record, source_vols=volumes
    )


def _foreign(case: Case) -> Any:
    case.cluster.volume_create(
        VolumeCreateDesc(name="theirs", size=base.GIB, template="hybrid")
    )
    return _record(case), {"source-name": "theirs"}


def _foreign_snapshot(case: Case) -> Any:
    volume = _volume(case)
    case.cluster.snapshot_create(
        base.name_of(volume), VolumeSnapshotDesc(name="theirs")
    )
    return case.snapshot_record(volume), {"source-name": "theirs"}


def _listed(case: Case, volume: Any) -> None:
    case.driver.get_manageable_volumes(
        [volume], None, 10, 0, ["size"], ["asc"]
    )


def _snapshots_listed(case: Case, both: Any) -> None:
    case.driver.get_manageable_snapshots(
        [both[1]], None, 10, 0, ["size"], ["asc"]
    )


def _extend(case: Case, volume: Any) -> None:
    case.driver.extend_volume(volume, 3)


def _clone(case: Case, pair: Any) -> None:
    source, record = pair
    case.driver.create_cloned_volume(record, source)


def _child(case: Case, three: Any) -> None:
    _, snapshot, record = three
    case.driver.create_volume_from_snapshot(record, snapshot)


def _taken(case: Case, pair: Any) -> None:
    case.driver.create_snapshot(pair[1])


def _group_snapshots() -> tuple[Hook, ...]:
    return tuple(
        Hook(
            f"snapshot of a group of {count}",
            1,
            lambda case, count=count: _group(case, count),
            lambda case, group: case.manager.create_group_snapshot(
                case.admin, group[2]
            ),
            f"{_DATA}test_a_group_at_one_instant",
        )
        for count in (1, 10, 100)
    )


HOOKS = (
    Hook(
        "create a volume",
        1,
        _record,
        lambda case, volume: case.driver.create_volume(volume),
        f"{_DATA}test_deleted_and_made_again_it_is_empty",
    ),
    Hook(
        "clone a volume",
        1,
        lambda case: (_volume(case), _record(case)),
        _clone,
        f"{_DATA}test_a_clone",
    ),
    Hook(
        "clone a volume into another template",
        1,
        lambda case: (_volume(case), _in_nvme(case)),
        _clone,
        f"{_DATA}test_a_clone_into_another_template",
        lambda case, pair: _is_in_nvme(case, pair[1]),
    ),
    Hook(
        "create a volume from a snapshot",
        1,
        lambda case: (*_snapped(case), _record(case)),
        _child,
        f"{_DATA}test_a_volume_of_a_snapshot",
    ),
    Hook(
        "the same into another template",
        1,
        lambda case: (*_snapped(case), _in_nvme(case)),
        _child,
        f"{_DATA}test_a_volume_of_a_snapshot_in_another_template",
        lambda case, three: _is_in_nvme(case, three[2]),
    ),
    Hook(
        "delete a volume",
        1,
        _volume,
        lambda case, volume: case.driver.delete_volume(volume),
        f"{_DATA}test_deleted_and_made_again_it_is_empty",
    ),
    Hook(
        "extend a volume",
        1,
        _volume,
        _extend,
        f"{_DATA}test_extension_of_what_is_open",
    ),
    Hook(
        "extend an attached volume",
        1,
        _attached,
        _extend,
        f"{_DATA}test_extension_of_what_is_open",
    ),
    Hook(
        "take a snapshot",
        1,
        _to_be_snapped,
        _taken,
        f"{_DATA}test_a_volume_of_a_snapshot",
    ),
    Hook(
        "delete a snapshot",
        1,
        _snapped,
        lambda case, both: case.driver.delete_snapshot(both[1]),
        f"{_DATA}test_without_its_snapshot_a_volume_keeps_its_data",
    ),
    Hook(
        "revert to a snapshot",
        2,
        _snapped,
        _revert,
        f"{_DATA}test_revert",
    ),
    Hook(
        "retype into another template",
        1,
        _volume,
        _retype,
        f"{_DATA}test_another_type_and_pool_while_it_is_open",
        _is_in_nvme,
    ),
    Hook(
        "migrate into another pool",
        1,
        _volume,
        _migrate,
        f"{_DATA}test_another_type_and_pool_while_it_is_open",
    ),
    Hook(
        "finish a migration within the cluster",
        1,
        lambda case: (_volume(case), _volume(case)),
        lambda case, pair: case.driver.update_migrated_volume(
            case.admin, *pair, "available"
        ),
        f"{_DATA}test_migrated_it_is_the_copy_that_is_kept",
    ),
    *_group_snapshots(),
    Hook(
        "delete a group snapshot of 10",
        10,
        lambda case: _snapped_group(case, 10),
        lambda case, group: case.manager.delete_group_snapshot(
            case.admin, group[2]
        ),
    ),
    Hook(
        "create a group of 10 from a group snapshot",
        10,
        lambda case: _snapped_group(case, 10),
        _copy_snapped_group,
        f"{_DATA}test_a_group_at_one_instant",
    ),
    Hook(
        "copy a group of 10",
        21,
        lambda case: _snapped_group(case, 10),
        _copy_group,
        f"{_DATA}test_a_group_at_one_instant",
    ),
    Hook(
        "say how to attach",
        1,
        _volume,
        lambda case, volume: case.driver.initialize_connection(
            volume, base.COMP1
        ),
        f"{_DATA}test_a_clone",
    ),
    Hook(
        "end an attachment",
        1,
        _attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, base.COMP1
        ),
        right=_is_nowhere,
    ),
    Hook(
        "end all attachments by force",
        1,
        _attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, None, force=True
        ),
        right=_is_nowhere,
    ),
    Hook(
        "manage a volume",
        3,
        _foreign,
        lambda case, pair: case.driver.manage_existing(*pair),
        f"{_DATA}test_managed_and_unmanaged_it_keeps_its_data",
    ),
    Hook(
        "unmanage a volume",
        1,
        _volume,
        lambda case, volume: case.driver.unmanage(volume),
        f"{_DATA}test_managed_and_unmanaged_it_keeps_its_data",
    ),
    Hook("list manageable volumes", 2, _volume, _listed),
    Hook(
        "manage a snapshot",
        4,
        _foreign_snapshot,
        lambda case, pair: case.driver.manage_existing_snapshot(*pair),
    ),
    Hook(
        "unmanage a snapshot",
        1,
        _snapped,
        lambda case, both: case.driver.unmanage_snapshot(both[1]),
    ),
    Hook("list manageable snapshots", 2, _snapped, _snapshots_listed),
    Hook(
        "learn global ids at the start",
        2,
        _snapped,
        lambda case, both: case.driver.update_provider_info(
            [both[0]], [both[1]]
        ),
    ),
    Hook(
        "find the pool of a volume",
        1,
        _volume,
        lambda case, volume: case.driver.get_pool(volume),
    ),
    Hook(
        "statistics",
        2,
        lambda case: None,
        lambda case, nothing: case.driver.get_volume_stats(True),
    ),
    Hook(
        "prove that the cluster works",
        3,
        lambda case: None,
        lambda case, nothing: case.driver.check_for_setup_error(),
    ),
)
