# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How objects look in answers."""

from typing import Any

from storpool_common.api.snapshots import SnapshotSummary
from storpool_common.api.statuses import VolumeStatusQuick
from storpool_common.api.volumes import VolumeChainStat
from storpool_common.api.volumes import VolumeInfo
from storpool_common.api.volumes import VolumeSummary
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import OBJECT_SIZE
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Volume
from storpool_simulator.model.state import State


def objects_count(target: StoredObject) -> int:
    """How many 32 MiB objects a volume or snapshot is divided in."""
    return -(-target.size // OBJECT_SIZE)


def members(state: State, target: StoredObject) -> dict[str, Any]:
    """What a volume's and a snapshot's answer have in common."""
    policy = target.policy
    parent = state.objects.get(target.parent)
    return {
        "name": target.shown_name,
        "global_id": target.global_id,
        "visible_volume_id": target.number,
        "id": target.number,
        "size": target.size,
        "parent_name": parent.shown_name if parent else "",
        "parent_volume_id": parent.number if parent else 0,
        "template_name": target.template,
        "place_all": policy.place_all,
        "place_tail": policy.place_tail,
        "place_head": policy.place_head,
        "replication": policy.replication,
        "iops": policy.iops,
        "bw": policy.bw,
        "limit_type": policy.limit_type,
        "reuse_server": policy.reuse_server,
        "objects_count": objects_count(target),
        "creation_timestamp": target.created,
        "tags": target.tags,
        "cluster_id": state.cluster.id,
        "cluster_name": state.cluster.name,
        "flags": 0,
    }


def volume_summary(state: State, volume: Volume) -> VolumeSummary:
    """One volume in a list."""
    return VolumeSummary(**members(state, volume))


def snapshot_members(state: State, snapshot: Snapshot) -> dict[str, Any]:
    """What the answers about a snapshot have in common."""
    children = state.children(snapshot.global_id)
    volumes = [child for child in children if isinstance(child, Volume)]
    return members(state, snapshot) | {
        "on_volume": volumes[0].shown_name if volumes else "-",
        "auto_name": snapshot.auto_name,
        "bound": snapshot.bound,
        "deleted": False,
        "transient": snapshot.transient,
        "recovering_from_remote": False,
        "backup": False,
        "destroyed": False,
        "created_from_global_id": snapshot.origin or None,
        "created_from_visible_volume_id": snapshot.origin_number or None,
        "target_delete_date": snapshot.delete_at,
    }


def snapshot_summary(state: State, snapshot: Snapshot) -> SnapshotSummary:
    """One snapshot in a list."""
    return SnapshotSummary(**snapshot_members(state, snapshot))


def volume_info(state: State, volume: Volume) -> VolumeInfo:
    """One volume, its objects spread evenly over its disks."""
    count = objects_count(volume)
    group = state.all(Group).get(volume.policy.place_all or "")
    disks = list(group.disks) if group is not None else []
    copies = volume.policy.replication or 1
    share = -(-count * copies // len(disks)) if disks else 0
    chains = [VolumeChainStat(count=count, disks=disks[:copies])]
    return VolumeInfo(
        **members(state, volume),
        disks_count=len(disks),
        objects_per_chain=chains,
        objects_per_disk=dict.fromkeys(disks, share),
        objects_per_disk_set=chains,
    )


def quick_status(state: State, target: StoredObject) -> VolumeStatusQuick:
    """An object is always available here."""
    look = (
        snapshot_members(state, target)
        if isinstance(target, Snapshot)
        else members(state, target)
    )
    return VolumeStatusQuick(
        **look,
        status="up",
        snapshot=isinstance(target, Snapshot),
        balancer_blocked=False,
        decreased_redundancy=False,
        migrating=False,
        down_bytes=0,
        down_drives=[],
        missing_drives=[],
        missing_target_drives=[],
        soft_ejecting_drives=[],
        syncing_data_bytes=0,
        syncing_meta_objects=0,
        up_soon_chains_count=0,
    )
