# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a guest may boot from."""

from typing import Any

from tests.stack import checks
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import scenario


def _from(kind: str, source: str) -> dict[str, Any]:
    """A block device that Nova has Cinder make, and removes in the end."""
    return {
        "uuid": source,
        "source_type": kind,
        "destination_type": "volume",
        "boot_index": 0,
        "volume_size": 1,
        "delete_on_termination": True,
    }


def _boot_and_go(lab: Lab, kind: str, source: str) -> str:
    guest = lab.server(lab.there, [_from(kind, source)], ())
    (made,) = lab.servers.attached(guest.server)
    volume = lab.cinder.get_volume(made)
    whole = guests.Guest(lab.servers, lab.media, guest.server, [volume])
    whole.await_boot()
    lab.require_on(whole, lab.there)
    seen = whole.require_whole()
    lab.servers.delete(guest.server)
    report.wait_for(
        "the volume deleted with its server",
        lambda: lab.cinder.find_volume(made) is None,
        PATIENCE,
    )
    return f"{seen}; volume deleted with the server"


@scenario
def from_image(lab: Lab) -> str:
    """Nova has Cinder make the boot volume from an image."""
    return _boot_and_go(lab, "image", lab.picture.id)


@scenario
def from_snapshot(lab: Lab) -> str:
    """Nova has Cinder make the boot volume from a snapshot."""
    return _boot_and_go(lab, "snapshot", lab.snapshot(lab.bootable()).id)


@scenario
def from_snapshot_of_a_running_server(lab: Lab) -> str:
    """An image of a running server is snapshots; it boots a second one."""
    guest = lab.boot(lab.there, lab.volume())
    before = guest.tick()
    made = lab.servers.act(guest.server, "createImage", name=lab.name("image"))
    picture = made["image_id"]
    snapshots = _snapshots_of(lab, guest)
    for one in snapshots:
        lab.clean(lab.volumes.delete_snapshot, one)
    lab.clean(lab.cloud.image.delete_image, picture)
    guest.await_ticks()
    root = guest.volumes[0].id
    (taken,) = (one for one in snapshots if one.volume_id == root)
    clone = lab.volume(1, snapshot_id=taken.id)
    kept = lab.media.ticks(clone, guest.identity)
    second = lab.boot(lab.here, boot=clone)
    checks.require(
        kept.last >= before and second.tick() > kept.last,
        f"{before} before, {kept} in the snapshot, {second.tick()} now",
    )
    return f"from tick {kept.last}: {second.require_whole()}"


def _snapshots_of(lab: Lab, guest: guests.Guest) -> list[Any]:
    """The snapshots that an image of a guest consists of."""
    ids = {volume.id for volume in guest.volumes}
    found: list[Any] = []

    def there() -> bool:
        found[:] = [
            one for one in lab.cinder.snapshots() if one.volume_id in ids
        ]
        ready = [one for one in found if one.status == "available"]
        return len(ready) == len(ids)

    report.wait_for("a snapshot of every volume", there, PATIENCE)
    return found


@scenario
def local_with_volumes(lab: Lab) -> str:
    """A guest on a local disk with a volume, migrated cold and back."""
    volume = lab.volume()
    local = {
        "uuid": lab.picture.id,
        "source_type": "image",
        "destination_type": "local",
        "boot_index": 0,
        "delete_on_termination": True,
    }
    data = {
        "uuid": volume.id,
        "source_type": "volume",
        "destination_type": "volume",
        "boot_index": None,
    }
    guest = lab.server(lab.there, [local, data], (), imageRef=lab.picture.id)
    seen = guest.await_console("its marker", lambda said: bool(said.marker))
    guest.identity = (seen.marker or "").removeprefix("GUEST-MARKER ")
    guest.gain(volume)
    lab.require_on(guest, lab.there)
    lab.servers.act(guest.server, "migrate", host=lab.here.name)
    lab.servers.await_status(guest.server, "VERIFY_RESIZE")
    lab.require_on(guest, lab.here)
    lab.servers.act(guest.server, "confirmResize")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_ticks()
    return guest.require_whole()
