# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a host or the storage, as the user is told of it.

Each ends as an error that names the volume and the reason; after a repair
the same works.
"""

import re
import time
from typing import Any

from storpool_common.api import attachments
from storpool_common.api import volumes
from tests.stack import checks
from tests.stack import report
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE
from tests.stack.scenarios.registry import scenario

LATE_SECONDS = 20
GIB = 1 << 30
REASSIGN = "VolumesReassignWait"


def _require_said(said: str, *parts: str) -> None:
    for part in parts:
        checks.require(part in said, f"{part!r} is not in: {said}")


@scenario
def no_client_id(lab: Lab) -> str:
    """A host without its client id in storpool.conf."""
    guest, volume = lab.boot(lab.there), lab.volume()
    reason = "SP_OURID is not set for this host in storpool.conf"
    lab.own_storpool_conf(
        lab.there,
        lambda usual: usual.replace(f"SP_OURID={lab.there.number}\n", ""),
    )
    _require_said(lab.fail_to_attach(guest, volume), volume.id, reason)
    boot = lab.bootable()
    said = lab.fail_to_boot(lab.there, boot)
    _require_said(said, boot.id, reason)
    lab.restart_compute(lab.there)
    lab.attach(guest, volume)
    lab.require_on(guest, lab.there)
    second = lab.boot(lab.there, boot=boot)
    lab.require_on(second, lab.there)
    return f"{said!r}; then {guest.require_whole()}"


@scenario
def wrong_token(lab: Lab) -> str:
    """A host with a token that the cluster does not know."""
    guest, volume = lab.boot(lab.there), lab.volume()
    lab.own_storpool_conf(
        lab.there,
        lambda usual: re.sub(
            "(?m)^SP_AUTH_TOKEN=.*$", "SP_AUTH_TOKEN=1", usual
        ),
    )
    said = lab.fail_to_attach(guest, volume)
    _require_said(said, volume.id, "does not accept the token that")
    boot = lab.bootable()
    _require_said(
        lab.fail_to_boot(lab.there, boot), boot.id, "does not accept"
    )
    lab.restart_compute(lab.there)
    return _attached_then(lab, guest, volume, said)


@scenario
def api_restarts(lab: Lab) -> str:
    """The API dies during an attach and is back at once: nobody notices."""
    guest, volume = lab.boot(lab.there, lab.volume()), lab.volume()
    _die_in_attach(lab, guest, volume)
    lab.outage.end()
    lab.volumes.await_status(volume, "in-use")
    lab.clean(lab.detach, guest, volume)
    guest.gain(volume)
    lab.require_on(guest, lab.there)
    return guest.require_whole()


def _die_in_attach(lab: Lab, guest: Any, volume: Any) -> None:
    """Start to attach; the API dies when it is to do its part."""
    lab.cluster.set_fault(call=REASSIGN, action="delay", seconds=30)
    lab.servers.attach(guest.server, volume)
    report.wait_for("the attach at the API", lab.cluster.met_fault, PATIENCE)
    lab.outage.begin()


@scenario
def api_gone(lab: Lab) -> str:
    """The API dies during an attach and stays away until that has failed."""
    guest, volume = lab.boot(lab.there, lab.volume()), lab.volume()
    _die_in_attach(lab, guest, volume)
    report.wait_for(
        "the failure of nova-compute",
        lambda: lab.computes.has_said(
            lab.there, f"Driver failed to attach volume {volume.id}"
        ),
        2 * PATIENCE,
    )
    # What Nova asks of Cinder then it asks five times.
    lab.outage.end()
    said = lab.servers.await_trouble(guest.server, "attach_volume")
    _require_said(said, volume.id, "cannot reach the StorPool API at")
    lab.require_free(guest.server, volume)
    guest.await_ticks()
    return _attached_then(lab, guest, volume, said)


@scenario
def late_device(lab: Lab) -> str:
    """A device that is late by 20 seconds is waited for."""
    guest, volume = lab.boot(lab.there), lab.volume()
    _let_be_late(lab)
    began = time.monotonic()
    lab.attach(guest, volume)
    seconds = time.monotonic() - began
    checks.require(
        seconds >= LATE_SECONDS, f"attached after {seconds:.0f} s already"
    )
    lab.require_on(guest, lab.there)
    return f"after {seconds:.0f} s: {guest.require_whole()}"


def _let_be_late(lab: Lab) -> None:
    lab.cluster.set_fault(
        call=REASSIGN, action="device_slow", seconds=LATE_SECONDS
    )


@scenario
def device_too_late(lab: Lab) -> str:
    """The same on a host that waits for five."""
    guest, volume = lab.boot(lab.there), lab.volume()
    lab.own_storpool_conf(
        lab.there, lambda usual: f"SP_OPENSTACK_DEVICE_TIMEOUT=5\n{usual}"
    )
    _let_be_late(lab)
    said = lab.fail_to_attach(guest, volume)
    _require_said(said, volume.id, "is absent, after 5 s")
    lab.await_clients(volume)
    boot = lab.bootable()
    _let_be_late(lab)
    _require_said(lab.fail_to_boot(lab.there, boot), boot.id, "is absent")
    lab.await_clients(boot)
    return _attached_then(lab, guest, volume, said)


@scenario
def deleted_volume(lab: Lab) -> str:
    """A volume deleted in StorPool, which Cinder still has, is attached."""
    guest, volume = lab.boot(lab.there), lab.volume()
    lab.cluster.client.volume_delete(lab.cluster.name(volume.id))
    said = lab.fail_to_attach(guest, volume)
    # Nova 34 passes on the kind of Cinder's error alone, and logs the rest.
    _require_said(said, "ClientException")
    reason = "objectDoesNotExist"
    checks.require(
        lab.computes.has_said(lab.there, volume.id, reason),
        f"nova-compute did not log {reason} of volume {volume.id}",
    )
    _make_again(lab, volume)
    lab.attach(guest, volume)
    lab.require_on(guest, lab.there)
    return f"{reason!r} in the log; then {guest.require_whole()}"


def _make_again(lab: Lab, volume: Any) -> None:
    """Make an empty volume of the same name in StorPool."""
    lab.cluster.client.volume_create(
        volumes.VolumeCreateDesc(
            name=lab.cluster.name(volume.id),
            size=GIB,
            template=volume.volume_type,
        )
    )


@scenario
def deleted_beneath_a_server(lab: Lab) -> str:
    """A volume of a stopped server is deleted in StorPool."""
    guest = lab.boot(lab.there, lab.volume())
    volume = guest.volumes[1]
    lab.servers.act(guest.server, "os-stop")
    lab.servers.await_status(guest.server, "SHUTOFF")
    name = lab.cluster.name(volume.id)
    lab.cluster.client.volumes_reassign_wait(
        [attachments.ReassignDesc(volume=name, detach="all")]
    )
    lab.cluster.client.volume_delete(name)
    lab.servers.act(guest.server, "os-start")
    said = lab.servers.await_trouble(guest.server, "start")
    _require_said(said, volume.id, "objectDoesNotExist")
    lab.servers.await_status(guest.server, "SHUTOFF")
    lab.detach(guest, volume)
    lab.require_free(guest.server, volume)
    lab.servers.act(guest.server, "os-start")
    lab.servers.await_status(guest.server, "ACTIVE")
    guest.await_boot()
    _make_again(lab, volume)
    return _attached_then(lab, guest, volume, said)


@scenario
def unregistered(lab: Lab) -> str:
    """nova-compute with the in-tree classes: Cinder refuses its host."""
    guest, volume = lab.boot(lab.there), lab.volume()
    way_out = "install storpool-openstack, set config_source and restart"
    lab.restart_compute(lab.there, OS_DEFAULT__CONFIG_SOURCE="")
    said = lab.fail_to_attach(guest, volume)
    _require_said(
        said,
        f"{way_out}, or unset storpool_require_connector: host"
        f" {lab.there.name}",
    )
    boot = lab.bootable()
    # A fault has Nova's words first, and no room for the host.
    _require_said(lab.fail_to_boot(lab.there, boot), way_out)
    lab.await_clients(volume)
    lab.restart_compute(lab.there)
    return _attached_then(lab, guest, volume, said)


def _attached_then(lab: Lab, guest: Any, volume: Any, said: str) -> str:
    """The same again, now that nothing is wrong any more."""
    lab.attach(guest, volume)
    lab.require_on(guest, lab.there)
    return f"{said!r}; then {guest.require_whole()}"
