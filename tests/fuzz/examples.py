# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A cluster in which every call has something to do, and what to ask it."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from storpool_common import api
from storpool_simulator.model.switches import Switches
from tests.fuzz import pair
from tests.fuzz import steps
from tests.fuzz import words

#: Nothing ends by itself, and the calls of old are there.
RULES = Switches(
    api_version="16.01", soft_eject_seconds=1e6, scrub_seconds=1e6
)

_MORE = (
    ("VolumeCreate", {"name": "c", "template": "nvme", "size": 1 << 30}),
    ("VolumeSnapshot/c", {"name": "g"}),
    ("VolumeSnapshot/c", {"name": "t"}),
    ("VolumeCreate", {"name": "d", "template": "nvme", "size": 1 << 30}),
    ("VolumeFreeze/d", {}),
    ("VolumeTemplateCreate", {"name": "t", "replication": 1}),
    ("PlacementGroupUpdate/g", {"addDisks": [11, 21]}),
    ("AoeExportVolume/b", {}),
    ("AoeExportSnapshot/s", {}),
)


def prepare(two: pair.Pair) -> None:
    """Make what the examples are about, in a pair that has nothing."""
    _take(two, steps.START)
    for call, document in _MORE:
        pair.must(two.here, call, document)
    # The last is a cluster that does not answer: it would be waited for.
    for more in steps.MORE[:-1]:
        _take(two, more)


def _take(two: pair.Pair, some: Iterable[steps.Step]) -> None:
    for step in some:
        reply = pair.ask(two.here, "POST", step.target, step.body)
        if reply.status != 200:
            raise AssertionError(f"{step}: {reply}")


def path_of(call: api.Call[..., Any]) -> dict[str, Any]:
    """Values of a call's path parameters, of things that are there."""
    said = _PATHS.get(call.python_name, {})
    return {
        name: said.get(name, words.LIKELY[name][0])
        for name in call.path_parameters
    }


_PATHS: Mapping[str, Mapping[str, Any]] = {
    "aoe_export_snapshot": {"snapshot_name": "g"},
    "aoe_export_volume": {"volume_name": "c"},
    "aoe_unexport_volume": {"volume_name": "b"},
    "disk_forget": {"disk_id": 31},
    "disk_ignore": {"disk_id": 31},
    "disk_scrub_continue": {"disk_id": 22},
    "disk_scrub_pause": {"disk_id": 21},
    "kvs_create": {"bucket_name": "b"},
    "placement_group_delete": {"placement_group_name": "g"},
    "snapshot_abandon_disk": {"snapshot_name": "s"},
    "snapshot_delete": {"snapshot_name": "g"},
    "snapshot_move_to_remote": {"snapshot_name": "d"},
    "snapshot_rebase": {"snapshot_name": "t"},
    "volume_delete": {"volume_name": "c"},
    "volume_export": {"volume_name": "c"},
    "volume_freeze": {"volume_name": "c"},
    "volume_move_to_remote": {"volume_name": "c"},
    "volume_rebase": {"volume_name": "c"},
    "volume_revert": {"volume_name": "c"},
    "volume_template_delete": {"template_name": "t"},
    "volume_template_update": {"template_name": "t"},
}
_REMOTE = {"remoteId": f"{words.NEIGHBOUR}.5", "remoteLocation": "sim"}

#: Bodies that are not refused, by the call; others need none.
BODIES: Mapping[str, Any] = {
    "cluster_add": {"location": "a", "id": "z", "name": "z"},
    "cluster_remove": {
        "name": "c",
        "clusterWillNotBeComingBack": True,
    },
    "cluster_rename": {"cluster": "c", "name": "z"},
    "disk_set_desc": {"description": "a disk"},
    "iscsi_config_change": {
        "commands": [{"setBaseName": {"name": "iqn.2026-11.a:c"}}]
    },
    "kvs_update": {"set": {"b": "c"}},
    "location_add": {"id": "z", "name": "z"},
    "location_remove": {"location": "a"},
    "location_rename": {"location": "a", "name": "z"},
    "location_update": {"location": "a", "recvBufferSize": 4096},
    "maintenance_complete": {"nodeId": 3},
    "maintenance_set": {"nodeId": 2, "duration": 60, "description": "a"},
    "placement_group_update": {"addDisks": [12]},
    "remote_bridge_add": {
        "ip": "127.0.0.1:9",
        "publicKey": "a",
        "location": "a",
    },
    "remote_bridge_remove": {"ip": "127.0.0.1:8"},
    "snapshot_abandon_disk": {"diskId": 31},
    "snapshot_create": {"name": "z"},
    "snapshot_create_group": {"volumes": [{"volume": "a"}, {"volume": "c"}]},
    "snapshot_export": {"snapshot": "t", "location": "sim"},
    "snapshot_from_remote": {"template": "t", **_REMOTE},
    "snapshot_move_to_remote": {"cluster": "c"},
    "snapshot_rebase": {},
    "snapshot_unexport": {"snapshot": "s", "location": "sim"},
    "snapshot_update": {"tags": {"a": "b"}},
    "snapshot_update_vag": {"vagId": 5},
    "snapshots_remote_unexport": {
        "remoteSnapshots": [
            {
                "globalSnapshotId": f"{words.NEIGHBOUR}.5",
                "location": "sim",
            }
        ]
    },
    "vag_update": {"vagId": "5", "targetsCount": 4},
    "volume_abandon_disk": {"diskId": 31},
    "volume_acquire": {},
    "volume_backup": {"volume": "a", "location": "sim"},
    "volume_balancer_set_status": {"cmd": "start"},
    "volume_create": {"name": "z", "template": "t", "size": 512},
    "volume_export": {"clusterId": words.NEIGHBOUR},
    "volume_from_remote": {"name": "z", "template": "t", **_REMOTE},
    "volume_move_to_remote": {"cluster": "c"},
    "volume_rebase": {},
    "volume_revert": {"toSnapshot": "t"},
    "volume_template_create": {"name": "z", "replication": 1},
    "volume_template_update": {"iops": 100},
    "volume_update": {"sizeAdd": 512},
    "volume_update_vag": {"vagId": 5},
    "volumes_group_backup": {"volumes": ["a", "c"], "location": "sim"},
    "volumes_reassign": [{"volume": "a", "ro": [3]}],
    "volumes_reassign_wait": {"reassign": [{"snapshot": "s", "ro": [3]}]},
}
