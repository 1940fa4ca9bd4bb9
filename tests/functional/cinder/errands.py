# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a service of ``service`` may be asked to do.

Each takes the service and ids by what they are of, and returns more of them.
"""

import dataclasses
from typing import Any
import uuid

from cinder import context
from cinder import objects
from cinder.objects import fields
from cinder.volume import group_types
from cinder.volume import manager

CLUSTER = "cloud@storpool"
POOL = "template_hybrid"
OTHER_POOL = "template_nvme"

#: What is handed on from one to the next.
Ids = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Service:
    """A running cinder-volume."""

    manager: manager.VolumeManager
    admin: context.RequestContext
    number: int

    def volume(self, volume_id: str) -> objects.Volume:
        """A volume's record as it is now."""
        return objects.Volume.get_by_id(self.admin, volume_id)

    def snapshot(self, snapshot_id: str) -> objects.Snapshot:
        """The same of a snapshot."""
        return objects.Snapshot.get_by_id(self.admin, snapshot_id)


def make_types(running: Service, ids: Ids) -> Ids:
    """Volume types of two templates, and a group type."""
    made = {}
    for name, template in (("type", "hybrid"), ("other_type", "nvme")):
        each = objects.VolumeType(
            running.admin,
            name=template,
            extra_specs={"storpool_template": template},
            is_public=True,
            projects=[],
            description="",
        )
        each.create()
        made[name] = str(each.id)
    consistent = {"consistent_group_snapshot_enabled": "<is> True"}
    group_type = group_types.create(running.admin, "consistent", consistent)
    return {**made, "group_type": str(group_type.id)}


def _record(running: Service, ids: Ids, **said: Any) -> objects.Volume:
    made = objects.Volume(
        running.admin,
        host=f"host{running.number}@storpool#{POOL}",
        cluster_name=f"{CLUSTER}#{POOL}",
        volume_type_id=ids["type"],
        **{
            "size": 1,
            "status": "creating",
            "attach_status": fields.VolumeAttachStatus.DETACHED,
            "user_id": running.admin.user_id,
            "project_id": running.admin.project_id,
            "migration_status": None,
            **said,
        },
    )
    made.create()
    return made


def record_volume(running: Service, ids: Ids) -> Ids:
    """A record that nothing is behind yet."""
    return {"new": str(_record(running, ids).id)}


def record_clone(running: Service, ids: Ids) -> Ids:
    """The same, to be a clone."""
    made = _record(running, ids, source_volid=ids["volume"])
    return {"new": str(made.id)}


def record_child(running: Service, ids: Ids) -> Ids:
    """The same, to be of a snapshot."""
    made = _record(running, ids, snapshot_id=ids["snapshot"])
    return {"new": str(made.id)}


def create_new(running: Service, ids: Ids) -> None:
    """Make the volume of a record, also where that was begun before."""
    volume = running.volume(ids["new"])
    volume.status = "creating"
    volume.save()
    running.manager.create_volume(
        running.admin, volume, allow_reschedule=False
    )


def make_volume(running: Service, ids: Ids) -> Ids:
    """A volume."""
    made = {**ids, **record_volume(running, ids)}
    create_new(running, made)
    return {"volume": made["new"]}


def make_target(running: Service, ids: Ids) -> Ids:
    """A volume that data has been migrated into."""
    return {"target": make_volume(running, ids)["volume"]}


def delete_volume(running: Service, ids: Ids) -> None:
    """Delete the volume, also where that was begun before."""
    volumes = objects.VolumeList.get_all(running.admin)
    for volume in volumes:
        if volume.id == ids["volume"]:
            volume.status = "deleting"
            volume.save()
            running.manager.delete_volume(running.admin, volume)


def delete_new(running: Service, ids: Ids) -> None:
    """Delete what was made."""
    delete_volume(running, {"volume": ids["new"]})


def record_snapshot(running: Service, ids: Ids) -> Ids:
    """A snapshot's record."""
    made = objects.Snapshot(
        running.admin,
        volume_id=ids["volume"],
        volume_size=1,
        volume_type_id=ids["type"],
        user_id=running.admin.user_id,
        project_id=running.admin.project_id,
        status="creating",
        display_name="",
    )
    made.create()
    return {"snapshot": str(made.id)}


def create_snapshot(running: Service, ids: Ids) -> None:
    """Take the snapshot, also where that was begun before."""
    snapshot = running.snapshot(ids["snapshot"])
    snapshot.status = "creating"
    snapshot.save()
    running.manager.create_snapshot(running.admin, snapshot)


def delete_snapshot(running: Service, ids: Ids) -> None:
    """Delete the snapshot."""
    running.manager.delete_snapshot(
        running.admin, running.snapshot(ids["snapshot"])
    )


def extend(running: Service, ids: Ids) -> None:
    """Make the volume larger."""
    volume = running.volume(ids["volume"])
    volume.update({"status": "extending", "previous_status": "available"})
    volume.save()
    running.manager.extend_volume(running.admin, volume, 2, [])


def revert(running: Service, ids: Ids) -> None:
    """Take the volume back."""
    volume, snapshot = (
        running.volume(ids["volume"]),
        running.snapshot(ids["snapshot"]),
    )
    volume.status = "reverting"
    volume.save()
    snapshot.status = "restoring"
    snapshot.save()
    running.manager.revert_to_snapshot(running.admin, volume, snapshot)


