# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What every hook needs: set-up, names, statistics."""

# Cinder publishes no types: its base class and decorators are Any.
# mypy: disallow-subclassing-any=False, disallow-untyped-decorators=False

from typing import Any

from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_config import cfg
from oslo_log import log as logging

from cinder_storpool import capacity
from cinder_storpool import connections
from cinder_storpool import creation
from cinder_storpool import deletion
from cinder_storpool import detaching
from cinder_storpool import errors as edge
from cinder_storpool import groups
from cinder_storpool import images
from cinder_storpool import instance_tags
from cinder_storpool import managing
from cinder_storpool import managing_snapshots
from cinder_storpool import migration
from cinder_storpool import opts
from cinder_storpool import properties
from cinder_storpool import provider_ids
from cinder_storpool import qos
from cinder_storpool import readiness
from cinder_storpool import retyping
from cinder_storpool import settings
from cinder_storpool import templates
from storpool_common import client
from storpool_common import errors
from storpool_common import names

LOG = logging.getLogger(__name__)


class Backend(driver.VolumeDriver):
    """A driver that knows its cluster, without any operation yet.

    Each family of hooks derives from it; the driver from the families.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(opts.OPTIONS)
        self._stats: dict[str, Any] = {}

    @staticmethod
    def get_driver_options() -> tuple[cfg.Opt, ...]:
        """The options that a backend's section may have."""
        return opts.OPTIONS

    def do_setup(self, context: Any) -> None:
        """Read the configuration; nothing is sent yet."""
        with edge.translated("reading the StorPool configuration"):
            found = settings.load(self.configuration)
        self._prefix = found.volume_prefix
        self._hosts = connections.Hosts(
            found, self.configuration.storpool_require_connector
        )
        self._policy = templates.Policy(
            self.configuration.storpool_template,
            self.configuration.storpool_replication,
        )
        self._client = client.Client(
            found.api, deadline=self.configuration.storpool_api_deadline
        )
        self._creation = creation.Creation(self._client)
        self._groups = groups.Groups(
            self._client, self._prefix, self._creation
        )
        self._images = images.Images(self._prefix, found.cluster_id)
        self._deletion = deletion.Deletion(self._client, self._prefix)
        self._instance_tags = instance_tags.InstanceTags(
            self._client, self.configuration.storpool_tag_instances
        )
        self._detaching = detaching.Detaching(self._client, self._hosts)
        self._provider_ids = provider_ids.ProviderIds(
            self._client, self._prefix
        )
        self._qualities = qos.configured(self.configuration)
        self._retyping = retyping.Retyping(
            self._client,
            self._prefix,
            found.cluster_id,
            self._policy,
            self._qualities,
        )
        self._managing = managing.Managing(
            self._client, self._prefix, self._qualities
        )
        self._managing_snapshots = managing_snapshots.ManagingSnapshots(
            self._client, self._prefix
        )
        self._migration = migration.Migration(self._client, self._prefix)
        self._backend = self._describe_backend(found.cluster_id)

    def check_for_setup_error(self) -> None:
        """Prove that the cluster runs and accepts us."""
        with edge.translated(f"backend {self._backend.name}"):
            readiness.check(self._client, self._policy, self._backend.name)

    def _update_volume_stats(self) -> None:
        """Ask for the room in every pool; never raises.

        An exception would stop the whole service while it starts, and later
        leave the scheduler with what it knew before.
        """
        try:
            statuses = self._client.volume_templates_status()
        except errors.StorPoolError as error:
            LOG.error(
                "Backend %s is reported as down: %s", self._backend.name, error
            )
            self._stats = self._backend.down(self._stats)
            return
        self._stats = self._backend.up(statuses)

    def _init_vendor_properties(self) -> tuple[properties.Properties, str]:
        """Describe our extra specs; the statistics were just asked for."""
        return (
            properties.describe(
                self._set_property,
                capacity.templates_of(self._stats),
                sorted(self._qualities.classes),
            ),
            properties.VENDOR,
        )

    def _describe_backend(self, cluster_id: str | None) -> capacity.Backend:
        ratio = self.configuration.max_over_subscription_ratio
        return capacity.Backend(
            name=self.configuration.safe_get("volume_backend_name")
            or "storpool",
            version=self.VERSION,
            policy=self._policy,
            prefix=self._prefix,
            cluster_id=cluster_id,
            over_subscription=volume_utils.get_max_over_subscription_ratio(
                ratio, supports_auto=True
            ),
            reserved=self.configuration.reserved_percentage,
            one_pool=self.configuration.storpool_one_pool,
        )

    def _name(self, volume: Any) -> str:
        return names.volume_name(self._prefix, volume.name_id)

    def _snapshot_name(self, snapshot: Any) -> str:
        return names.snapshot_name(self._prefix, snapshot.id)
