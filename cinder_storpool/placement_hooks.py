# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where a volume is: its pool, another type, another host."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_log import log as logging

from cinder_storpool import backend
from cinder_storpool import errors as edge
from cinder_storpool import migration
from cinder_storpool import provider_ids
from cinder_storpool import retyping
from cinder_storpool import templates
from storpool_common import errors

LOG = logging.getLogger(__name__)


class PlacementHooks(backend.Backend):
    """Volumes that change their place."""

    def get_pool(self, volume: Any) -> str:
        """The pool of a volume whose record names none, from the cluster."""
        if self._backend.one_pool:
            return templates.DEFAULT_POOL
        with edge.translated(f"find the pool of volume {volume.id}"):
            [found] = self._client.volume_list(self._name(volume))
            return templates.pool_name(found.template_name)

    def retype(
        self,
        context: Any,
        volume: Any,
        new_type: Any,
        diff: Mapping[str, Any],
        host: retyping.Host,
    ) -> bool:
        """Give a volume the template and limits of another type."""
        with edge.translated(f"retype volume {volume.id} to {new_type.name}"):
            return self._retyping.retype(volume, new_type, host)

    def migrate_volume(
        self, context: Any, volume: Any, host: retyping.Host
    ) -> tuple[bool, None]:
        """Move a volume to another pool where no data has to be copied."""
        with edge.translated(f"migrate volume {volume.id} to {host['host']}"):
            return self._retyping.migrate(volume, host), None

    def update_provider_info(
        self, volumes: Sequence[Any], snapshots: Sequence[Any]
    ) -> tuple[provider_ids.Updates | None, provider_ids.Updates | None]:
        """Learn the global ids of what another driver made; never raises.

        An exception would keep the whole service from starting, and nothing
        depends on these ids.
        """
        try:
            return (
                self._provider_ids.of_volumes(volumes),
                self._provider_ids.of_snapshots(snapshots),
            )
        except errors.StorPoolError as error:
            LOG.warning("Global ids stay unknown until a restart: %s", error)
            return None, None

    def update_migrated_volume(
        self,
        context: Any,
        volume: Any,
        new_volume: Any,
        original_volume_status: str,
    ) -> dict[str, str | None]:
        """Say which object holds a migrated volume's data."""
        with edge.translated(f"finish the migration of {volume.id}"):
            update = self._migration.finish(
                volume, new_volume, original_volume_status
            )
            migration.require_under_way(volume)
            return update