def retype(running: Service, ids: Ids) -> None:
    """Give the volume another type, without copying."""
    volume = running.volume(ids["volume"])
    volume.update({"status": "retyping", "previous_status": "available"})
    volume.save()
    running.manager.retype(
        running.admin,
        volume,
        ids["other_type"],
        {"host": f"host{running.number}@storpool#{OTHER_POOL}"},
    )


def migrate(running: Service, ids: Ids) -> None:
    """Put the volume into another pool, without copying."""
    moved, _ = running.manager.driver.migrate_volume(
        running.admin,
        running.volume(ids["volume"]),
        {
            "host": f"host{running.number}@storpool#{OTHER_POOL}",
            "cluster_name": f"{CLUSTER}#{OTHER_POOL}",
        },
    )
    if not moved:
        raise RuntimeError("it would be copied")


def complete_migration(running: Service, ids: Ids) -> None:
    """End a migration whose data has been copied into the target."""
    found = {each.id for each in objects.VolumeList.get_all(running.admin)}
    if ids["target"] not in found:
        return
    volume, new = running.volume(ids["volume"]), running.volume(ids["target"])
    if volume.migration_status == "success":
        delete_volume(running, {"volume": new.id})
        return
    volume.update(
        {"migration_status": "migrating", "previous_status": volume.status}
    )
    volume.save()
    new.update({"migration_status": f"target:{volume.id}"})
    new.save()
    running.manager.migrate_volume_completion(running.admin, volume, new)


def make_group(running: Service, ids: Ids) -> Ids:
    """A group of two volumes, and the records of a snapshot of it."""
    group = objects.Group(
        running.admin,
        host=f"host{running.number}@storpool#{POOL}",
        cluster_name=f"{CLUSTER}#{POOL}",
        group_type_id=ids["group_type"],
        volume_type_ids=[ids["type"]],
        user_id=running.admin.user_id,
        project_id=running.admin.project_id,
        status="available",
        name="group",
    )
    group.create()
    members = [make_volume(running, ids)["volume"] for _ in range(2)]
    for member in members:
        volume = running.volume(member)
        volume.group_id = group.id
        volume.save()
    return {"group": str(group.id), "members": members}


def record_group_snapshot(running: Service, ids: Ids) -> Ids:
    """The records of a snapshot of the group."""
    made = objects.GroupSnapshot(
        running.admin,
        group_id=ids["group"],
        group_type_id=ids["group_type"],
        user_id=running.admin.user_id,
        project_id=running.admin.project_id,
        status="creating",
        name=str(uuid.uuid4()),
    )
    made.create()
    snapshots = []
    for member in ids["members"]:
        taken = record_snapshot(running, {**ids, "volume": member})
        snapshot = running.snapshot(taken["snapshot"])
        snapshot.group_snapshot_id = made.id
        snapshot.save()
        snapshots.append(str(snapshot.id))
    return {"group_snapshot": str(made.id), "snapshots": snapshots}


def create_group_snapshot(running: Service, ids: Ids) -> None:
    """Take the snapshots of the group."""
    running.manager.create_group_snapshot(
        running.admin,
        objects.GroupSnapshot.get_by_id(running.admin, ids["group_snapshot"]),
    )


def record_copies(running: Service, ids: Ids) -> Ids:
    """The records of a copy of the group."""
    return {"copies": [str(_record(running, ids).id) for _ in ids["members"]]}


def copy_group(running: Service, ids: Ids) -> None:
    """Copy the group as it is."""
    group = objects.Group.get_by_id(running.admin, ids["group"])
    running.manager.driver.create_group_from_src(
        running.admin,
        group,
        [running.volume(each) for each in ids["copies"]],
        source_group=group,
        source_vols=[running.volume(each) for each in ids["members"]],
    )


def copy_group_snapshot(running: Service, ids: Ids) -> None:
    """Make the group's copy of the snapshot of it."""
    running.manager.driver.create_group_from_src(
        running.admin,
        objects.Group.get_by_id(running.admin, ids["group"]),
        [running.volume(each) for each in ids["copies"]],
        group_snapshot=objects.GroupSnapshot.get_by_id(
            running.admin, ids["group_snapshot"]
        ),
        snapshots=[running.snapshot(each) for each in ids["snapshots"]],
    )


def unmanage(running: Service, ids: Ids) -> None:
    """Leave the volume to the cluster."""
    running.manager.driver.unmanage(running.volume(ids["volume"]))


def manage(running: Service, ids: Ids) -> None:
    """Take what was left under management."""
    running.manager.driver.manage_existing(
        running.volume(ids["new"]),
        {"source-name": f"os-unmanaged--{ids['volume']}"},
    )


def clean_up(running: Service, ids: Ids) -> Ids:
    """Clean up after service 1, as an operator tells the cluster to."""
    request = objects.CleanupRequest(running.admin, service_id=1)
    running.manager.do_cleanup(running.admin, request)
    return {
        "statuses": {
            str(volume.id): volume.status
            for volume in objects.VolumeList.get_all(running.admin)
        }
    }


def look(running: Service, ids: Ids) -> Ids:
    """Which object each record's data is in."""
    return {
        "objects": {
            str(volume.id): str(volume.name_id)
            for volume in objects.VolumeList.get_all(running.admin)
        }
    }


def forget(running: Service, ids: Ids) -> None:
    """Take the records of all volumes and snapshots away."""
    for found in (objects.SnapshotList, objects.VolumeList):
        for each in found.get_all(running.admin, filters={}):
            each.destroy()
