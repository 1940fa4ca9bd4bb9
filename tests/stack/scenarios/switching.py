# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""From the drivers of OpenStack's own trees to ours, and back, by the book.

What is done stands in doc/source/admin/migration.rst and is read from there.
"""

import contextlib
import functools
import pathlib
from typing import Any

from tests.stack import checks
from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import report
from tests.stack.scenarios.guests import Guest
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import scenario

OF_CINDER = ("storpool_require_connector",)
OF_NOVA = ("storpool_exclusive",)
"""Options of ours that the cloud has."""


@scenario
def there_and_back(lab: Lab) -> str:
    """In-tree drivers, ours by the migration page, and in-tree again."""
    lab.clean(_restore, lab, lab.deployment.saved())
    if drivers.kept(lab.place) == drivers.OURS:
        _change_computes_back(lab)
        _change_controllers_back(lab)
    idle = lab.volume()
    lab.snapshot(idle)
    guests = [lab.boot(host, lab.volume()) for host in (lab.here, lab.there)]
    _change_computes(lab, guests)
    _change_controllers(lab)
    for guest in guests:
        _use(lab, guest)
        _require_requests(lab, guest)
    lab.volumes.extend(idle, 2, "available")
    lab.live_migrate(guests[1], lab.here)
    lab.live_migrate(guests[1], lab.there)
    moved, ticks = _migrated(lab, guests[0])
    _go_on(guests)
    _change_computes_back(lab)
    _go_on(guests)
    _rename(lab, moved)
    _change_controllers_back(lab)
    told = _go_on(guests)
    for guest in guests:
        _use(lab, guest)
    _require_found(lab, guests[0], moved, ticks)
    return f"{told}; then {_go_on(guests)}"


def _go_on(guests: list[Guest]) -> str:
    """All guests write, and have lost nothing."""
    for guest in guests:
        guest.await_ticks()
    return " and ".join(guest.require_whole() for guest in guests)


def _require_requests(lab: Lab, guest: Guest) -> None:
    """Our classes know who has each volume of a guest."""
    known = lab.computes.requests(lab.host_of(guest))
    count = sum(guest.server in key for key in known)
    checks.require(
        count == len(guest.volumes),
        f"{guest.server} has {len(guest.volumes)} volumes, and there are "
        f"{known}",
    )


def _await_driver(lab: Lab, chosen: drivers.Drivers) -> None:
    """Cinder's back ends are served by the driver that is meant."""

    def there() -> bool:
        pools = list(lab.cinder.backend_pools())
        return bool(pools) and all(
            pool.capabilities["QoS_support"] == (chosen == drivers.OURS)
            for pool in pools
        )

    report.wait_for(f"drivers {chosen.name} in Cinder", there, 2 * PATIENCE)


def _replug(lab: Lab, guest: Guest) -> None:
    """Detach the volume that a guest does not boot from, and attach it."""
    volume = guest.volumes[1]
    lab.detach(guest, volume)
    lab.volumes.await_status(volume, "available")
    lab.attach(guest, volume)
    lab.require_on(guest, lab.host_of(guest))


def _use(lab: Lab, guest: Guest) -> None:
    """What its volumes are for."""
    _replug(lab, guest)
    taken = lab.snapshot(guest.volumes[1], is_forced=True)
    copy = lab.volume(1, snapshot_id=taken.id)
    kept = lab.media.ticks(copy, guest.identity)
    checks.require(kept.whole > 0, f"the copy has {kept}")
    lab.volumes.delete(copy)
    lab.volumes.delete_snapshot(taken)


