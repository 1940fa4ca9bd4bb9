# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about iSCSI: volumes for hosts that are not StorPool clients."""

import msgspec

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.iscsi_commands import ISCSIConfigChange
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import ISCSIId
from storpool_common.api.types import ISCSIName
from storpool_common.api.types import ISCSIPGName
from storpool_common.api.types import Request
from storpool_common.api.types import VolumeName


class ISCSIExport(Answer):
    """A target that an initiator sees through a portal group."""

    portal_group: ISCSIPGName
    target: ISCSIName


class ISCSIInitiator(Answer):
    """A host that connects.

    :ivar nets: where it may connect from, ``address/prefix``.
    :ivar username: for CHAP; empty for none.
    """

    exports: list[ISCSIExport]
    name: ISCSIName
    nets: list[str]
    secret: str
    username: str


class ISCSIPGNetwork(Answer):
    """A network of a portal group: its address, and bits of the prefix."""

    address: str
    prefix: int


class ISCSIPortal(Answer):
    """An address at which a controller takes connections."""

    controller: ISCSIId
    ip: str
    port: int | str


class ISCSIPortalGroup(Answer):
    """Portals that answer for the same targets, and their networks."""

    name: ISCSIPGName
    networks: list[ISCSIPGNetwork]
    portals: list[ISCSIPortal]


class ISCSITarget(Answer):
    """A volume that is reachable; its only LUN is 0.

    ``name`` is the cluster's choice: read it here after ``createTarget``.
    """

    current_controller_id: int
    name: ISCSIName
    volume: VolumeName


class ISCSIConfigData(Answer):
    """Everything that is configured, by numbers of the cluster."""

    base_name: ISCSIName
    initiators: dict[ISCSIId, ISCSIInitiator]
    portal_groups: dict[int, ISCSIPortalGroup]
    targets: dict[int, ISCSITarget]


class ISCSIConfig(Answer):
    """The configuration."""

    iscsi: ISCSIConfigData


class ISCSIControllersQuery(Request):
    """Whom to ask, and how long to wait.

    :ivar controller_ids: left out, all controllers.
    :ivar msecs_timeout: milliseconds.
    """

    controller_ids: list[ISCSIId] | None = None
    msecs_timeout: int | None = None


class ISCSISessionStats(Answer):
    """Protocol data units since the session began, by their kind."""

    data_in: int
    data_out: int
    login: int
    login_rsp: int
    logout: int
    logout_rsp: int
    nop_in: int
    nop_out: int
    r2t: int
    reject: int
    scsi: int
    scsi_rsp: int
    snack: int
    task: int
    task_rsp: int
    text: int
    text_rsp: int


class ISCSISessionTasks(Answer):
    """How many tasks of a session are in which state."""

    aborted: int
    data_out: int
    data_resp: int
    in_free_list: int
    processing: int
    queued: int


class ISCSISessionTcpStats(Answer):
    """Bytes and packets of a connection since it began."""

    data_holes: int
    discarded_bytes: int
    discarded_packets: int
    new_bytes_in: int
    new_bytes_out: int
    new_packets_in: int
    new_packets_out: int
    retransmits_acks: int
    retransmits_acks2: int
    retransmits_timeout: int
    retransmitted_bytes: int
    retransmitted_packets: int
    total_bytes_in: int
    total_bytes_out: int
    total_packets_in: int
    total_packets_out: int


class ISCSISessionTcp(Answer):
    """The connection of a session; sizes are in bytes."""

    hw_port: int
    initiator_ip: str = msgspec.field(name="initiatorIP")
    initiator_port: int
    local_mss: int = msgspec.field(name="localMSS")
    portal_ip: str = msgspec.field(name="portalIP")
    portal_port: int
    remote_mss: int = msgspec.field(name="remoteMSS")
    remote_window_size: int
    stats: ISCSISessionTcpStats
    wscale: int


class ISCSISessionInfo(Answer):
    """One session, or a controller that did not answer.

    Of the latter only ``controller_id`` and ``status`` are there.
    """

    controller_id: ISCSIId
    status: str
    isid: str | None = msgspec.field(name="ISID", default=None)
    connection_id: int | None = None
    initiator: str | None = None
    stats: ISCSISessionStats | None = None
    target: str | None = None
    tasks: ISCSISessionTasks | None = None
    tcp: ISCSISessionTcp | None = None
    time_created: int | None = None


class ISCSISessionsInfo(Answer):
    """The sessions of all controllers that were asked."""

    sessions: list[ISCSISessionInfo]


class ISCSIControllerInterfaceInfo(Answer):
    """One network interface."""

    mac: str = msgspec.field(name="MAC")
    interface_name: str
    port: int
    resolve_interface_name: str
    state: str


class ISCSIControllerIntefacesInfo(Answer):
    """The interfaces of a controller; none if it did not answer."""

    controller_id: ISCSIId
    status: str
    interfaces: list[ISCSIControllerInterfaceInfo] | None = None


class ISCSIControllersIntefacesInfo(Answer):
    """The interfaces of all controllers that were asked."""

    controllers: list[ISCSIControllerIntefacesInfo]


class ISCSICalls:
    """Targets, initiators, portals and who is connected."""

    @get("iSCSIConfig", since="4.0.0")
    def iscsi_config(self) -> ISCSIConfig:
        """The whole configuration."""

    @post("iSCSIConfig", since="4.0.0")
    def iscsi_config_change(self, request: ISCSIConfigChange) -> ApiOk:
        """Carry out commands, all or none.

        What is there already: ``ObjectExists``; what is not there:
        ``ObjectDoesNotExist``; a target that has exports cannot be deleted:
        ``InvalidParam``.
        """

    @get("iSCSISessionsInfo", since="5.5.0")
    def iscsi_sessions_info(
        self, request: ISCSIControllersQuery | None = None
    ) -> ISCSISessionsInfo:
        """Who is connected now; asks the controllers."""

    @get("iSCSInterfacesInfo", since="5.5.0")
    def iscsi_interfaces_info(
        self, request: ISCSIControllersQuery | None = None
    ) -> ISCSIControllersIntefacesInfo:
        """The network interfaces; asks the controllers."""
