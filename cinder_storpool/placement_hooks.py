# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where a volume is: its pool, another type, another host."""

from typing import Any

from cinder_storpool import backend
from cinder_storpool import errors as edge
from cinder_storpool import templates


class PlacementHooks(backend.Backend):
    """Volumes that change their place."""

    def get_pool(self, volume: Any) -> str:
        """The pool of a volume whose record names none, from the cluster."""
        with edge.translated(f"find the pool of volume {volume.id}"):
            [found] = self._client.volume_list(self._name(volume))
            return templates.pool_name(found.template_name)

    def update_migrated_volume(
        self,
        context: Any,
        volume: Any,
        new_volume: Any,
        original_volume_status: str,
    ) -> dict[str, str | None]:
        """Say which object holds a migrated volume's data."""
        with edge.translated(f"finish the migration of {volume.id}"):
            return self._migration.finish(
                volume, new_volume, original_volume_status
            )
