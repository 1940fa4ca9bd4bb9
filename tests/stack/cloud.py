# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cloud, spoken to through openstacksdk."""

import os
from typing import Any

from openstack import config
from openstack import connection

from tests.stack import layout
from tests.stack import services

FLAVOR = "tiny"
MEMORY_MIB = 128
COMPUTE_SERVICES = ("nova-conductor", "nova-scheduler", "nova-compute")
VOLUME_SERVICES = ("cinder-scheduler", "cinder-volume", "cinder-backup")


def connect(place: layout.Layout) -> Any:
    """The administrator's connection to the cloud of *place*."""
    os.environ["no_proxy"] = "127.0.0.1,localhost"
    loader = config.OpenStackConfig(
        config_files=[str(place.clouds)], load_envvars=False
    )
    return connection.Connection(config=loader.get_one(cloud="stack"))


def services_up(cloud: Any) -> bool:
    """Whether every service of Nova and Cinder has reported."""
    compute = {
        entry.binary
        for entry in cloud.compute.services()
        if entry.state == "up"
    }
    volume = {
        entry.binary
        for entry in cloud.block_storage.services()
        if entry.state == "up"
    }
    return compute.issuperset(COMPUTE_SERVICES) and volume.issuperset(
        VOLUME_SERVICES
    )


def hypervisors(cloud: Any) -> int:
    """How many compute hosts are up and mapped to their cell."""
    return sum(
        entry.state == "up" for entry in cloud.compute.hypervisors(True)
    )


def pools(cloud: Any) -> set[str]:
    """The back ends the volume scheduler knows of."""
    return {
        pool.name.partition("@")[2].partition("#")[0]
        for pool in cloud.block_storage.backend_pools()
    }


def create_types(cloud: Any) -> None:
    """A flavor, and a volume type for each template."""
    cloud.compute.create_flavor(
        # A disk of 0 would refuse servers from an image to users.
        name=FLAVOR, ram=MEMORY_MIB, vcpus=1, disk=1,
    )  # fmt: skip
    for template in services.TEMPLATES:
        cloud.block_storage.create_type(
            name=template, extra_specs={"volume_backend_name": template}
        )
    cloud.block_storage.create_type(
        name="multiattach",
        extra_specs={
            "volume_backend_name": services.TEMPLATES[0],
            "multiattach": "<is> True",
        },
    )
