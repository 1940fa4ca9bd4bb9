# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about nodes in maintenance: they may go down and nobody is alarmed."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import Request


class MaintenanceNodeDesc(Answer):
    """A node in maintenance.

    :ivar duration: seconds that it was said to take.
    :ivar started: Unix time.
    :ivar remaining: seconds; none when it takes longer than it was to.
    :ivar overrun: whether it does.
    """

    description: str
    duration: int
    node_id: int
    overrun: bool
    started: int
    remaining: int | None = None


class MaintenanceNodesList(Answer):
    """All nodes in maintenance."""

    nodes: list[MaintenanceNodeDesc]


class MaintenanceSetDesc(Request):
    """A node that is to be in maintenance, and what must hold meanwhile.

    :ivar duration: seconds.
    :ivar max_nodes_in_maintenance: this one included.
    :ivar max_replication_decrease: copies that any data may lack.
    :ivar min_ok_replicas: copies that all data must still have.
    :ivar voting_safety_margin: nodes beyond the quorum that must stay.
    """

    description: str
    duration: int
    node_id: int
    max_nodes_in_maintenance: int | None = None
    max_replication_decrease: int | None = None
    min_ok_replicas: int | None = None
    voting_safety_margin: int | None = None


class MaintenanceCompleteDesc(Request):
    """A node that is back."""

    node_id: int


class MaintenanceCalls:
    """Maintenance of nodes."""

    @get("MaintenanceList", since="5.5.0")
    def maintenance_list(self) -> MaintenanceNodesList:
        """The nodes that are in maintenance."""

    @post("MaintenanceSet", since="5.5.0")
    def maintenance_set(self, request: MaintenanceSetDesc) -> ApiOk:
        """Begin it; refused where it costs more than the request allows."""

    @post("MaintenanceComplete", since="5.5.0")
    def maintenance_complete(self, request: MaintenanceCompleteDesc) -> ApiOk:
        """End it."""
