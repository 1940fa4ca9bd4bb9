# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""nova-compute that dies in the middle of its work, hosts that restart."""

import contextlib

from tests.stack import checks
from tests.stack import computes
from tests.stack import errors
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario


@quick_scenario
def in_attach(lab: Lab) -> str:
    """nova-compute is killed while it attaches; the server is deleted."""
    # Killed before it has stored the connection, Nova 34 does not know later
    # that there was one; the request stays until an operator looks.
    lab.clean(lab.computes.reconcile, lab.there)
    guest = lab.boot(lab.there)
    torn, other = lab.volume(), lab.volume()
    before = lab.computes.guests(lab.there)
    lab.servers.attach(guest.server, torn)
    lab.await_clients(torn, lab.there.number)
    lab.computes.kill(lab.there, "nova-compute")
    lab.mend()
    checks.require(
        lab.computes.guests(lab.there) == before, "the guest has ended"
    )
    # Nova 34 lets nobody detach what it was attaching, but the server lives.
    lab.servers.attach(guest.server, other)
    lab.volumes.await_status(other, "in-use")
    guest.gain(other)
    seen = guest.require_whole()
    lab.servers.delete(guest.server)
    for volume in (torn, other):
        lab.volumes.await_status(volume, "available")
        lab.await_clients(volume)
    return f"{seen}; both volumes free after the server"


@scenario
def in_migration(lab: Lab) -> str:
    """nova-compute of the source is killed while its guest migrates."""
    guest = lab.boot(lab.there, lab.volume())
    lab.computes.limit_migration(lab.there, guest.server, computes.SLOW)
    lab.start_live_migration(guest, lab.here)
    lab.servers.await_migration(guest.server, "running")
    lab.require_on(guest, lab.here, lab.there)
    lab.computes.kill(lab.there, "nova-compute")
    lab.mend()
    # Nova 34 aborts the migration when it is back, and the destination,
    # which has everything attached, is told nothing.
    report.wait_for(
        "the end of the destination's guest",
        lambda: not lab.computes.guests(lab.here),
        PATIENCE,
    )
    lab.servers.await_status(guest.server, "ACTIVE", "ERROR")
    guest.await_ticks()
    seen = guest.require_whole()
    lab.require_on(guest, lab.here, lab.there)
    lab.servers.delete(guest.server)
    # Of the two attachments that Cinder has of each volume Nova deletes the
    # destination's, with which our driver takes the volume from that host.
    lab.require_on(guest)
    # What an operator does: doc/source/reference/attachments.rst.
    for volume in guest.volumes:
        lab.forget_attachments(volume)
        lab.volumes.await_status(volume, "available")
    report.wait_for(
        "the guest's requests withdrawn",
        lambda: _reconciled(lab, guest),
        2 * PATIENCE,
    )
    return f"{seen}; reconciled on {lab.here.name}"


def _reconciled(lab: Lab, guest: guests.Guest) -> bool:
    """Reconcile the destination; whether that has withdrawn all.

    What is younger than a minute it leaves, and says so with its exit code.
    """
    with contextlib.suppress(errors.StackError):
        lab.computes.reconcile(lab.here)
    return not any(
        guest.server in key for key in lab.computes.requests(lab.here)
    )


@scenario
def host_restarts(lab: Lab) -> str:
    """A host loses power and comes back; its guests are started again."""
    guest = lab.boot(lab.there, lab.volume())
    lab.kill_host(lab.there)
    before = guest.tick()
    lab.mend()
    lab.servers.await_status(guest.server, "SHUTOFF", "ACTIVE")
    lab.servers.act(guest.server, "reboot", type="HARD")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    lab.require_on(guest, lab.there)
    checks.require(guest.tick() > before, "it did not go on")
    return f"from {before}: {guest.require_whole()}"


@scenario
def compute_restarts(lab: Lab) -> str:
    """nova-compute restarts; the guest never notices."""
    guest = lab.boot(lab.there, lab.volume())
    before = lab.computes.guests(lab.there)
    lab.computes.kill(lab.there, "nova-compute")
    lab.mend()
    checks.require(
        lab.computes.guests(lab.there) == before, "the guest has ended"
    )
    guest.await_ticks()
    lab.require_on(guest, lab.there)
    volume = lab.volume()
    lab.attach(guest, volume)
    return guest.require_whole()
