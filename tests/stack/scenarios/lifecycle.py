# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Nova does to a server with its volumes attached."""

from tests.stack import checks
from tests.stack import image
from tests.stack import report
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import scenario


@scenario
def stop_start(lab: Lab) -> str:
    """Stopped, and started again: the guest goes on from its last tick."""
    guest = lab.boot(lab.there, lab.volume())
    lab.servers.act(guest.server, "os-stop")
    lab.servers.await_status(guest.server, "SHUTOFF")
    before = guest.tick()
    lab.servers.act(guest.server, "os-start")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    lab.require_on(guest, lab.there)
    checks.require(guest.tick() > before, "it did not go on")
    return f"from {before}: {guest.require_whole()}"


@scenario
def hard_reboot(lab: Lab) -> str:
    """Rebooted hard, twice."""
    guest = lab.boot(lab.there, lab.volume())
    for _round in range(2):
        before = guest.tick()
        lab.servers.act(guest.server, "reboot", type="HARD")
        lab.servers.await_status(guest.server, "ACTIVE")
        guest.await_boot()
        checks.require(guest.tick() > before, "it did not go on")
        lab.require_on(guest, lab.there)
    return guest.require_whole()


@scenario
def shelve(lab: Lab) -> str:
    """Shelved and offloaded, and unshelved on the other host."""
    guest = lab.boot(lab.there, lab.volume())
    lab.servers.act(guest.server, "shelve")
    # The configuration offloads at once, so SHELVED is not seen for long.
    lab.servers.await_status(guest.server, "SHELVED_OFFLOADED")
    lab.require_on(guest)
    before = guest.tick()
    lab.servers.act(guest.server, "unshelve")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    checks.require(guest.tick() > before, "it did not go on")
    host = lab.host_of(guest)
    lab.require_on(guest, host)
    return f"from {before}, on {host.name}: {guest.require_whole()}"


@scenario
def rescue(lab: Lab) -> str:
    """Booted from a rescue image beside its volumes, and back."""
    guest = lab.boot(lab.there, lab.volume())
    lab.servers.act(
        guest.server, "rescue", rescue_image_ref=lab.rescue_picture().id
    )
    lab.servers.await_status(guest.server, "RESCUE")
    # Its volumes stay the first disks, and the rescue image is the last.
    guest.await_console(
        "the rescue image",
        lambda said: said.size("vdc") == image.SIZE_MIB << 20,
    )
    guest.await_boot()
    lab.require_on(guest, lab.there)
    before = guest.tick()
    lab.servers.act(guest.server, "unrescue")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    lab.require_on(guest, lab.there)
    checks.require(guest.tick() > before, "it did not go on")
    return guest.require_whole()


@scenario
def deleted(lab: Lab) -> str:
    """Deleted while it writes; its volumes are free and whole."""
    guest = lab.boot(lab.there, lab.volume())
    before = guest.tick()
    lab.servers.delete(guest.server)
    for volume in guest.volumes:
        lab.volumes.await_status(volume, "available")
    report.wait_for(
        "no guest", lambda: not lab.computes.guests(lab.there), PATIENCE
    )
    lab.require_on(guest)
    last = guest.tick()
    checks.require(last >= before, f"tick {last} after {before}")
    return f"ticks to {last}, no client has the volumes"
