# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The iSCSI configuration as it is shown, and who is logged in."""

from collections.abc import Callable

from storpool_common.api.iscsi import ISCSIConfig
from storpool_common.api.iscsi import ISCSIConfigData
from storpool_common.api.iscsi import ISCSIControllerIntefacesInfo
from storpool_common.api.iscsi import ISCSIControllerInterfaceInfo
from storpool_common.api.iscsi import ISCSIControllersIntefacesInfo
from storpool_common.api.iscsi import ISCSIControllersQuery
from storpool_common.api.iscsi import ISCSIExport
from storpool_common.api.iscsi import ISCSIInitiator
from storpool_common.api.iscsi import ISCSIPGNetwork
from storpool_common.api.iscsi import ISCSIPortal
from storpool_common.api.iscsi import ISCSIPortalGroup
from storpool_common.api.iscsi import ISCSISessionInfo
from storpool_common.api.iscsi import ISCSISessionsInfo
from storpool_common.api.iscsi import ISCSITarget
from storpool_common.api.iscsi_commands import ISCSIConfigChange
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.iscsi_commands import Commands
from storpool_simulator.model.iscsi_records import IscsiExport
from storpool_simulator.model.iscsi_records import IscsiGroup
from storpool_simulator.model.iscsi_records import IscsiInitiator
from storpool_simulator.model.iscsi_records import IscsiSession
from storpool_simulator.model.iscsi_records import IscsiTarget
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.state import State
from storpool_simulator.refusal import missing


class Iscsi:
    """Calls about iSCSI. Each server has a controller with its number."""

    def __init__(
        self,
        state: State,
        *,
        commands: Commands,
        machines: Machines,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._commands = commands
        self._machines = machines
        self._clock = clock

    def iscsi_config(self) -> ISCSIConfig:
        """Everything."""
        exports: dict[str, list[ISCSIExport]] = {}
        for export in self._state.all(IscsiExport).values():
            exports.setdefault(export.initiator, []).append(
                ISCSIExport(
                    portal_group=export.group,
                    target=self._target(export.global_id).name,
                )
            )
        return ISCSIConfig(
            iscsi=ISCSIConfigData(
                base_name=self._commands.base_name,
                initiators={
                    each.number: _initiator(each, exports.get(each.name, []))
                    for each in self._state.all(IscsiInitiator).values()
                },
                portal_groups={
                    each.number: _group(each)
                    for each in self._state.all(IscsiGroup).values()
                },
                targets={
                    each.number: self._shown_target(each)
                    for each in self._state.all(IscsiTarget).values()
                },
            )
        )

    def _target(self, global_id: str) -> IscsiTarget:
        return self._state.get(IscsiTarget, global_id)

    def _shown_target(self, target: IscsiTarget) -> ISCSITarget:
        return ISCSITarget(
            current_controller_id=self._controller(target),
            name=target.name,
            volume=self._state.shown_name(target.global_id),
        )

    def _controller(self, target: IscsiTarget) -> int:
        """The controllers that are up share the targets."""
        servers = self._machines.servers()
        up = [each for each in servers if self._machines.server_is_up(each)]
        return up[target.number % len(up)] if up else 0

    def iscsi_config_change(self, request: ISCSIConfigChange) -> ApiOk:
        """Carry out commands, all or none."""
        for command in request.commands:
            self._commands.carry_out(command)
        return done(self._state)

    def log_in(self, initiator: str, group: str, volume_name: str) -> int:
        """Let an initiator log in to what is exported to it.

        :returns: the number of the session.
        """
        volume = self._state.volume(volume_name)
        target = self._target(volume.global_id)
        key = f"{initiator}|{group}|{volume.global_id}"
        if key not in self._state.all(IscsiExport):
            raise missing("export", key)
        session = IscsiSession(
            number=next_number(self._state),
            initiator=initiator,
            group=group,
            global_id=volume.global_id,
            controller=self._controller(target),
            created=int(self._clock()),
        )
        self._state.put(session)
        return session.number

    def log_out(self, number: int) -> None:
        """End a session."""
        session = self._state.all(IscsiSession).get(str(number))
        if session is None:
            raise missing("iSCSI session", str(number))
        self._state.remove(session)

    def iscsi_sessions_info(
        self, request: ISCSIControllersQuery | None = None
    ) -> ISCSISessionsInfo:
        """Who is logged in at the controllers that are asked."""
        asked = self._asked(request)
        sessions = [
            self._session(each)
            for each in self._state.all(IscsiSession).values()
            if each.controller in asked
        ]
        silent = [
            ISCSISessionInfo(controller_id=each, status="down")
            for each in asked
            if not self._machines.server_is_up(each)
        ]
        return ISCSISessionsInfo(sessions=sessions + silent)

    def _asked(self, request: ISCSIControllersQuery | None) -> list[int]:
        known = self._machines.servers()
        if request is None or request.controller_ids is None:
            return known
        for number in request.controller_ids:
            if number not in known:
                raise missing("iSCSI controller", str(number))
        return request.controller_ids

    def _session(self, session: IscsiSession) -> ISCSISessionInfo:
        return ISCSISessionInfo(
            controller_id=session.controller,
            status="ok",
            isid=f"{session.number:012x}",
            connection_id=0,
            initiator=session.initiator,
            target=self._target(session.global_id).name,
            time_created=session.created,
        )

    def iscsi_interfaces_info(
        self, request: ISCSIControllersQuery | None = None
    ) -> ISCSIControllersIntefacesInfo:
        """One interface a controller; none of one that is down."""
        return ISCSIControllersIntefacesInfo(
            controllers=[
                self._interfaces(each) for each in self._asked(request)
            ]
        )

    def _interfaces(self, number: int) -> ISCSIControllerIntefacesInfo:
        if not self._machines.server_is_up(number):
            return ISCSIControllerIntefacesInfo(
                controller_id=number, status="down"
            )
        interface = ISCSIControllerInterfaceInfo(
            mac=f"02:00:00:00:01:{number:02x}",
            interface_name="eth0",
            port=0,
            resolve_interface_name="eth0",
            state="up",
        )
        return ISCSIControllerIntefacesInfo(
            controller_id=number, status="ok", interfaces=[interface]
        )


def _initiator(
    initiator: IscsiInitiator, exports: list[ISCSIExport]
) -> ISCSIInitiator:
    return ISCSIInitiator(
        name=initiator.name,
        username=initiator.username,
        secret=initiator.secret,
        nets=list(initiator.nets),
        exports=exports,
    )


def _group(group: IscsiGroup) -> ISCSIPortalGroup:
    return ISCSIPortalGroup(
        name=group.name,
        networks=[
            ISCSIPGNetwork(address=address, prefix=prefix)
            for address, prefix in group.networks
        ],
        portals=[
            ISCSIPortal(controller=controller, ip=ip, port=str(port))
            for controller, ip, port in group.portals
        ],
    )
