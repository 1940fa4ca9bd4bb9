# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The StorPool API, declared once for the client and the simulator.

One module a family of calls; in each the structures, and a class whose
methods are the calls. :class:`Calls` has them all and :data:`CALLS` lists
them by their Python names.
"""

from collections.abc import Mapping
from typing import Any

from storpool_common.api.active_requests import ActiveRequestCalls
from storpool_common.api.aoe import AoeCalls
from storpool_common.api.attachments import AttachmentCalls
from storpool_common.api.balancer import BalancerCalls
from storpool_common.api.call import Call
from storpool_common.api.disks import DiskCalls
from storpool_common.api.exports import ExportCalls
from storpool_common.api.iscsi import ISCSICalls
from storpool_common.api.kv import KeyValueCalls
from storpool_common.api.maintenance import MaintenanceCalls
from storpool_common.api.moves import MoveCalls
from storpool_common.api.peers import PeerCalls
from storpool_common.api.placement_groups import PlacementGroupCalls
from storpool_common.api.remote import RemoteCalls
from storpool_common.api.services import ServiceCalls
from storpool_common.api.snapshots import SnapshotCalls
from storpool_common.api.statuses import StatusCalls
from storpool_common.api.templates import TemplateCalls
from storpool_common.api.vags import VagCalls
from storpool_common.api.volumes import VolumeCalls

#: Where the calls live on a server.
URL_PREFIX = "/ctrl/1.0/"
#: What precedes a call that may look beyond its own cluster.
MULTICLUSTER_PREFIX = "MultiCluster/"


class Calls(
    ServiceCalls,
    PeerCalls,
    ActiveRequestCalls,
    DiskCalls,
    VolumeCalls,
    SnapshotCalls,
    StatusCalls,
    AttachmentCalls,
    PlacementGroupCalls,
    VagCalls,
    TemplateCalls,
    BalancerCalls,
    ISCSICalls,
    RemoteCalls,
    ExportCalls,
    MoveCalls,
    MaintenanceCalls,
    KeyValueCalls,
    AoeCalls,
):
    """Every call that is declared."""


CALLS: Mapping[str, Call[..., Any]] = {
    call.python_name: call
    for family in Calls.__mro__
    for call in vars(family).values()
    if isinstance(call, Call)
}
