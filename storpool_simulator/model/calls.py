# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every call that the model answers, by its Python name."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
from typing import Any

from storpool_common import api
from storpool_simulator.model.ancestry import Ancestry
from storpool_simulator.model.aoe import Aoe
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.balancer import Balancer
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Usage
from storpool_simulator.model.changes import count
from storpool_simulator.model.crossings import Crossings
from storpool_simulator.model.disks import Disks
from storpool_simulator.model.diskwork import DiskWork
from storpool_simulator.model.exports import Exports
from storpool_simulator.model.iscsi import Iscsi
from storpool_simulator.model.iscsi_commands import Commands
from storpool_simulator.model.kv import KeyValues
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.maintenance import Maintenances
from storpool_simulator.model.peers import Peers
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.places import Places
from storpool_simulator.model.remote import Remotes
from storpool_simulator.model.services import Services
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import State
from storpool_simulator.model.statuses import Statuses
from storpool_simulator.model.switches import Rules
from storpool_simulator.model.templates import Templates
from storpool_simulator.model.vags import Vags
from storpool_simulator.model.volumes import Volumes


@dataclasses.dataclass(frozen=True)
class Model:
    """The rules of a cluster, bound to its state.

    :ivar calls: a function for each declared call that is answered. It takes
        the call's path parameters and ``request`` by name.
    :ivar machines: who is up.
    :ivar capacity: how much room there is.
    :ivar iscsi: who logs in.
    :ivar remotes: who else there is.
    :ivar exports: what they are shown.
    :ivar crossings: what comes from them and goes to them.
    """

    state: State
    calls: Mapping[str, Callable[..., Any]]
    lifetime: Lifetime
    disk_work: DiskWork
    machines: Machines
    capacity: Capacity
    iscsi: Iscsi
    remotes: Remotes
    exports: Exports
    crossings: Crossings

    def overdue(self) -> bool:
        """Whether something was to happen by itself meanwhile."""
        return bool(self.lifetime.due() or self.disk_work.due())

    def catch_up(self) -> None:
        """Let it happen; that changes the cluster like a call does."""
        self.lifetime.end_due()
        self.disk_work.end_due()
        count(self.state)


def bind(
    state: State, usage: Usage, rules: Rules, clock: Callable[[], float]
) -> Model:
    """Bind the rules to a state.

    :param usage: who knows what is stored.
    :param rules: the switches.
    :param clock: the time, in seconds since 1970.
    """
    lifetime = Lifetime(state, clock, rules)
    machines = Machines(state)
    capacity = Capacity(state, usage, machines)
    places = Places(state, machines)
    placement = Placement(state, machines)
    attachments = Attachments(state, lifetime, rules)
    commands = Commands(state, machines, rules)
    remotes = Remotes(state)
    snapshots = Snapshots(
        state,
        placement=placement,
        capacity=capacity,
        attachments=attachments,
        lifetime=lifetime,
        rules=rules,
        clock=clock,
    )
    volumes = Volumes(
        state,
        placement=placement,
        capacity=capacity,
        attachments=attachments,
        snapshots=snapshots,
        lifetime=lifetime,
        commands=commands,
        rules=rules,
        clock=clock,
    )
    exports = Exports(state, remotes)
    crossings = Crossings(
        state,
        placement=placement,
        capacity=capacity,
        attachments=attachments,
        commands=commands,
        lifetime=lifetime,
        rules=rules,
        clock=clock,
    )
    disk_work = DiskWork(state, machines=machines, rules=rules, clock=clock)
    iscsi = Iscsi(state, commands=commands, machines=machines, clock=clock)
    families = (
        placement,
        attachments,
        snapshots,
        volumes,
        disk_work,
        iscsi,
        remotes,
        Ancestry(
            state, snapshots=snapshots, lifetime=lifetime, machines=machines
        ),
        Aoe(state),
        Balancer(state, machines=machines, places=places, capacity=capacity),
        Disks(
            state,
            capacity=capacity,
            machines=machines,
            places=places,
            clock=clock,
        ),
        exports,
        KeyValues(state),
        Maintenances(state, machines=machines, places=places, clock=clock),
        Peers(
            state,
            machines=machines,
            places=places,
            rules=rules,
            clock=clock,
        ),
        Services(state, machines, clock),
        Statuses(state, places=places, capacity=capacity, snapshots=snapshots),
        Templates(state, placement, capacity, lifetime, rules),
        Vags(state, places),
    )
    found = {
        name: getattr(family, name)
        for family in families
        for name in api.CALLS
        if hasattr(family, name)
    }
    return Model(
        state=state,
        calls=found,
        lifetime=lifetime,
        disk_work=disk_work,
        machines=machines,
        capacity=capacity,
        iscsi=iscsi,
        remotes=remotes,
        exports=exports,
        crossings=crossings,
    )