def _migrated(lab: Lab, guest: Guest) -> tuple[Any, int]:
    """A volume that a guest has written to, and that has migrated since.

    :return: it, and the last tick on it
    """
    # A type that names a back end would keep it there.
    kind = lab.cinder.create_type(name=lab.name("type"))
    lab.clean(lab.cinder.delete_type, kind.id)
    volume = lab.volume(1, volume_type=kind.name)
    lab.attach(guest, volume)
    lab.detach(guest, volume)
    lab.volumes.await_status(volume, "available")
    ticks = lab.media.ticks(volume, guest.identity).last
    before = lab.cinder.get_volume(volume.id).host
    target = next(
        pool.name
        for pool in lab.cinder.backend_pools()
        if pool.name.partition("#")[0] != before.partition("#")[0]
    )
    # One that is not attached would move without a copy, and keep its name.
    lab.cinder.migrate_volume(volume.id, host=target, force_host_copy=True)
    report.wait_for(
        f"the volume on {target}",
        lambda: lab.cinder.get_volume(volume.id).host == target,
        2 * PATIENCE,
    )
    lab.volumes.await_status(volume, "available")
    return volume, ticks


def _rename(lab: Lab, volume: Any) -> None:
    """What the page tells of a volume whose name_id is not its id."""
    (asked,) = lab.deployment.follow("Before Cinder goes back", lab.here)
    checks.require(volume.id in asked, f"nobody speaks of {volume.id}")
    name_id = lab.cinder.get_volume(volume.id).migration_id
    checks.require(bool(name_id), f"{volume.id} has no name_id")
    *_, again = lab.deployment.follow(
        "Volumes that were migrated", lab.here, NAME_ID=name_id, ID=volume.id
    )
    checks.require(volume.id not in again, f"{volume.id} is still to do")


def _require_found(lab: Lab, guest: Guest, volume: Any, ticks: int) -> None:
    """The driver of Cinder's tree finds what had migrated, and its data."""
    kept = lab.media.ticks(volume, guest.identity).last
    checks.require(kept == ticks, f"tick {kept}, and {ticks} before")
    lab.attach(guest, volume)


def _change_computes(lab: Lab, guests: list[Guest]) -> None:
    """One after the other, as the page says."""
    root = guests[0].volumes[0]
    lab.deployment.follow("Before", lab.here, VOLUME=root.id)
    for guest in guests:
        lab.deployment.follow("Each compute", lab.host_of(guest))
        _require_requests(lab, guest)
        # The cloud may stay like this for as long as one likes.
        _go_on(guests)
        _replug(lab, guest)
        _require_requests(lab, guest)


def _change_controllers(lab: Lab) -> None:
    lab.deployment.follow("Each controller", lab.here)
    lab.deployment.follow("When all are changed", lab.here)
    _await_driver(lab, drivers.OURS)


def _change_computes_back(lab: Lab) -> None:
    """The page's section on the way back."""
    lab.deployment.take_out(OF_CINDER, "cinder", lab.here)
    lab.deployment.follow("Let Cinder insist no more", lab.here)
    for host in (lab.here, lab.there):
        lab.deployment.take_out(OF_NOVA, "nova", host)
        lab.deployment.unregister("nova", host)
        lab.deployment.follow("Each compute, back", host)


def _change_controllers_back(lab: Lab) -> None:
    lab.deployment.unregister("cinder", lab.here)
    lab.deployment.follow("Each controller, back", lab.here)
    _await_driver(lab, drivers.IN_TREE)


def _restore(lab: Lab, kept: dict[pathlib.Path, str]) -> None:
    """The cloud as it was, whatever happened."""
    for path, text in kept.items():
        path.write_text(text)
    machines = (lab.here, lab.there)
    for host in machines:
        lab.deployment.restart("nova-compute", host)
    for name in ("cinder-volume", "cinder-backup", "cinder-scheduler"):
        lab.deployment.restart(name, lab.here)
    _await_driver(lab, drivers.kept(lab.place))
    # The records know nothing of what the other drivers have detached.
    for host in machines:
        report.wait_for(
            f"the records of {host.name} as the cluster has it",
            functools.partial(_reconciled, lab, host),
            2 * PATIENCE,
        )


def _reconciled(lab: Lab, host: hosts.Host) -> bool:
    """Whether nothing is left to mend; what is young is left for a while."""
    with contextlib.suppress(errors.StackError):
        lab.computes.reconcile(host)
        return True
    return False
