# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where the declarations are to be different, and why.

Four rules hold everywhere: a set is a list without more ado; what the vendor
calls internal may be missing; ``""`` for no name makes a member a plain
string; and words with known values are plain strings in answers.
"""

from typing import Any
from typing import NamedTuple

from storpool_common.api import attachments
from storpool_common.api import types
from storpool_common.api import volumes

#: One structure for several that only their members tell apart: what decodes
#: JSON decides by the type alone.
MERGED: dict[str, tuple[str, ...]] = {
    "AllPeersActiveRequest": (
        "AllPeersActiveRequestsRequest",
        "AllPeersActiveRequestsDiskExpected",
        "AllPeersActiveRequestsDiskStatus",
        "AllPeersActiveRequestsSimpleStats",
    ),
    "DiskSummary": ("UpDiskSummary", "DownDiskSummary", "DiskSummaryBase"),
    "DiskTarget": ("UpDiskTarget", "DownDiskTarget"),
    "ReassignDesc": ("VolumeReassignDesc", "SnapshotReassignDesc"),
    "RemoteBridgeAddDesc": (
        "RemoteBridgeAddLocationDesc",
        "RemoteBridgeAddClusterDesc",
    ),
    "VolumeStatus": ("VolumeStatus", "SnapshotStatus"),
    "VolumeStatusQuick": ("VolumeStatusQuick", "SnapshotStatusQuick"),
}

#: Structures that nobody else names.
STRUCTURES_OF_OURS = {
    # Objects with one member that have no name of their own.
    "ClustersList",
    "ExportsList",
    "LocationsList",
    "RemoteBridgesList",
    "RemoteLocationRemoveDesc",
    "RemoteSnapshotsList",
    "RemoteVolumesList",
    # API 16.01 has its members, but no name for it.
    "AoeTarget",
    # A client reads a name from the answer to VolumeUpdate.
    "ApiOkVolumeUpdate",
    # API 21.0 has a request where 19.01 has none.
    "VolumeDeleteDesc",
    # What others of ours have in common.
    "FromRemoteBase",
    "VolumeOrSnapshotBase",
    # An answer that only a client shows.
    "VolumeOrSnapshot",
    "VolumesAndSnapshotsList",
}

#: Calls that no release of the vendor's bindings declares.
CALLS_OF_OURS = {
    "volumes_and_snapshots_list": "a client asks it",
}


class Deviation(NamedTuple):
    """What a part of a declaration is to be instead, and why."""

    value: Any
    why: str


#: By the call, and the part of it that is different.
CALLS: dict[tuple[str, str], Deviation] = {
    ("disk_info", "until"): Deviation(
        "7.0.0", "7.1.0 dropped it, after the others"
    ),
    ("snapshot_create", "request_required"): Deviation(
        False, "clients take snapshots without a name and without a body"
    ),
    ("volume_delete", "request"): Deviation(
        volumes.VolumeDeleteDesc, "API 21.0 has one"
    ),
    ("volume_update", "answer"): Deviation(
        volumes.ApiOkVolumeUpdate, "a client reads a name from it"
    ),
    ("volumes_reassign_wait", "request"): Deviation(
        attachments.VolumesReassignWaitDesc | list[attachments.ReassignDesc],
        "the bare list is accepted too",
    ),
}

_EMPTY = "empty: an object without a name"
_SUM = "a sum, of which nothing is known but that it is one"
_NO_VOLUME = "a dash stands for no volume"
_NO_DISK = "one number of a union cannot have bounds while another has none"
_CODING = "API 21.0 has erasure coding, spelt in a way that is not known"
#: Names for types.
ALIASES = {
    "DiskIdOrNoDiskId": Deviation(types.DiskIdOrNoDiskId, _NO_DISK),
}
#: By the class that declares a member, and what the API calls it: type,
#: and whether it has to be there.
FIELDS: dict[str, Deviation] = {
    "AllPeersActiveRequest.diskId": Deviation(
        (types.DiskIdOrNoDiskId | None, False), _NO_DISK
    ),
    "AllPeersActiveRequestsRequestPeer.diskId": Deviation(
        (types.DiskIdOrNoDiskId, True), _NO_DISK
    ),
    "AttachmentDesc.volume": Deviation(
        (types.VolumeOrSnapshotName, True), "a snapshot may be attached"
    ),
    "GroupSnapshotSpec.name": Deviation(
        (types.NewSnapshotName | None, False), _EMPTY
    ),
    "ISCSIPortal.port": Deviation(
        (int | str, True), "a string in answers and a number in requests"
    ),
    "SnapshotSummary.onVolume": Deviation((str, True), _NO_VOLUME),
    "SnapshotUpdateDesc.rename": Deviation(
        (types.NewVolumeName | None, False), _EMPTY
    ),
    "VolumeCreateDesc.name": Deviation(
        (types.NewVolumeName | None, False), _EMPTY
    ),
    "VolumeSnapshotDesc.name": Deviation(
        (types.NewVolumeName | None, False), _EMPTY
    ),
    "VolumeOrSnapshotBase.onVolume": Deviation(
        (str | None, False), _NO_VOLUME
    ),
    "VolumeTemplateStatusDesc.size": Deviation((int, True), _SUM),
    "VolumeTemplateStatusDesc.snapshotsWithChildrenSize": Deviation(
        (int | None, False), _SUM
    ),
    "VolumeTemplateStatusDesc.snapshotsWithoutChildrenSize": Deviation(
        (int | None, False), _SUM
    ),
    "VolumeTemplateStatusDesc.totalSize": Deviation((int, True), _SUM),
    "VolumeTemplateStatusDesc.volumesSize": Deviation(
        (int | None, False), _SUM
    ),
    "VolumeUpdateDesc.rename": Deviation(
        (types.NewVolumeName | None, False), _EMPTY
    ),
    **{
        f"{name}.replication": Deviation((types.Redundancy, True), _CODING)
        for name in (
            "Vag",
            "VolumeBalancerAllocationGroup",
            "VolumeBalancerVolumeStatus",
            "VolumeSummaryBase",
            "VolumeTemplateDesc",
            "VolumeTemplateStatusDesc",
        )
    },
}

#: Members that API 19.01 does not have.
FIELDS_OF_OURS = {
    "ClusterStatus.aoeTargets": "API 16.01 has it",
    "GroupSnapshotsResult.ok": "a client wants to see it",
    "VolumePolicyDesc.limitType": "the command line of API 21.0 sets it",
    "VolumeRevertDesc.revertSize": "API 21.0 takes it",
    "VolumeSummaryBase.name": "all that derive from it have one",
}

#: Facts about a name or number that are to be others.
SCALARS: dict[str, Deviation] = {
    "AoeTargetId": Deviation({"min": 1}, "said in words only"),
    "VagId": Deviation(
        {"max": None}, "a bound cannot be larger than 64 bits hold"
    ),
}
