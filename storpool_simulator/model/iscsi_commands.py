# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that change the iSCSI configuration, one method each."""

import ipaddress

import msgspec

from storpool_common.api import iscsi_commands as wanted
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.iscsi_records import IscsiBase
from storpool_simulator.model.iscsi_records import IscsiExport
from storpool_simulator.model.iscsi_records import IscsiGroup
from storpool_simulator.model.iscsi_records import IscsiInitiator
from storpool_simulator.model.iscsi_records import IscsiSession
from storpool_simulator.model.iscsi_records import IscsiTarget
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Volume
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing
from storpool_simulator.refusal import Refusal

_PORT = 3260


class Commands:
    """Carries out commands; each is refused before it changes anything."""

    def __init__(self, state: State, machines: Machines, rules: Rules) -> None:
        self._state = state
        self._machines = machines
        self._rules = rules

    @property
    def base_name(self) -> str:
        """What the names of new targets begin with."""
        base = self._state.all(IscsiBase).get("")
        if base is not None:
            return base.name
        return f"iqn.2026-11.simulator:{self._state.cluster.id}"

    def carry_out(self, command: wanted.ISCSIConfigCommand) -> None:
        """Carry out the one command that is given."""
        for name in command.__struct_fields__:
            given = getattr(command, name)
            if given is not None:
                getattr(self, f"_{name}")(given)

    def require_not_exported(self, volume: StoredObject, doing: str) -> None:
        """Refuse what a volume with a target does not allow."""
        target = self._state.all(IscsiTarget).get(volume.global_id)
        if target is None:
            return
        raise Refusal(
            self._rules.now.delete_exported,
            f"volume '{volume.shown_name}' is iSCSI target {target.name} and"
            f" cannot be {doing}",
            status=409,
        )

    def _leave(self, kind: str, name: str) -> None:
        """Leave what is there already alone, or refuse to make it again."""
        if self._rules.now.iscsi_again == "objectExists":
            raise exists(kind, name)

    def _set_base_name(self, command: wanted.ISCSICommandSetBaseName) -> None:
        self._state.put(IscsiBase(name=command.name))

    def _group(self, name: str) -> IscsiGroup:
        found = self._state.all(IscsiGroup).get(name)
        if found is None:
            raise missing("portal group", name)
        return found

    def _initiator(self, name: str) -> IscsiInitiator:
        found = self._state.all(IscsiInitiator).get(name)
        if found is None:
            raise missing("initiator", name)
        return found

    def _volume_target(self, name: str) -> tuple[Volume, IscsiTarget]:
        volume = self._state.volume(name)
        target = self._state.all(IscsiTarget).get(volume.global_id)
        if target is None:
            raise missing("iSCSI target of volume", name)
        return volume, target

    def _create_portal_group(
        self, command: wanted.ISCSICommandCreatePortalGroup
    ) -> None:
        if command.name in self._state.all(IscsiGroup):
            raise exists("portal group", command.name)
        number = next_number(self._state)
        self._state.put(IscsiGroup(number=number, name=command.name))

    def _delete_portal_group(
        self, command: wanted.ISCSICommandDeletePortalGroup
    ) -> None:
        group = self._group(command.name)
        if any(each.group == group.name for each in self._exports()):
            raise invalid(f"portal group '{group.name}' has exports")
        self._state.remove(group)

    def _exports(self) -> list[IscsiExport]:
        return list(self._state.all(IscsiExport).values())

    def _portal_group_add_network(
        self, command: wanted.ISCSICommandPortalGroupAddNetwork
    ) -> None:
        group = self._group(command.portal_group)
        interface = _interface(command.net)
        network = (str(interface.ip), interface.network.prefixlen)
        if network in group.networks:
            raise exists("network of the portal group", command.net)
        networks = (*group.networks, network)
        self._state.put(msgspec.structs.replace(group, networks=networks))

    def _create_portal(self, command: wanted.ISCSICommandCreatePortal) -> None:
        group = self._group(command.portal_group)
        if command.controller not in self._machines.servers():
            raise invalid(f"there is no controller {command.controller}")
        port = _PORT if command.port is None else command.port
        ip = str(_interface(command.ip).ip)
        if self._portal(ip, port) is not None:
            raise exists("portal", f"{ip}:{port}")
        portals = (*group.portals, (command.controller, ip, port))
        self._state.put(msgspec.structs.replace(group, portals=portals))

    def _portal(self, ip: str, port: int) -> IscsiGroup | None:
        for group in self._state.all(IscsiGroup).values():
            if any(portal[1:] == (ip, port) for portal in group.portals):
                return group
        return None

    def _delete_portal(self, command: wanted.ISCSICommandDeletePortal) -> None:
        port = _PORT if command.port is None else command.port
        group = self._portal(command.ip, port)
        if group is None:
            raise missing("portal", f"{command.ip}:{port}")
        kept = tuple(
            portal
            for portal in group.portals
            if portal[1:] != (command.ip, port)
        )
        self._state.put(msgspec.structs.replace(group, portals=kept))

    def _create_target(self, command: wanted.ISCSICommandCreateTarget) -> None:
        volume = self._state.volume(command.volume_name)
        if volume.leaving:
            raise busy(
                f"volume '{volume.shown_name}' is being moved to another"
                " cluster"
            )
        targets = self._state.all(IscsiTarget)
        if volume.global_id in targets:
            self._leave("iSCSI target of volume", command.volume_name)
            return
        number = next_number(self._state)
        name = f"{self.base_name}:{self._ending(volume)}"
        if name in {target.name for target in targets.values()}:
            name = f"{name}-{number}"
        self._state.put(
            IscsiTarget(number=number, global_id=volume.global_id, name=name)
        )

    def _ending(self, volume: Volume) -> str:
        if self._rules.now.iscsi_target_name == "global-id":
            return volume.global_id
        plain = volume.shown_name.lower()
        return "".join(
            each if each.isalnum() or each in "-.:" else "-" for each in plain
        )

    def _delete_target(self, command: wanted.ISCSICommandDeleteTarget) -> None:
        _, target = self._volume_target(command.volume_name)
        left = [
            each.initiator
            for each in self._exports()
            if each.global_id == target.global_id
        ]
        if left:
            raise invalid(
                f"iSCSI target {target.name} is exported to {left[0]}"
            )
        self._state.remove(target)

    def _create_initiator(
        self, command: wanted.ISCSICommandCreateInitiator
    ) -> None:
        if command.name in self._state.all(IscsiInitiator):
            self._leave("initiator", command.name)
            return
        if bool(command.username) != bool(command.secret):
            raise invalid("give both username and secret, or neither")
        self._state.put(
            IscsiInitiator(
                number=next_number(self._state),
                name=command.name,
                username=command.username,
                secret=command.secret,
            )
        )

    def _delete_initiator(
        self, command: wanted.ISCSICommandDeleteInitiator
    ) -> None:
        initiator = self._initiator(command.name)
        if any(each.initiator == initiator.name for each in self._exports()):
            raise invalid(f"initiator '{initiator.name}' has exports")
        self._state.remove(initiator)

    def _initiator_add_network(
        self, command: wanted.ISCSICommandInitiatorAddNetwork
    ) -> None:
        initiator = self._initiator(command.initiator)
        _interface(command.net)
        if command.net in initiator.nets:
            self._leave("network of the initiator", command.net)
            return
        nets = (*initiator.nets, command.net)
        self._state.put(msgspec.structs.replace(initiator, nets=nets))

    def _export(self, command: wanted.ISCSICommandExport) -> None:
        export = self._described(command)
        if export.key in self._state.all(IscsiExport):
            self._leave("export", export.key)
            return
        self._state.put(export)

    def _described(
        self,
        command: wanted.ISCSICommandExport | wanted.ISCSICommandExportDelete,
    ) -> IscsiExport:
        _, target = self._volume_target(command.volume_name)
        return IscsiExport(
            initiator=self._initiator(command.initiator).name,
            group=self._group(command.portal_group).name,
            global_id=target.global_id,
        )

    def _export_delete(self, command: wanted.ISCSICommandExportDelete) -> None:
        export = self._described(command)
        if export.key not in self._state.all(IscsiExport):
            raise missing("export", export.key)
        self._state.remove(export)
        for session in list(self._state.all(IscsiSession).values()):
            same = (session.initiator, session.group, session.global_id)
            if same == (export.initiator, export.group, export.global_id):
                self._state.remove(session)


def _interface(text: str) -> ipaddress.IPv4Interface:
    try:
        return ipaddress.IPv4Interface(text)
    except ValueError as error:
        raise invalid(f"'{text}' is not an address: {error}") from error
