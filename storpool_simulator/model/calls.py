# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every call that the model answers, by its Python name."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
from typing import Any

from storpool_common import api
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Usage
from storpool_simulator.model.disks import Disks
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.places import Places
from storpool_simulator.model.services import Services
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import State
from storpool_simulator.model.statuses import Statuses
from storpool_simulator.model.switches import Rules
from storpool_simulator.model.templates import Templates
from storpool_simulator.model.volumes import Volumes


@dataclasses.dataclass(frozen=True)
class Model:
    """The rules of a cluster, bound to its state.

    :ivar calls: a function for each declared call that is answered. It takes
        the call's path parameters and ``request`` by name.
    :ivar lifetime: what happens to snapshots by itself.
    :ivar machines: who is up.
    """

    calls: Mapping[str, Callable[..., Any]]
    lifetime: Lifetime
    machines: Machines

    def overdue(self) -> bool:
        """Whether something was to happen by itself meanwhile."""
        return bool(self.lifetime.due())

    def catch_up(self) -> None:
        """Let it happen."""
        self.lifetime.end_due()


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
    snapshots = Snapshots(
        state,
        placement=placement,
        capacity=capacity,
        attachments=attachments,
        lifetime=lifetime,
        rules=rules,
        clock=clock,
    )
    families = (
        placement,
        attachments,
        snapshots,
        Disks(state, capacity=capacity, machines=machines, clock=clock),
        Statuses(state, places=places, capacity=capacity, snapshots=snapshots),
        Templates(state, placement, capacity, rules),
        Services(state, machines, clock),
        Volumes(
            state,
            placement=placement,
            capacity=capacity,
            attachments=attachments,
            snapshots=snapshots,
            lifetime=lifetime,
            rules=rules,
            clock=clock,
        ),
    )
    found = {
        name: getattr(family, name)
        for family in families
        for name in api.CALLS
        if hasattr(family, name)
    }
    return Model(found, lifetime, machines)
