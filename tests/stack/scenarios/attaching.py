# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes of a guest that runs: attached, extended, snapshotted."""

from tests.stack import checks
from tests.stack import image
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario

GIB = 1 << 30


@quick_scenario
def hot(lab: Lab) -> str:
    """Attached and detached under I/O, on both hosts, twice each."""
    volume = lab.volume()
    told = []
    for host in (lab.here, lab.there):
        guest = lab.boot(host)
        for _round in range(2):
            lab.attach(guest, volume)
            lab.require_on(guest, host)
            told.append(guest.require_whole())
            lab.detach(guest, volume)
            lab.volumes.await_status(volume, "available")
            guest.await_ticks()
    return told[-1]


@scenario
def extended(lab: Lab) -> str:
    """Extended while attached to a guest of the other host."""
    volume = lab.volume()
    guest = lab.boot(lab.there)
    lab.attach(guest, volume)
    lab.volumes.extend(volume, 2, "in-use")
    guest.await_console(
        "vdb of 2 GiB", lambda said: said.size("vdb") == 2 * GIB
    )
    guest.await_ticks()
    return f"2 GiB in the guest: {guest.require_whole()}"


@scenario
def extended_root(lab: Lab) -> str:
    """The boot volume, extended while the guest runs from it."""
    guest = lab.boot(lab.there)
    lab.volumes.extend(guest.volumes[0], 2, "in-use")
    guest.await_console(
        "vda of 2 GiB", lambda said: said.size("vda") == 2 * GIB
    )
    guest.await_ticks()
    return f"2 GiB in the guest: {guest.require_whole()}"


@scenario
def snapshot(lab: Lab) -> str:
    """A snapshot while the guest writes, and a clone of it."""
    volume = lab.volume()
    guest = lab.boot(lab.there, volume)
    before = lab.media.ticks(volume, guest.identity).last
    taken = lab.snapshot(volume, is_forced=True)
    guest.await_ticks()
    clone = lab.volume(1, snapshot_id=taken.id)
    kept = lab.media.ticks(clone, guest.identity)
    now = lab.media.ticks(volume, guest.identity)
    checks.require(
        before <= kept.last < now.last and kept.whole == kept.last,
        f"the snapshot has {kept}; {before} before it, {now} now",
    )
    return f"ticks to {kept.last} of {now.last}: {guest.require_whole()}"


@scenario
def many(lab: Lab) -> str:
    """A guest with a boot volume and four others from its start."""
    guest = lab.boot(lab.there, *(lab.volume() for _ in range(4)))
    lab.require_on(guest, lab.there)
    for volume in guest.volumes[1:]:
        text = lab.media.sector(volume, image.DATA_SECTOR)
        checks.require(
            text.startswith(f"GUEST-DATA {guest.identity}"),
            f"{volume.name} holds {text!r}",
        )
    return guest.require_whole()
