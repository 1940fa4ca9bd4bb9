# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every call that the model answers, by its Python name."""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from storpool_common import api
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Usage
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.services import Services
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import State
from storpool_simulator.model.templates import Templates
from storpool_simulator.model.volumes import Volumes


def calls(
    state: State,
    lifetime: Lifetime,
    usage: Usage,
    clock: Callable[[], float],
) -> Mapping[str, Callable[..., Any]]:
    """Bind the calls to a state.

    :param usage: who knows what is stored.
    :param clock: the time, in seconds since 1970.
    :returns: a function for each declared call that is answered here. It
        takes the call's path parameters and ``request`` by name.
    """
    capacity = Capacity(state, usage)
    placement = Placement(state, capacity)
    attachments = Attachments(state, lifetime)
    snapshots = Snapshots(
        state,
        placement=placement,
        capacity=capacity,
        attachments=attachments,
        lifetime=lifetime,
        clock=clock,
    )
    families = (
        placement,
        attachments,
        snapshots,
        Templates(state, placement, capacity),
        Services(state, clock),
        Volumes(
            state,
            placement=placement,
            capacity=capacity,
            attachments=attachments,
            snapshots=snapshots,
            lifetime=lifetime,
            clock=clock,
        ),
    )
    return {
        name: getattr(family, name)
        for family in families
        for name in api.CALLS
        if hasattr(family, name)
    }
