# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Copies of volumes that a guest writes to: groups, images, backups."""

import hashlib
from typing import Any

from tests.stack import checks
from tests.stack import errors
from tests.stack import image
from tests.stack import report
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import quick_scenario
from tests.stack.scenarios.registry import scenario

GROUPS = "3.14"
"""The microversion in which groups have snapshots and sources."""


def _ask(lab: Lab, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = lab.cinder.post(path, json=body, microversion=GROUPS)
    if answer.status_code >= 300:
        raise errors.StackError(f"POST {path}: {answer.text}")
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def _await_group(lab: Lab, path: str) -> None:
    def there() -> bool:
        answer = lab.cinder.get(path, microversion=GROUPS)
        (found,) = answer.json().values()
        checks.require(found["status"] != "error", f"{path} is in error")
        return bool(found["status"] == "available")

    report.wait_for(f"{path} available", there, PATIENCE)


def _await_no_group(lab: Lab, path: str) -> None:
    report.wait_for(
        f"{path} deleted",
        lambda: lab.cinder.get(path, microversion=GROUPS).status_code == 404,
        PATIENCE,
    )


def _group(lab: Lab, members: list[Any]) -> str:
    """A consistent group with these volumes.

    :return: its id
    """
    kind = _ask(
        lab,
        "/group_types",
        {"group_type": {"name": lab.name("group-type")}},
    )["group_type"]["id"]
    lab.clean(
        lambda: lab.cinder.delete(f"/group_types/{kind}", microversion=GROUPS)
    )
    _ask(
        lab,
        f"/group_types/{kind}/group_specs",
        {"group_specs": {"consistent_group_snapshot_enabled": "<is> True"}},
    )
    types = {lab.cinder.find_type(volume.volume_type).id for volume in members}
    made = _ask(lab, "/groups", {"group": {
        "name": lab.name("group"),
        "group_type": kind,
        "volume_types": sorted(types),
    }})["group"]["id"]  # fmt: skip
    path = f"/groups/{made}"
    _await_group(lab, path)

    def remove() -> None:
        _ask(lab, f"{path}/action", {"delete": {"delete-volumes": False}})
        _await_no_group(lab, path)

    lab.clean(remove)
    _change_members(lab, path, add=members)
    lab.clean(lambda: _change_members(lab, path, remove=members))
    return str(made)


def _change_members(
    lab: Lab, path: str, add: Any = (), remove: Any = ()
) -> None:
    names = {"add_volumes": add, "remove_volumes": remove}
    body = {
        name: ",".join(volume.id for volume in members)
        for name, members in names.items()
        if members
    }
    answer = lab.cinder.put(path, json={"group": body}, microversion=GROUPS)
    checks.require(answer.status_code < 300, f"PUT {path}: {answer.text}")
    _await_group(lab, path)


@quick_scenario
def group_snapshot(lab: Lab) -> str:
    """Both disks of a guest at one instant, while it writes to both."""
    root, data = lab.bootable(), lab.volume()
    group = _group(lab, [root, data])
    guest = lab.boot(lab.there, data, boot=root)
    taken = _ask(
        lab,
        "/group_snapshots",
        {"group_snapshot": {"group_id": group, "name": lab.name("group")}},
    )["group_snapshot"]["id"]
    path = f"/group_snapshots/{taken}"

    def remove() -> None:
        lab.cinder.delete(path, microversion=GROUPS)
        _await_no_group(lab, path)

    lab.clean(remove)
    _await_group(lab, path)
    guest.await_ticks()
    snapshots = {
        one.volume_id: one
        for one in lab.cinder.snapshots()
        if one.volume_id in (root.id, data.id)
    }
    first, second = (
        lab.media.ticks(
            lab.volume(1, snapshot_id=snapshots[volume.id].id),
            guest.identity,
        ).last
        for volume in (root, data)
    )
    checks.require(
        first - second in (0, 1),
        f"tick {first} on the boot volume and {second} on the other, which "
        f"is written right after it",
    )
    return f"ticks {first} and {second}: {guest.require_whole()}"


@scenario
def upload_in_use(lab: Lab) -> str:
    """An image of a volume that a guest of the same host writes to."""
    guest = lab.boot(lab.here, lab.volume())
    volume = guest.volumes[1]
    start = lab.cluster.last_request()
    answer = lab.cinder.upload_volume_to_image(
        volume.id, lab.name("image"), force=True, disk_format="raw"
    )
    picture = answer["image_id"]
    lab.clean(lab.cloud.image.delete_image, picture)
    report.wait_for(
        "the uploaded image",
        lambda: lab.cloud.image.get_image(picture).status == "active",
        2 * PATIENCE,
    )
    lab.volumes.await_status(volume, "in-use")
    guest.await_ticks()
    lab.require_on(guest, lab.here)
    lost = lab.cluster.detached(lab.cluster.references(volume.id), start)
    checks.require(not lost, f"detaches of the volume: {lost}")
    again = lab.volume(1, image_id=picture)
    text = lab.media.sector(again, image.DATA_SECTOR)
    checks.require(
        text.startswith(f"GUEST-DATA {guest.identity}"),
        f"a volume of the image holds {text!r}",
    )
    return f"no detach: {guest.require_whole()}"


@scenario
def download(lab: Lab) -> str:
    """A volume of an image is the image, byte by byte."""
    volume = lab.volume(1, image_id=lab.picture.id)
    size = lab.place.image.stat().st_size
    found = hashlib.sha256(lab.media.content(volume, size)).hexdigest()
    with lab.place.image.open("rb") as file:
        wanted = hashlib.file_digest(file, "sha256").hexdigest()
    checks.require(found == wanted, f"{found} is not the image's {wanted}")
    return f"{size >> 20} MiB, sha256 {found[:12]}"


@scenario
def backup(lab: Lab) -> str:
    """A backup of an attached volume, restored to a new one."""
    guest = lab.boot(lab.there, lab.volume())
    volume = guest.volumes[1]
    before = lab.media.ticks(volume, guest.identity).last
    made = lab.cinder.create_backup(
        volume_id=volume.id, name=lab.name("backup"), force=True
    )

    def remove() -> None:
        lab.cinder.delete_backup(made.id)
        report.wait_for(
            "the backup deleted",
            lambda: lab.cinder.find_backup(made.id) is None,
            PATIENCE,
        )

    lab.clean(remove)

    def available() -> bool:
        status = lab.cinder.get_backup(made.id).status
        checks.require(status != "error", "the backup is in error")
        return bool(status == "available")

    report.wait_for("the backup", available, 3 * PATIENCE)
    lab.volumes.await_status(volume, "in-use")
    restored = lab.volume()
    lab.cinder.restore_backup(made.id, volume_id=restored.id)
    report.wait_for("the restored volume", available, 3 * PATIENCE)
    lab.volumes.await_status(restored, "available")
    kept = lab.media.ticks(restored, guest.identity)
    checks.require(
        kept.last >= before and kept.whole > kept.last - before,
        f"the restored volume has {kept}, {before} before the backup",
    )
    lab.require_on(guest, lab.there)
    return f"ticks to {kept.last}: {guest.require_whole()}"
