# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""One volume for two guests, on one host and on two."""

from typing import Any

from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario


def _shared(lab: Lab) -> Any:
    return lab.volume(1, volume_type="multiattach")


@scenario
def one_host(lab: Lab) -> str:
    """Two guests of one host; it leaves the host with the second."""
    volume = _shared(lab)
    first, second = lab.boot(lab.there), lab.boot(lab.there)
    lab.attach(first, volume)
    lab.attach(second, volume)
    lab.detach(first, volume)
    second.await_ticks()
    lab.await_clients(volume, lab.there.number)
    seen = second.require_whole()
    lab.detach(second, volume)
    lab.await_clients(volume)
    return seen


@scenario
def two_hosts(lab: Lab) -> str:
    """Two guests of two hosts, one of which migrates to the other's."""
    volume = _shared(lab)
    first, second = lab.boot(lab.here), lab.boot(lab.there)
    lab.attach(first, volume)
    lab.attach(second, volume)
    lab.await_clients(volume, lab.here.number, lab.there.number)
    lab.live_migrate(first, lab.there)
    lab.await_clients(volume, lab.there.number)
    lab.live_migrate(first, lab.here)
    lab.await_clients(volume, lab.here.number, lab.there.number)
    for guest in (first, second):
        guest.await_ticks()
    return f"{first.require_whole()}; {second.require_whole()}"


@quick_scenario
def aborted_beside_another(lab: Lab) -> str:
    """A migration to the other guest's host is aborted (M1 a)."""
    volume = _shared(lab)
    moving, staying = lab.boot(lab.here), lab.boot(lab.there)
    lab.attach(moving, volume)
    lab.attach(staying, volume)
    lab.abort_live_migration(moving, lab.there)
    lab.await_clients(moving.volumes[0], lab.here.number)
    lab.await_clients(volume, lab.here.number, lab.there.number)
    for guest in (moving, staying):
        guest.await_ticks()
    return f"staying: {staying.require_whole()}; {moving.require_whole()}"


@quick_scenario
def evacuated_beside_another(lab: Lab) -> str:
    """One of two guests of a host is evacuated; the host returns (M1 b)."""
    volume = _shared(lab)
    moving, staying = lab.boot(lab.there), lab.boot(lab.there)
    lab.attach(moving, volume)
    lab.attach(staying, volume)
    lab.computes.kill(lab.there, "nova-compute")
    lab.fenced = [(lab.cluster.name(moving.volumes[0].id), lab.there.number)]
    lab.servers.force_down(lab.there.name)
    lab.servers.act(moving.server, "evacuate", host=lab.here.name)
    lab.servers.await_migration(moving.server, "done", "completed")
    lab.servers.await_status(moving.server, "ACTIVE")
    moving.await_boot()
    lab.mend()
    lab.await_clients(moving.volumes[0], lab.here.number)
    staying.await_ticks()
    lab.await_clients(volume, lab.here.number, lab.there.number)
    for guest in (moving, staying):
        guest.await_ticks()
    return f"staying: {staying.require_whole()}; {moving.require_whole()}"
