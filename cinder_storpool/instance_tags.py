# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which server has a volume, as tags of the volume.

``osvm`` is the server's id and ``disk`` the name of its device there, for
those who look at the cluster and not at OpenStack. Nova names the device when
it asks what to attach, and Cinder's record of the attachment has the server.
"""

import dataclasses
from typing import Any

from oslo_log import log as logging

from cinder_storpool import connections
from cinder_storpool import detaching
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.client import Client
from storpool_common.errors import StorPoolError

LOG = logging.getLogger(__name__)

SERVER = "osvm"
DEVICE = "disk"


@dataclasses.dataclass(frozen=True)
class InstanceTags:
    """Writes the tags; that it cannot is no reason not to attach.

    :ivar wanted: ``storpool_tag_instances``.
    """

    client: Client
    wanted: bool

    def attached(
        self, volume: Any, name: str, connector: connections.Connector
    ) -> None:
        """A server is about to attach a volume.

        :param name: the StorPool volume.
        """
        # Cinder's own copies name no device.
        device = connector.get("mountpoint")
        record = detaching.fresh(volume) if self.wanted and device else None
        if record is None:
            return
        servers = {
            str(each.instance_uuid)
            for each in record.volume_attachment
            if each.instance_uuid and not each.connector
        }
        # Of two servers at once nothing tells which one is asking.
        if len(servers) == 1:
            disk = str(device).rpartition("/")[2]
            self._write(name, {SERVER: servers.pop(), DEVICE: disk})

    def detached(
        self, volume: Any, name: str, connector: connections.Connector | None
    ) -> None:
        """An attachment ends; its record is still there.

        With another one left, that of a migrating server say, the tags stay,
        and so they do when a copy of Cinder's ends, which has no record.

        :param connector: the host that it was on, None for every host.
        """
        record = detaching.fresh(volume) if self.wanted else None
        if record is None or detaching.worked_on(record) is not None:
            return
        hosts = [
            detaching.host_of(each)
            for each in record.volume_attachment
            if each.instance_uuid
        ]
        if connector is None or hosts == [connector.get("host")]:
            self._write(name, {SERVER: "", DEVICE: ""})

    def _write(self, name: str, tags: dict[str, str]) -> None:
        try:
            self.client.volume_update(name, VolumeUpdateDesc(tags=tags))
        except StorPoolError as error:
            LOG.warning("Volume %s keeps its former tags: %s", name, error)
