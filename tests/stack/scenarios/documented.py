# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the pages tell to type in a cloud, typed in this one.

What can run on one machine without a cloud is typed by the suite
functional/docs, and what needs no more than Cinder there, too.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from tests.stack import checks
from tests.stack import cloud
from tests.stack import deployment
from tests.stack import hosts
from tests.stack import page
from tests.stack import report
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import scenario

INSTALL = page.SOURCE / "install/index.rst"
CINDER = page.SOURCE / "admin/cinder.rst"
DEMO = page.SOURCE / "user/demo.rst"
COMMAND = page.SOURCE / "user/command.rst"
REASONS = frozenset({page.IN_A_CLOUD, page.IN_CINDER})
"""Of what is typed here."""

DISK = "db-disk-1"
UNMANAGED = "-unmanaged--"
GROUP_TYPES = "3.11"
"""The microversion that has them."""

Instead = Mapping[str, str | Callable[[], str]]
"""What a page leaves open, and how it is called here."""


def _type(
    lab: Lab, host: hosts.Host, blocks: Iterable[page.Block], instead: Instead
) -> int:
    """Type what needs a cloud.

    :return: how many commands there were
    :raises StackError: one failed, or printed what the page does not say
    """
    typed = 0
    for block in blocks:
        if block.reason not in REASONS:
            continue
        for step in block.steps():
            lab.deployment.answer(_filled(step, instead), host)
            typed += 1
    return typed


def _filled(step: page.Step, instead: Instead) -> page.Step:
    said = step.command + step.promised
    return step.filled({
        word: value() if callable(value) else value
        for word, value in instead.items()
        if word in said
    })  # fmt: skip


def _find(lab: Lab, name: str) -> Any:
    """The volume of that name, once it is there to be used."""
    return lab.volumes.await_status(lab.cinder.find_volume(name), "available")


def _forget(lab: Lab, name: str) -> None:
    """Remove the volume that a page has made."""
    found = lab.cinder.find_volume(name)
    if found is not None:
        lab.volumes.delete(found)


def _forget_type(lab: Lab, name: str) -> None:
    found = lab.cinder.find_type(name)
    if found is not None:
        lab.cinder.delete_type(found.id)


def _forget_backup(lab: Lab, name: str) -> None:
    found = lab.cinder.find_backup(name)
    if found is None:
        return
    lab.cinder.delete_backup(found.id)
    report.wait_for(
        "the backup deleted",
        lambda: lab.cinder.find_backup(found.id) is None,
        PATIENCE,
    )


def _forget_server(lab: Lab, name: str) -> None:
    found = lab.cloud.compute.find_server(name)
    if found is not None:
        lab.servers.delete(found.id)


@scenario
def installation(lab: Lab) -> str:
    """From a volume type to a server, as the page on installing says."""
    lab.clean(_forget_type, lab, "storpool")
    for name in ("first", "boot"):
        lab.clean(_forget, lab, name)
    lab.clean(_forget_backup, lab, "first")
    lab.clean(_forget_server, lab, "server")
    typed = _type(
        lab,
        lab.here,
        page.blocks(INSTALL.read_text()),
        {
            "=storpool ": "=hybrid ",
            **deployment.UP,
            "volume-ID": lambda: f"volume-{_find(lab, 'first').id}",
            "IMAGE": lab.picture.id,
            "FLAVOR": cloud.FLAVOR,
            "--network NET": (
                f"--nic none --os-compute-api-version 2.90 "
                f"--host {lab.here.name}"
            ),
        },
    )
    return f"{typed} commands"


@scenario
def cinder(lab: Lab) -> str:
    """Types, limits, pools, what is managed: as Cinder's page says."""
    backend = {"HOST@BACKEND": f"{lab.here.name}@hybrid"}
    lab.clean(_forget_type, lab, "fast")
    lab.clean(_forget_specs, lab, "gold")
    typed = _section(lab, "Pools and types", {"=storpool ": "=hybrid "})
    typed += _section(lab, "Limits", {})
    retyping, migrating = page.section("Another type, another pool", CINDER)
    retyped = lab.volume()
    typed += _type(lab, lab.here, [retyping], {"VOLUME": retyped.id})
    _await_template(lab, retyped)
    migrated = lab.volume()
    typed += _type(
        lab, lab.here, [migrating], {**backend, "VOLUME": migrated.id}
    )
    _await_template(lab, migrated)
    typed += _managed(lab, backend)
    lab.clean(_forget_group_type, lab, "consistent")
    typed += _section(lab, "Groups", {})
    return f"{typed} commands"


