# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The global ids of volumes and snapshots that have none in their records.

The driver of Cinder's own tree stores none.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.client import Client
from storpool_common.names import snapshot_name
from storpool_common.names import volume_name

#: Each has ``id`` and ``provider_id``.
Updates = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class ProviderIds:
    """Asks the cluster for global ids, once for all records.

    :ivar prefix: first part of the names of our objects.
    """

    client: Client
    prefix: str

    def of_volumes(self, volumes: Sequence[Any]) -> Updates | None:
        """What to store for volumes, None where nothing is missing."""
        missing = [v for v in volumes if not v.provider_id]
        if not missing:
            return None
        ids = _ids(self.client.volumes_list())
        names = ((v, volume_name(self.prefix, v.name_id)) for v in missing)
        return [
            {"id": volume.id, "provider_id": ids[name]}
            for volume, name in names
            if name in ids
        ]

    def of_snapshots(self, snapshots: Sequence[Any]) -> Updates | None:
        """What to store for snapshots, None where nothing is missing.

        Cinder 29 looks for an entry for each that misses its id and fails
        where there is none, so a snapshot that is not there has one too.
        """
        missing = [s for s in snapshots if not s.provider_id]
        if not missing:
            return None
        ids = _ids(self.client.snapshots_list())
        return [
            {
                "id": snapshot.id,
                "provider_id": ids.get(
                    snapshot_name(self.prefix, snapshot.id)
                ),
            }
            for snapshot in missing
        ]


def _ids(found: Iterable[VolumeSummaryBase]) -> Mapping[str, str]:
    return {each.name: each.global_id for each in found}
