# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Commands that change the iSCSI configuration, in order, all or none."""

from storpool_common.api.types import ISCSIId
from storpool_common.api.types import ISCSIName
from storpool_common.api.types import ISCSIPGName
from storpool_common.api.types import Request
from storpool_common.api.types import VolumeName


class ISCSICommandSetBaseName(Request):
    """What the names of all targets begin with."""

    name: ISCSIName


class ISCSICommandCreatePortalGroup(Request):
    """A set of portals that answer for the same targets."""

    name: ISCSIPGName


class ISCSICommandDeletePortalGroup(Request):
    """A portal group that is not needed any more."""

    name: ISCSIPGName


class ISCSICommandPortalGroupAddNetwork(Request):
    """A network of a portal group.

    :ivar net: address of the group in it and length of the prefix,
        ``192.0.2.1/24``.
    """

    net: str
    portal_group: ISCSIPGName


class ISCSICommandCreatePortal(Request):
    """An address at which a controller takes connections.

    :ivar port: TCP port; left out, 3260.
    """

    controller: ISCSIId
    ip: str
    portal_group: ISCSIPGName
    port: int | None = None


class ISCSICommandDeletePortal(Request):
    """An address to give up."""

    ip: str
    port: int | None = None


class ISCSICommandCreateTarget(Request):
    """A volume to be reachable over iSCSI."""

    volume_name: VolumeName


class ISCSICommandDeleteTarget(Request):
    """A volume that is not to be reachable any more; first end its exports."""

    volume_name: VolumeName


class ISCSICommandCreateInitiator(Request):
    """A host that connects.

    :ivar username: for CHAP; empty, with an empty ``secret``, for none.
    """

    name: ISCSIName
    secret: str
    username: str


class ISCSICommandDeleteInitiator(Request):
    """A host that does not connect any more."""

    name: ISCSIName


class ISCSICommandInitiatorAddNetwork(Request):
    """Where an initiator may connect from.

    :ivar net: address and length of the prefix; ``0.0.0.0/0`` for anywhere.
    """

    initiator: ISCSIName
    net: str


class ISCSICommandExport(Request):
    """A target to show to an initiator through a portal group."""

    initiator: ISCSIName
    portal_group: ISCSIPGName
    volume_name: VolumeName


class ISCSICommandExportDelete(Request):
    """An export to end."""

    initiator: ISCSIName
    portal_group: ISCSIPGName
    volume_name: VolumeName


class ISCSIConfigCommand(Request):
    """One command: exactly one member is given."""

    create_initiator: ISCSICommandCreateInitiator | None = None
    create_portal: ISCSICommandCreatePortal | None = None
    create_portal_group: ISCSICommandCreatePortalGroup | None = None
    create_target: ISCSICommandCreateTarget | None = None
    delete_initiator: ISCSICommandDeleteInitiator | None = None
    delete_portal: ISCSICommandDeletePortal | None = None
    delete_portal_group: ISCSICommandDeletePortalGroup | None = None
    delete_target: ISCSICommandDeleteTarget | None = None
    export: ISCSICommandExport | None = None
    export_delete: ISCSICommandExportDelete | None = None
    initiator_add_network: ISCSICommandInitiatorAddNetwork | None = None
    portal_group_add_network: ISCSICommandPortalGroupAddNetwork | None = None
    set_base_name: ISCSICommandSetBaseName | None = None

    def __post_init__(self) -> None:
        given = [getattr(self, name) for name in self.__struct_fields__]
        if len(given) - given.count(None) != 1:
            raise ValueError("give exactly one command")


class ISCSIConfigChange(Request):
    """Commands, carried out in this order."""

    commands: list[ISCSIConfigCommand]
