# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Guests that go to another host, and come back."""

from tests.stack import checks
from tests.stack import report
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario


@quick_scenario
def live(lab: Lab) -> str:
    """Live migration under I/O, there and back."""
    guest = lab.boot(lab.here, lab.volume())
    for host in (lab.there, lab.here):
        lab.live_migrate(guest, host)
        lab.require_on(guest, host)
        guest.await_ticks()
    return guest.require_whole()


@scenario
def live_aborted(lab: Lab) -> str:
    """Live migration that is aborted; the guest goes on where it was."""
    guest = lab.boot(lab.here, lab.volume())
    ended = lab.abort_live_migration(guest, lab.there)
    lab.require_on(guest, lab.here)
    guest.await_ticks()
    lab.live_migrate(guest, lab.there)
    lab.require_on(guest, lab.there)
    guest.await_ticks()
    return f"{ended}, then migrated: {guest.require_whole()}"


@quick_scenario
def cold(lab: Lab) -> str:
    """Cold migration to the other host, confirmed, and back."""
    guest = lab.boot(lab.here, lab.volume())
    for host in (lab.there, lab.here):
        before = guest.tick()
        lab.servers.act(guest.server, "migrate", host=host.name)
        lab.servers.await_status(guest.server, "VERIFY_RESIZE")
        lab.require_on(guest, host)
        lab.servers.act(guest.server, "confirmResize")
        lab.servers.await_status(guest.server, "ACTIVE")
        guest.await_boot()
        checks.require(guest.tick() > before, "it did not go on")
        lab.require_on(guest, host)
    return guest.require_whole()


@scenario
def cold_reverted(lab: Lab) -> str:
    """Cold migration that is reverted."""
    guest = lab.boot(lab.here, lab.volume())
    lab.servers.act(guest.server, "migrate", host=lab.there.name)
    lab.servers.await_status(guest.server, "VERIFY_RESIZE")
    lab.require_on(guest, lab.there)
    lab.servers.act(guest.server, "revertResize")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    lab.require_on(guest, lab.here)
    return guest.require_whole()


@scenario
def resize(lab: Lab) -> str:
    """Another flavor on the other host."""
    bigger = lab.cloud.compute.create_flavor(
        name=lab.name("flavor"), ram=192, vcpus=1, disk=1
    )
    lab.clean(lab.cloud.compute.delete_flavor, bigger)
    guest = lab.boot(lab.here, lab.volume())
    lab.servers.act(guest.server, "resize", flavorRef=bigger.id)
    lab.servers.await_status(guest.server, "VERIFY_RESIZE")
    lab.servers.act(guest.server, "confirmResize")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    host = lab.host_of(guest)
    lab.require_on(guest, host)
    return f"on {host.name}: {guest.require_whole()}"


@scenario
def live_failing(lab: Lab) -> str:
    """The destination's QEMU dies in a live migration."""
    guest = lab.boot(lab.here, lab.volume())
    lab.start_live_migration(guest, lab.there)
    killed = [0]

    def dead() -> bool:
        killed[0] += lab.computes.kill_guests(lab.there)
        return killed[0] > 0

    report.wait_for("a QEMU on the destination", dead, PATIENCE)
    lab.servers.await_migration(guest.server, "error", "failed")
    # Nova 34 leaves the server in ERROR although the guest is well.
    lab.servers.await_status(guest.server, "ACTIVE", "ERROR")
    lab.require_on(guest, lab.here)
    lab.servers.act(guest.server, "os-resetState", state="active")
    guest.await_ticks()
    lab.live_migrate(guest, lab.there)
    lab.require_on(guest, lab.there)
    guest.await_ticks()
    return f"went on, then migrated: {guest.require_whole()}"
