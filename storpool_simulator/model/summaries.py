# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How objects look in answers."""

from typing import Any

from storpool_common.api.volumes import VolumeSummary
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
    return members(state, snapshot) | {
        "on_volume": _on_volume(state, snapshot),
        "auto_name": snapshot.auto_name,
        "bound": snapshot.bound,
        "deleted": snapshot.deleted,
        "transient": snapshot.transient,
        "backup": snapshot.backup,
        "backup_of_global_id": snapshot.origin if snapshot.backup else None,
        "destroyed": False,
        "created_from_global_id": snapshot.origin or None,
        "created_from_visible_volume_id": snapshot.origin_number or None,
        "target_delete_date": snapshot.delete_at,
    }


def _on_volume(state: State, snapshot: Snapshot) -> str:
    """The volume whose parent it is; any, where there are several."""
    for child in state.indexes.children(snapshot.global_id):
        if isinstance(state.objects[child], Volume):
            return state.objects[child].shown_name
    return "-"
