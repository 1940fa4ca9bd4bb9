# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The users, roles and endpoints of the services in keystone."""

from collections.abc import Mapping
from typing import Any

ENDPOINTS = {
    "placement": ("placement", "placement", ""),
    "glance": ("glance", "image", ""),
    "cinder": ("cinder", "block-storage", "/v3"),
    "nova": ("nova", "compute", "/v2.1"),
    "neutron": ("neutron", "network", ""),
}
"""By port: the user, the type of the service and the path of its API."""


def create(cloud: Any, ports: Mapping[str, int], password: str) -> None:
    """Fill a keystone that was just bootstrapped.

    :param cloud: a connection of openstacksdk as its administrator
    :param ports: the port of every API
    :param password: of all service users
    """
    identity = cloud.identity
    # keystone-manage bootstrap has made both
    roles = [identity.find_role(name) for name in ("admin", "service")]
    project = identity.create_project(name="service", domain_id="default")
    region = identity.get_region("RegionOne")
    for port, (name, kind, path) in ENDPOINTS.items():
        user = identity.create_user(
            name=name,
            password=password,
            domain_id="default",
            default_project_id=project.id,
        )
        for role in roles:
            identity.assign_project_role_to_user(project, user, role)
        service = identity.create_service(name=name, type=kind)
        identity.create_endpoint(
            service_id=service.id,
            interface="public",
            region_id=region.id,
            url=f"http://127.0.0.1:{ports[port]}{path}",
        )
