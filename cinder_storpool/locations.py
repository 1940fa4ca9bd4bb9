# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``location_info``: whether two backends are one cluster.

A migration between pools of one cluster changes a volume's template and
copies nothing. Each pool says where it is; the scheduler hands that to the
backend which has the volume.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any

from cinder.volume import volume_utils

CAPABILITY = "location_info"
_KIND = "storpool"


@dataclasses.dataclass(frozen=True)
class Location:
    """Where a pool is.

    :ivar cluster: ``SP_CLUSTER_ID``.
    :ivar prefix: first part of its backend's names.
    :ivar template: what volumes get there, empty for no template.
    """

    cluster: str
    prefix: str
    template: str

    def __str__(self) -> str:
        # No part can have a slash: the API allows none in a name.
        return "/".join((_KIND, self.cluster, self.prefix, self.template))

    @classmethod
    def of(cls, host: Mapping[str, Any]) -> "Location | None":
        """Where a host of Cinder's is, None for other storage.

        :param host: what migrate_volume is given.
        """
        text = host.get("capabilities", {}).get(CAPABILITY)
        parts = text.split("/") if isinstance(text, str) else []
        if len(parts) != 4 or parts[0] != _KIND:
            return None
        return cls(*parts[1:])


def share_a_backend(volume: Any, host: Mapping[str, Any]) -> bool:
    """Whether a volume is in a pool of the backend that a host is.

    The services of a cluster serve one backend under different hosts.

    :param host: what migrate_volume is given.
    """
    own, other = volume.cluster_name, host.get("cluster_name")
    if not own or not other:
        own, other = volume.host, host["host"]
    return bool(
        volume_utils.extract_host(own) == volume_utils.extract_host(other)
    )
