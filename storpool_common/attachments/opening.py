# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""From a configuration to the attachments of its host."""

from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.parts import Parts
from storpool_common.client import Client
from storpool_common.clock import Clock
from storpool_common.config import Configuration
from storpool_common.devices import Devices


def open_host(
    configuration: Configuration,
    api: Client,
    *,
    devices: Devices | None = None,
    clock: Clock | None = None,
) -> HostAttachments:
    """The attachments of the host that a configuration is about.

    Nothing is opened, connected or made before the first use.

    :raises ConfigurationError: a limit in it is not a number, or another
        variable for this host nothing that there is.
    """
    devices = devices or Devices(clock=clock)
    return HostAttachments(Parts.of(configuration, api, devices, clock))
