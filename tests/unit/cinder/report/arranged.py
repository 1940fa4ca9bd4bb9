# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the measured hooks are arranged with, and how they are asked for."""

from typing import Any

from cinder import exception

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from tests.unit.cinder import base

#: A test with a started manager and its driver.
Case = Any

NVME = f"{base.BACKEND}#template_nvme"
#: What Glance says of an image; its owner is the test's.
IMAGE = {
    "id": "6b0f4c5e-63b5-4b5e-9a44-0d1f0c5a7e11",
    "status": "active",
    "disk_format": "raw",
    "container_format": "bare",
}


class WholeCopy(Exception):
    """The driver leaves it to Cinder, which copies every byte."""


def make_volume(case: Case, **fields: Any) -> Any:
    """A volume of the usual type."""
    volume = make_record(case, **{"status": "available", **fields})
    volume.update(dict(case.driver.create_volume(volume) or {}))
    volume.save()
    return volume


def make_record(case: Case, **fields: Any) -> Any:
    return case.record(**{"volume_type_id": type_id(case, "hybrid"), **fields})


def type_id(case: Case, template: str) -> str:
    """The type of a template; the way that both drivers understand."""
    if template not in case.types:
        case.types[template] = case.typed(storpool_template=template)
    return str(case.types[template])


def in_nvme(case: Case) -> Any:
    return make_record(
        case, host=NVME, volume_type_id=type_id(case, "nvme"), size=2
    )


def to_be_snapped(case: Case) -> Any:
    volume = make_volume(case)
    return volume, case.snapshot_record(volume)


def is_in_nvme(case: Case, volume: Any) -> bool:
    return bool(case.volumes()[base.name_of(volume)].template_name == "nvme")


def is_nowhere(case: Case, volume: Any) -> bool:
    return not case.clients_of(base.name_of(volume))


def snapped(case: Case) -> Any:
    volume, snapshot = to_be_snapped(case)
    case.driver.create_snapshot(snapshot)
    for each in (volume, snapshot):
        each.update({"status": "available"})
        each.save()
    return volume, snapshot


def attached(case: Case) -> Any:
    volume = make_volume(case)
    case.attached_record(volume, base.COMP1)
    case.attach(base.name_of(volume), base.COMPUTE_1)
    return volume


def revert(case: Case, both: Any) -> None:
    volume, snapshot = both
    volume.update({"status": "reverting"})
    volume.save()
    snapshot.update({"status": "restoring"})
    snapshot.save()
    case.manager.revert_to_snapshot(case.admin, volume, snapshot)


def retype(case: Case, volume: Any) -> None:
    volume.previous_status = volume.status
    volume.save()
    try:
        case.manager.retype(
            case.admin, volume, type_id(case, "nvme"), {"host": NVME}
        )
    except exception.VolumeMigrationFailed as error:
        raise WholeCopy from error


def migrate(case: Case, volume: Any) -> None:
    capabilities = case.driver.get_volume_stats(True)
    [pool] = [
        each
        for each in capabilities["pools"]
        if each["pool_name"] == "template_nvme"
    ]
    case.simulator.clear_requests()
    moved, _ = case.driver.migrate_volume(
        case.admin, volume, {"host": NVME, "capabilities": pool}
    )
    if not moved:
        raise WholeCopy


def make_group(case: Case, count: int) -> Any:
    record = case.group_record(case.group_type())
    volumes = [make_volume(case, group_id=record.id) for _ in range(count)]
    return record, volumes, *case.group_snapshot_record(record, volumes)


def snapped_group(case: Case, count: int) -> Any:
    group = make_group(case, count)
    case.manager.create_group_snapshot(case.admin, group[2])
    return *group, [make_record(case) for _ in range(count)]


def copy_snapped_group(case: Case, group: Any) -> None:
    record, _, snapshot, snapshots, copies = group
    case.driver.create_group_from_src(
        case.admin,
        record,
        copies,
        group_snapshot=snapshot,
        snapshots=snapshots,
    )


def copy_group(case: Case, group: Any) -> None:
    record, volumes, _, _, copies = group
    case.driver.create_group_from_src(
        case.admin, record, copies, source_group=record, source_vols=volumes
    )


def foreign(case: Case) -> Any:
    case.cluster.volume_create(
        VolumeCreateDesc(name="theirs", size=base.GIB, template="hybrid")
    )
    return make_record(case), {"source-name": "theirs"}


def foreign_snapshot(case: Case) -> Any:
    volume = make_volume(case)
    case.cluster.snapshot_create(
        base.name_of(volume), VolumeSnapshotDesc(name="theirs")
    )
    return case.snapshot_record(volume), {"source-name": "theirs"}


def listed(case: Case, volume: Any) -> None:
    case.driver.get_manageable_volumes(
        [volume], None, 10, 0, ["size"], ["asc"]
    )


def snapshots_listed(case: Case, both: Any) -> None:
    case.driver.get_manageable_snapshots(
        [both[1]], None, 10, 0, ["size"], ["asc"]
    )


def extend(case: Case, volume: Any) -> None:
    case.driver.extend_volume(volume, 3)


def clone(case: Case, pair: Any) -> None:
    source, record = pair
    case.driver.create_cloned_volume(record, source)


def image_and_record(case: Case) -> Any:
    """A volume that holds an image, as Glance's store leaves it."""
    held = make_volume(
        case,
        project_id=case.admin.project_id,
        metadata={"glance_image_id": IMAGE["id"]},
    )
    return held, make_record(case)


def clone_image(case: Case, pair: Any) -> None:
    held, new = pair
    meta = {**IMAGE, "owner": case.admin.project_id}
    _, cloned = case.driver.clone_image(
        case.admin, new, (f"cinder://{held.id}", []), meta, None
    )
    if not cloned:
        raise WholeCopy


def child(case: Case, three: Any) -> None:
    _, snapshot, record = three
    case.driver.create_volume_from_snapshot(record, snapshot)


def taken(case: Case, pair: Any) -> None:
    case.driver.create_snapshot(pair[1])
