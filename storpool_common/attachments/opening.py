# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""From a configuration to the attachments of its host."""

import os

from storpool_common.attachments.cluster import ClientAttachments
from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.limits import Limits
from storpool_common.attachments.locks import VolumeLocks
from storpool_common.attachments.records import Records
from storpool_common.attachments.recovery import Recovery
from storpool_common.client import Client
from storpool_common.clock import Clock
from storpool_common.clock import SystemClock
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

    :raises ConfigurationError: a limit in it is not a number.
    """
    clock = clock or SystemClock()
    state_dir = configuration.state_dir
    cluster = ClientAttachments(
        api, configuration.client_id, configuration.volume_prefix, clock
    )
    records = Records(state_dir, clock=clock)
    locks = VolumeLocks(os.path.join(state_dir, "locks"), clock=clock)
    devices = devices or Devices(clock=clock)
    limits = Limits.read(configuration.values)
    recovery = Recovery(state_dir, cluster, records, locks, devices, limits)
    return HostAttachments(cluster, records, locks, devices, limits, recovery)
