# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster remembers of its iSCSI configuration."""

from typing import ClassVar

from storpool_simulator.model.records import Record


class IscsiBase(Record, frozen=True, kw_only=True):
    """What the names of all targets begin with."""

    table: ClassVar[str] = "iscsi_base"

    name: str

    @property
    def key(self) -> str:
        return ""


class IscsiGroup(Record, frozen=True, kw_only=True):
    """A portal group.

    :ivar networks: address of the group and bits of the prefix of each.
    :ivar portals: controller, address and port of each.
    """

    table: ClassVar[str] = "iscsi_groups"

    number: int
    name: str
    networks: tuple[tuple[str, int], ...] = ()
    portals: tuple[tuple[int, str, int], ...] = ()

    @property
    def key(self) -> str:
        return self.name


class IscsiInitiator(Record, frozen=True, kw_only=True):
    """A host that connects."""

    table: ClassVar[str] = "iscsi_initiators"

    number: int
    name: str
    username: str
    secret: str
    nets: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.name


class IscsiTarget(Record, frozen=True, kw_only=True):
    """A volume that is reachable."""

    table: ClassVar[str] = "iscsi_targets"

    number: int
    global_id: str
    name: str

    @property
    def key(self) -> str:
        return self.global_id


class IscsiExport(Record, frozen=True, kw_only=True):
    """A target that an initiator sees through a portal group."""

    table: ClassVar[str] = "iscsi_exports"

    initiator: str
    group: str
    global_id: str

    @property
    def key(self) -> str:
        return f"{self.initiator}|{self.group}|{self.global_id}"


class IscsiSession(Record, frozen=True, kw_only=True):
    """An initiator that is logged in; ``created`` is Unix time."""

    table: ClassVar[str] = "iscsi_sessions"

    number: int
    initiator: str
    group: str
    global_id: str
    controller: int
    created: int

    @property
    def key(self) -> str:
        return str(self.number)
