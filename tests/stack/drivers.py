# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whose drivers a cloud starts with: ours, or those of OpenStack's trees."""

from collections.abc import Mapping
import dataclasses

from tests.stack import layout

REGISTRATION = """config_source = storpool_conf

[storpool_conf]
driver = storpool
"""


@dataclasses.dataclass(frozen=True)
class Drivers:
    """The drivers of a cloud.

    :ivar name: as the user types it
    :ivar values: what the templates of the services' files say of them
    """

    name: str
    values: Mapping[str, str]


OURS = Drivers(
    "ours",
    {
        "registration": REGISTRATION,
        "volume_driver": "cinder_storpool.driver.StorPoolDriver",
        "backend_options": "storpool_require_connector = true",
        # What an evacuated guest wrote with is taken from the host it was on.
        "compute_options": "storpool_exclusive = enforce",
    },
)
AS_INSTALLED = Drivers(
    "as-installed",
    {**OURS.values, "backend_options": "", "compute_options": ""},
)
"""Ours, without an option of their own."""

IN_TREE = Drivers(
    "in-tree",
    {
        "registration": "",
        "volume_driver": "cinder.volume.drivers.storpool.StorPoolDriver",
        "backend_options": "",
        "compute_options": "",
    },
)
CHOICES = {drivers.name: drivers for drivers in (OURS, AS_INSTALLED, IN_TREE)}


def keep(place: layout.Layout, chosen: Drivers) -> None:
    """Remember whose a cloud was started with."""
    (place.run / "drivers").write_text(chosen.name)


def kept(place: layout.Layout) -> Drivers:
    """Those that the cloud was started with; ours when none was."""
    path = place.run / "drivers"
    return CHOICES[path.read_text()] if path.exists() else OURS
