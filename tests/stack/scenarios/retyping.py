# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes that change their type, or their back end, under a guest."""

from types import SimpleNamespace
from typing import Any

from tests.stack import checks
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario


def _await_settled(lab: Lab, volume: Any) -> Any:
    """Wait for the end of a retype or a migration.

    :raises StackError: the volume is not in use afterwards, or it failed
    """
    last = [volume]

    def settled() -> bool:
        last[0] = lab.cinder.get_volume(volume.id)
        checks.require(
            last[0].migration_status != "error"
            and not last[0].status.startswith("error"),
            f"{volume.name} is {last[0].status}, its migration "
            f"{last[0].migration_status}",
        )
        return last[0].status == "in-use" and last[0].migration_status in (
            None, "success",
        )  # fmt: skip

    report.wait_for(f"{volume.name} settled", settled, 2 * PATIENCE)
    return last[0]


def _template(lab: Lab, volume: Any) -> str:
    (stored,) = lab.cluster.client.volume_list(lab.cluster.name(volume.id))
    return str(stored.template_name)


def _follow(lab: Lab, guest: guests.Guest, volume: Any) -> Any:
    """A volume that was copied under a guest, which writes to the copy.

    :return: the copy; StorPool has it under its other id
    """
    _await_settled(lab, volume)
    guest.lose(volume)
    found = lab.cinder.get_volume(volume.id)
    copied = SimpleNamespace(
        id=found.migration_id or found.id, name=volume.name
    )
    guest.gain(copied)
    lab.require_on(guest, lab.there)
    return copied


@quick_scenario
def attached(lab: Lab) -> str:
    """Retyped to another template of its back end while a guest writes."""
    kind = lab.cinder.create_type(
        name=lab.name("type"),
        extra_specs={
            "volume_backend_name": "hybrid",
            "storpool_template": "nvme",
        },
    )
    lab.clean(lab.cinder.delete_type, kind.id)
    guest = lab.boot(lab.there, lab.volume(1, volume_type="hybrid"))
    volume = guest.volumes[1]
    start = lab.cluster.last_request()
    references = lab.cluster.references(volume.id)
    lab.cinder.retype_volume(volume.id, kind.name, "never")
    _await_type(lab, volume, kind.name)
    _await_settled(lab, volume)
    guest.await_ticks()
    lost = lab.cluster.detached(references, start)
    checks.require(not lost, f"detaches of the volume: {lost}")
    checks.require(
        _template(lab, volume) == "nvme",
        f"its template is {_template(lab, volume)}",
    )
    lab.require_on(guest, lab.there)
    return f"template nvme, no detach: {guest.require_whole()}"


def _await_type(lab: Lab, volume: Any, name: str) -> None:
    report.wait_for(
        f"the type {name}",
        lambda: lab.cinder.get_volume(volume.id).volume_type == name,
        2 * PATIENCE,
    )


@scenario
def other_back_end(lab: Lab) -> str:
    """Retyped to another back end: Cinder and Nova copy it under a guest."""
    guest = lab.boot(lab.there, lab.volume(1, volume_type="hybrid"))
    volume = guest.volumes[1]
    lab.cinder.retype_volume(volume.id, "nvme", "on-demand")
    _await_type(lab, volume, "nvme")
    copied = _follow(lab, guest, volume)
    checks.require(
        _template(lab, copied) == "nvme",
        f"its template is {_template(lab, copied)}",
    )
    return guest.require_whole()


@scenario
def migrated(lab: Lab) -> str:
    """Migrated to the other back end while a guest writes."""
    # A type that names a back end would keep it there.
    kind = lab.cinder.create_type(name=lab.name("type"))
    lab.clean(lab.cinder.delete_type, kind.id)
    guest = lab.boot(lab.there, lab.volume(1, volume_type=kind.name))
    volume = guest.volumes[1]
    before = lab.cinder.get_volume(volume.id).host
    target = next(
        pool.name
        for pool in lab.cinder.backend_pools()
        if pool.name.partition("#")[0] != before.partition("#")[0]
    )
    lab.cinder.migrate_volume(volume.id, host=target)
    report.wait_for(
        f"the volume on {target}",
        lambda: lab.cinder.get_volume(volume.id).host == target,
        2 * PATIENCE,
    )
    _follow(lab, guest, volume)
    return f"{before} to {target}: {guest.require_whole()}"
