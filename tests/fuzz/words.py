# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The values that fuzzing tries: few, so that calls meet the same objects."""

CLUSTER = "sim.b"
#: Another cluster of the same location, which answers.
NEIGHBOUR = "sim.c"
INITIATOR = "iqn.2026-11.a:b"

#: What some type or other takes as a text.
WORDS = (
    *("a", "b", "s", "c", "d", "g", "t", "v", "w", "sim", "simulator"),
    *("hybrid", "nvme", "default"),
    *(f"~{CLUSTER}.{number}" for number in range(4, 12)),
    *(f"{CLUSTER}.{number}" for number in range(4, 12)),
    *(f"~{NEIGHBOUR}.{number}" for number in (4, 5)),
    *(f"{NEIGHBOUR}.{number}" for number in (4, 5)),
    *("*a", "*s", "a@b", "#a", "", "list", "status", CLUSTER, "other.b"),
    *(INITIATOR, "eth0", "a" * 199, "a" * 200),
)
#: For texts of any kind; nothing here is the address of another machine.
FREE = (
    *("", "a", "127.0.0.1:9", "127.0.0.1", "127.0.0.1/24"),
    *("0.0.0.0/0", "::1", "\0", "é"),
)
NUMBERS = (
    *(-1, 0, 1, 2, 3, 4, 5, 7, 11, 12, 21, 63, 64, 100, 512, 1024, 4095),
    *(4096, 1 << 20, 1 << 30, 1 << 40, (1 << 63) - 512, 1 << 62),
    *(1_795_000_000, 4_294_967_294, 1 << 32),
)

_VOLUMES = ("a", "b", "a", "b", "v", f"~{CLUSTER}.4", f"~{CLUSTER}.6")
_SNAPSHOTS = ("s", "s", "w", f"~{CLUSTER}.5", f"~{CLUSTER}.8")
_GLOBAL_IDS = (f"{CLUSTER}.5", f"{NEIGHBOUR}.5", f"{CLUSTER}.8")
_TEMPLATES = ("hybrid", "nvme", "t")
_GROUPS = ("default", "default", "g")
_DISKS = (11, 12, 21, 22, 31, 32)
_MACHINES = (1, 2, 3)
_LOCATIONS = ("sim", "sim", "a")
_CLUSTERS = ("c", "c", "b")
_VAGS = (5, "5", 4, "4")

#: What is there, or may well be, by the names of members and of parameters.
LIKELY: dict[str, tuple[str | int, ...]] = {
    "addDisks": _DISKS,
    "aoe_target_id": (1,),
    "baseOn": _VOLUMES,
    "bucket_name": ("a",),
    "client_id": _MACHINES,
    "cluster": _CLUSTERS,
    "clusterId": (NEIGHBOUR, NEIGHBOUR, "a.b"),
    "controller": _MACHINES,
    "controllerIds": _MACHINES,
    "deleteAfter": (0, 10),
    "detach": _MACHINES,
    "diskId": _DISKS,
    "disk_id": _DISKS,
    "duration": (60, 100_000),
    "globalSnapshotId": _GLOBAL_IDS,
    "global_volume_id": _GLOBAL_IDS,
    "initiator": (INITIATOR,),
    "key_name": ("a",),
    "location": _LOCATIONS,
    "msecsTimeout": (100,),
    "name": ("a", "b", "s", "c", "g", "t", INITIATOR),
    "net": ("127.0.0.1/24", "0.0.0.0/0"),
    "nodeId": _MACHINES,
    "parent": _SNAPSHOTS,
    "parentName": _SNAPSHOTS,
    "placeAll": _GROUPS,
    "placeHead": _GROUPS,
    "placeTail": _GROUPS,
    "placement_group_name": _GROUPS,
    "port": (3260,),
    "portalGroup": ("g",),
    "remote": _CLUSTERS,
    "remoteId": _GLOBAL_IDS,
    "remoteLocation": _LOCATIONS,
    "replication": (1, 2, 3),
    "rmDisks": _DISKS,
    "ro": _MACHINES,
    "runIfVersionIs": (0, 1, 2),
    "rw": _MACHINES,
    "server_id": _MACHINES,
    "size": (1 << 30, 1 << 31),
    "sizeAdd": (1 << 30, 512),
    "snapshot": _SNAPSHOTS,
    "snapshot_name": _SNAPSHOTS,
    "template": _TEMPLATES,
    "template_name": _TEMPLATES,
    "toSnapshot": _SNAPSHOTS,
    "vagId": _VAGS,
    "vag_name": _VAGS,
    "volume": _VOLUMES,
    "volumeName": _VOLUMES,
    "volume_name": _VOLUMES,
    "volumes": _VOLUMES,
}
