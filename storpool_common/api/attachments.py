# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about attachments: which client has which object, and how."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import AttachmentPos
from storpool_common.api.types import ClientId
from storpool_common.api.types import ClusterId
from storpool_common.api.types import DetachClientsList
from storpool_common.api.types import GlobalVolumeId
from storpool_common.api.types import McMode
from storpool_common.api.types import OnAttached
from storpool_common.api.types import RemoteClusterName
from storpool_common.api.types import Request
from storpool_common.api.types import SnapshotNameOrGlobalId
from storpool_common.api.types import VolumeNameOrGlobalId
from storpool_common.api.types import VolumeOrSnapshotName


class AttachmentDesc(Answer):
    """One object attached to one client; ``rights`` is rw or ro."""

    volume: VolumeOrSnapshotName
    snapshot: bool
    client: ClientId
    rights: str
    pos: AttachmentPos
    global_id: GlobalVolumeId | None = None
    cluster: RemoteClusterName | None = None
    cluster_id: ClusterId | None = None


class ReassignDesc(Request):
    """Changes to the attachments of one volume or snapshot.

    Exactly one of ``volume`` and ``snapshot`` is given; a snapshot takes
    ``ro`` only. ``detach: "all"`` with ``rw: [n]`` leaves n alone attached,
    in one step.

    :ivar force: detach even where the device is open.
    """

    volume: VolumeNameOrGlobalId | None = None
    snapshot: SnapshotNameOrGlobalId | None = None
    rw: list[ClientId] | None = None
    ro: list[ClientId] | None = None
    detach: DetachClientsList | None = None
    force: bool | None = None
    allow_remote_exported: bool | None = None
    mc_mode: McMode | None = None
    on_remote_attached: OnAttached | None = None

    def __post_init__(self) -> None:
        if (self.volume is None) == (self.snapshot is None):
            raise ValueError("give either volume or snapshot")
        if self.snapshot is not None and self.rw:
            raise ValueError("a snapshot cannot be attached rw")


class VolumesReassignWaitDesc(Request):
    """Changes, and how long to wait for clients that are not there.

    :ivar attach_timeout: seconds; left out, wait for ever; 0, do not wait.
    """

    reassign: list[ReassignDesc]
    attach_timeout: int | None = None


class AttachmentCalls:
    """Attachments: any number of clients may hold one object."""

    @get("AttachmentsList", multicluster=True)
    def attachments_list(self) -> list[AttachmentDesc]:
        """Every attachment of the cluster."""

    @post("VolumesReassign", multicluster=True)
    def volumes_reassign(self, request: list[ReassignDesc]) -> ApiOk:
        """Attach, detach or change rights; returns once recorded."""

    @post("VolumesReassignWait", multicluster=True, since="3.0.0")
    def volumes_reassign_wait(
        self, request: VolumesReassignWaitDesc | list[ReassignDesc]
    ) -> ApiOk:
        """The same, and wait until the clients have applied it.

        A detach where the device is open is refused as busy, unless
        ``force`` is set. With several elements it is all or nothing.
        """
