# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Neutron's mechanism driver for a machine on which a bridge is all.

Nova makes a tap for each port, and tests/stack/network.py takes it.
"""

from typing import Any

from neutron_lib import constants
from neutron_lib.plugins.ml2 import api


class Driver(api.MechanismDriver):  # type: ignore[misc]
    """Binds every port, on any host, as a tap."""

    def initialize(self) -> None:
        """There is nothing to prepare."""

    @property
    def connectivity(self) -> str:
        """A port gives a guest frames, not routes."""
        return "l2"

    def bind_port(self, context: Any) -> None:
        """Say that the port works."""
        segment, *_ = context.segments_to_bind
        context.set_binding(
            segment[api.ID],
            "tap",
            {"port_filter": False},
            status=constants.PORT_STATUS_ACTIVE,
        )
