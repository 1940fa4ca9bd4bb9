# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Encrypted volumes; QEMU decrypts, as this kernel may have no dm-crypt."""

from tests.stack import checks
from tests.stack import image
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.registry import quick_scenario

LUKS = b"LUKS\xba\xbe"


@quick_scenario
def attached(lab: Lab) -> str:
    """An encrypted volume, attached, migrated live, detached, attached."""
    kind = lab.cinder.create_type(
        name=lab.name("type"), extra_specs={"volume_backend_name": "hybrid"}
    )
    lab.clean(lab.cinder.delete_type, kind.id)
    lab.cinder.create_type_encryption(
        kind,
        provider="luks",
        cipher="aes-xts-plain64",
        key_size=256,
        control_location="front-end",
    )
    volume = lab.volume(1, volume_type=kind.name)
    guest = lab.boot(lab.there)
    told = []
    for _round in range(2):
        lab.servers.attach(guest.server, volume)
        lab.volumes.await_status(volume, "in-use")
        guest.await_console(
            "vdb written", lambda said: said.wrote("vdb") is not None
        )
        head = lab.media.content(volume, len(LUKS))
        checks.require(head == LUKS, f"the volume begins with {head!r}")
        plain = lab.media.sector(volume, image.DATA_SECTOR)
        checks.require(
            not plain.startswith("GUEST"), f"it holds {plain!r} in the clear"
        )
        lab.live_migrate(guest, lab.other(lab.host_of(guest)))
        guest.await_ticks()
        lab.servers.detach(guest.server, volume)
        lab.volumes.await_status(volume, "available")
        told.append(guest.require_whole())
    return f"LUKS, nothing in the clear: {told[-1]}"
