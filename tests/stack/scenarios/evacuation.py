# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Hosts that die, and hosts that only seem to."""

from tests.stack import checks
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario


def _evacuate(lab: Lab, guest: guests.Guest) -> None:
    """Start a guest of the other host, which Nova holds for dead, here."""
    lab.servers.force_down(lab.there.name)
    lab.servers.act(guest.server, "evacuate", host=lab.here.name)
    lab.servers.await_migration(guest.server, "done", "completed")
    lab.servers.await_status(guest.server, "ACTIVE")


@scenario
def dead_host(lab: Lab) -> str:
    """Evacuation of a dead host, which comes back afterwards."""
    guest = lab.boot(lab.there, lab.volume())
    lab.kill_host(lab.there)
    before = guest.tick()
    _evacuate(lab, guest)
    guest.await_boot()
    lab.require_on(guest, lab.here)
    lab.mend()
    lab.require_on(guest, lab.here)
    guest.await_ticks()
    return f"went on from tick {before}: {guest.require_whole()}"


@quick_scenario
def running_guest(lab: Lab) -> str:
    """Evacuation while the old guest still runs: it cannot write any more."""
    guest = lab.boot(lab.there, lab.volume())
    lab.computes.kill(lab.there, "nova-compute")
    lab.fenced = [
        (lab.cluster.name(volume.id), lab.there.number)
        for volume in guest.volumes
    ]
    old = lab.computes.guests(lab.there)
    _evacuate(lab, guest)
    # Both have one identity and one ring; a slot of the old guest's would
    # be behind the new one's, or break its row.
    lab.require_on(guest, lab.here)
    checks.require(
        all(one.alive for one in old), "the old guest has ended by itself"
    )
    guest.await_boot()
    guest.await_ticks(20)
    seen = guest.require_whole()
    lab.require_on(guest, lab.here)
    lab.mend()
    report.wait_for(
        "the old guest's end", lambda: not lab.computes.guests(lab.there),
        PATIENCE,
    )  # fmt: skip
    lab.require_on(guest, lab.here)
    guest.await_ticks()
    return f"fenced on {lab.there.name}: {seen}"


@scenario
def deleted_meanwhile(lab: Lab) -> str:
    """A server deleted while the host it was evacuated from is away (M3)."""
    # Nova 34 does not disconnect what it destroys then, so the old guest's
    # requests stay recorded until the volumes are gone and an operator looks.
    lab.clean(lab.computes.reconcile, lab.there)
    guest = lab.boot(lab.there, lab.volume())
    lab.computes.kill(lab.there, "nova-compute")
    lab.fenced = [
        (lab.cluster.name(volume.id), lab.there.number)
        for volume in guest.volumes
    ]
    _evacuate(lab, guest)
    lab.servers.delete(guest.server)
    lab.require_on(guest)
    lab.mend()
    report.wait_for(
        "the old guest's end", lambda: not lab.computes.guests(lab.there),
        PATIENCE,
    )  # fmt: skip
    lab.require_on(guest)
    return "no client has its volumes, before and after the host's return"


@scenario
def deleted_on_a_dead_host(lab: Lab) -> str:
    """A server deleted while its host is dead."""
    guest = lab.boot(lab.there, lab.volume())
    lab.kill_host(lab.there)
    lab.servers.force_down(lab.there.name)
    lab.servers.delete(guest.server)
    for volume in guest.volumes:
        lab.volumes.await_status(volume, "available")
    lab.mend()
    lab.require_on(guest)
    return "volumes available, no client has them after the host's return"