@scenario
def two_hosts(lab: Lab) -> str:
    """A server on a host by name, and its migration: the page on demos."""
    name = lab.name("server")
    volume = lab.bootable()
    lab.clean(_forget_server, lab, name)

    def server() -> str:
        found = lab.cloud.compute.find_server(name)
        if found is not None:
            lab.servers.await_status(found.id, "ACTIVE")
        return name

    typed = _type(
        lab,
        lab.here,
        page.section("Two compute hosts", DEMO),
        {
            "SERVER": server,
            "VOLUME": volume.id,
            "NAME-2": lab.there.name,
            "NAME": lab.here.name,
        },
    )
    found = lab.cloud.compute.find_server(name)
    lab.servers.await_migration(found.id, "completed")
    checks.require(
        lab.servers.host(found.id) == lab.here.name,
        f"{name} is not on {lab.here.name}",
    )
    return f"{typed} commands"


@scenario
def command(lab: Lab) -> str:
    """What the page on storpool-openstack tells to ask in a cloud."""
    typed = _type(
        lab,
        lab.here,
        page.blocks(COMMAND.read_text()),
        {"/etc/cinder": str(lab.place.conf)},
    )
    return f"{typed} commands"


def _section(lab: Lab, title: str, instead: Instead) -> int:
    return _type(lab, lab.here, page.section(title, CINDER), instead)


def _forget_specs(lab: Lab, name: str) -> None:
    for specs in lab.cinder.get("/qos-specs").json()["qos_specs"]:
        if specs["name"] == name:
            lab.cinder.delete(f"/qos-specs/{specs['id']}?force=True")


def _forget_group_type(lab: Lab, name: str) -> None:
    found = lab.cinder.get("/group_types", microversion=GROUP_TYPES).json()
    for kind in found["group_types"]:
        if kind["name"] == name:
            lab.cinder.delete(
                f"/group_types/{kind['id']}", microversion=GROUP_TYPES
            )


def _await_template(lab: Lab, volume: Any) -> None:
    """Wait until a volume is of the other template, and at rest."""

    def there() -> bool:
        (stored,) = lab.cluster.client.volume_list(lab.cluster.name(volume.id))
        return bool(stored.template_name == "nvme")

    report.wait_for(f"{volume.name} in nvme", there, PATIENCE)
    lab.volumes.await_status(volume, "available")


def _managed(lab: Lab, backend: Instead) -> int:
    """A disk and its snapshot that were there before Cinder."""
    client = lab.cluster.client
    lab.clean(_forget_disk, lab)
    client.volume_create({"name": DISK, "size": 1 << 30, "template": "hybrid"})
    client.snapshot_create(DISK, {"name": f"{DISK}.daily"})
    names = {one.name for one in client.volumes_list()}
    taken: list[str] = []

    def volume() -> str:
        if taken:
            # A volume with a snapshot is not unmanaged.
            report.wait_for(
                "the snapshot unmanaged",
                lambda: lab.cinder.find_snapshot(taken[0]) is None,
                PATIENCE,
            )
        return str(_find(lab, "db").id)

    def snapshot() -> str:
        (found,) = lab.cinder.snapshots(volume_id=volume())
        report.wait_for(
            "the snapshot managed",
            lambda: lab.cinder.get_snapshot(found.id).status == "available",
            PATIENCE,
        )
        taken.append(found.id)
        return str(found.id)

    typed = _section(
        lab,
        "Volumes and snapshots that are there already",
        {
            **backend,
            "VOLUME": volume,
            "SNAPSHOT": snapshot,
        },
    )
    report.wait_for(
        "the volume unmanaged",
        lambda: lab.cinder.find_volume("db") is None,
        PATIENCE,
    )
    (left,) = {one.name for one in client.volumes_list()} - names
    checks.require(UNMANAGED in left, f"{left} is not unmanaged")
    return typed


def _forget_disk(lab: Lab) -> None:
    """Remove the disk and its snapshot, wherever the page has left them."""
    found = lab.cinder.find_volume("db")
    if found is not None:
        for snapshot in lab.cinder.snapshots(volume_id=found.id):
            lab.volumes.delete_snapshot(snapshot)
        lab.volumes.delete(found)
    client = lab.cluster.client
    for one in client.snapshots_list():
        if one.name.startswith(DISK) or UNMANAGED in one.name:
            client.snapshot_delete(one.name)
    for one in client.volumes_list():
        if one.name.startswith(DISK) or UNMANAGED in one.name:
            client.volume_delete(one.name)
