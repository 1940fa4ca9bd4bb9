# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The StorPool volume driver of Cinder: one short method for each hook."""

# Cinder publishes no types: its base class and decorators are Any.
# mypy: disallow-subclassing-any=False, disallow-untyped-decorators=False

from typing import Any

from cinder import coordination
from cinder import interface
from cinder.volume import configuration
from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_config import cfg
from oslo_log import log as logging
from oslo_utils import units

from cinder_storpool import capacity
from cinder_storpool import connections
from cinder_storpool import creation
from cinder_storpool import deletion
from cinder_storpool import detaching
from cinder_storpool import errors as edge
from cinder_storpool import migration
from cinder_storpool import opts
from cinder_storpool import readiness
from cinder_storpool import resizing
from cinder_storpool import templates
from storpool_common import api
from storpool_common import client
from storpool_common import config
from storpool_common import errors
from storpool_common import hook
from storpool_common import names

LOG = logging.getLogger(__name__)

CONF = cfg.CONF
CONF.register_opts(opts.OPTIONS, group=configuration.SHARED_CONF_GROUP)

# cinder-volume attaches volumes itself, to copy images; os-brick is to use
# our connector for it also where nobody named the configuration source.
hook.install()

_CONNECTION_LOCK = "storpool-connection-"


@interface.volumedriver
class StorPoolDriver(driver.VolumeDriver):
    """Volumes of a StorPool cluster.

    Several cinder-volume services may serve one backend at once: everything
    shared is on the cluster, each operation is one call under a name that
    only this volume has and may be repeated, and the one decision that
    takes more than a call, what terminate_connection may detach, is made
    under a coordination lock.

    .. code-block:: none

        Version history:
            3.0.0 - First version outside of Cinder's tree
    """

    VERSION = "3.0.0"
    CI_WIKI_NAME = "StorPool_distributed_storage_CI"
    SUPPORTS_ACTIVE_ACTIVE = True

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
            found = config.load()
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
        self._deletion = deletion.Deletion(self._client, self._prefix)
        self._detaching = detaching.Detaching(self._client, self._hosts)
        self._migration = migration.Migration(self._client, self._prefix)
        self._backend = self._describe_backend()

    def check_for_setup_error(self) -> None:
        """Prove that the cluster runs and accepts us."""
        with edge.translated(f"backend {self._backend.name}"):
            readiness.check(self._client, self._policy, self._backend.name)

    # Volumes and snapshots

    def create_volume(self, volume: Any) -> creation.Update:
        """Make an empty volume."""
        with edge.translated(f"create volume {volume.id}"):
            template = self._policy.template_of(volume)
            replication = None if template else self._policy.replication
            return self._create(
                volume, template=template, replication=replication
            )

    def create_volume_from_snapshot(
        self, volume: Any, snapshot: Any
    ) -> creation.Update:
        """Make a volume that starts as a snapshot; it may be larger."""
        with edge.translated(
            f"create volume {volume.id} from snapshot {snapshot.id}"
        ):
            return self._create(
                volume,
                template=self._policy.template_of(volume),
                parent=self._snapshot_name(snapshot),
            )

    def create_cloned_volume(
        self, volume: Any, src_vref: Any
    ) -> creation.Update:
        """Make a volume that starts as another one is at this moment."""
        with edge.translated(f"clone volume {src_vref.id} as {volume.id}"):
            return self._create(
                volume,
                template=self._policy.template_of(volume),
                base_on=self._name(src_vref),
            )

    def delete_volume(self, volume: Any) -> None:
        """Delete a volume; its snapshots stay."""
        with edge.translated(f"delete volume {volume.id}"):
            self._deletion.volume(volume)

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """Make a volume larger, attached or not.

        :param new_size: GiB.
        """
        with edge.translated(f"extend volume {volume.id} to {new_size} GiB"):
            resizing.grow(
                self._client, self._name(volume), new_size * units.Gi
            )

    def create_snapshot(self, snapshot: Any) -> creation.Update:
        """Take a snapshot of a volume, attached or not."""
        with edge.translated(f"create snapshot {snapshot.id}"):
            return self._creation.snapshot(
                self._name(snapshot.volume), self._snapshot_name(snapshot)
            )

    def delete_snapshot(self, snapshot: Any) -> None:
        """Delete a snapshot; volumes made from it keep their data."""
        with edge.translated(f"delete snapshot {snapshot.id}"):
            self._deletion.snapshot(snapshot)

    def revert_to_snapshot(
        self, context: Any, volume: Any, snapshot: Any
    ) -> None:
        """Take a volume back to a snapshot and keep its size."""
        with edge.translated(
            f"revert volume {volume.id} to snapshot {snapshot.id}"
        ):
            resizing.revert(
                self._client,
                self._name(volume),
                self._snapshot_name(snapshot),
                volume.size * units.Gi,
            )

    def snapshot_revert_use_temp_snapshot(self) -> bool:
        """A revert is one step, so no snapshot is needed to fall back on."""
        return False

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

    # Connections

    def validate_connector(self, connector: connections.Connector) -> None:
        """Refuse a host that may not attach."""
        with edge.translated("check a connector"):
            self._hosts.check(connector)

    @coordination.synchronized(_CONNECTION_LOCK + "{volume.id}")
    def initialize_connection(
        self,
        volume: Any,
        connector: connections.Connector,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Tell a host what to attach; the host does it itself."""
        with edge.translated(f"attach volume {volume.id}"):
            self._hosts.check(connector)
            [found] = self._client.volume_list(self._name(volume))
            return connections.volume_info(
                volume, found, self._hosts, connector
            )

    @coordination.synchronized(_CONNECTION_LOCK + "{volume.id}")
    def terminate_connection(
        self,
        volume: Any,
        connector: connections.Connector | None,
        force: bool = False,
        **kwargs: Any,
    ) -> bool:
        """Take a volume from a host that is through with it, or is gone.

        :param connector: the host; None for every host.
        :param force: detach also where a device is open. Cinder's own
            copies ask for it too, so it is no licence by itself: see
            :mod:`cinder_storpool.detaching`.
        :returns: whether somebody else may be using the volume there.
        """
        name = self._name(volume)
        with edge.translated(f"detach volume {volume.id}"):
            if connector is not None:
                return self._detaching.from_host(
                    volume, name, connector, force=force
                )
            self._detaching.from_all(
                api.attachments.ReassignDesc(
                    volume=name, detach="all", force=force or None
                )
            )
            return False

    def initialize_connection_snapshot(
        self,
        snapshot: Any,
        connector: connections.Connector,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Tell a host what to attach read-only."""
        with edge.translated(f"attach snapshot {snapshot.id}"):
            self._hosts.check_for_snapshots(connector)
            [found] = self._client.snapshot_list(self._snapshot_name(snapshot))
            return connections.snapshot_info(
                snapshot, found, self._hosts, connector
            )

    def terminate_connection_snapshot(
        self,
        snapshot: Any,
        connector: connections.Connector | None,
        force: bool = False,
        **kwargs: Any,
    ) -> None:
        """Take a snapshot from every host, when no host is named.

        A named host detached it itself, and Cinder keeps no record of who
        else there reads it.
        """
        if connector is not None:
            return
        with edge.translated(f"detach snapshot {snapshot.id}"):
            self._detaching.from_all(
                api.attachments.ReassignDesc(
                    snapshot=self._snapshot_name(snapshot),
                    detach="all",
                    force=force or None,
                )
            )

    def create_export(
        self, context: Any, volume: Any, connector: connections.Connector
    ) -> None:
        """Hosts attach by themselves; there is nothing to export."""

    def ensure_export(self, context: Any, volume: Any) -> None:
        """Attachments survive a restart of this service."""

    def remove_export(self, context: Any, volume: Any) -> None:
        """Nothing was exported."""

    def create_export_snapshot(
        self, context: Any, snapshot: Any, connector: connections.Connector
    ) -> None:
        """Hosts attach by themselves; there is nothing to export."""

    def remove_export_snapshot(self, context: Any, snapshot: Any) -> None:
        """Nothing was exported."""

    @classmethod
    def clean_volume_file_locks(cls, volume_id: str) -> None:
        """Remove the lock of a volume that is gone."""
        coordination.synchronized_remove(_CONNECTION_LOCK + volume_id)

    # Capacity

    def get_pool(self, volume: Any) -> str:
        """The pool of a volume whose record names none, from the cluster."""
        with edge.translated(f"find the pool of volume {volume.id}"):
            [found] = self._client.volume_list(self._name(volume))
            return templates.pool_name(found.template_name)

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

    # Of the driver's own

    def _describe_backend(self) -> capacity.Backend:
        ratio = self.configuration.max_over_subscription_ratio
        return capacity.Backend(
            name=self.configuration.safe_get("volume_backend_name")
            or "storpool",
            version=self.VERSION,
            policy=self._policy,
            over_subscription=volume_utils.get_max_over_subscription_ratio(
                ratio, supports_auto=True
            ),
            reserved=self.configuration.reserved_percentage,
        )

    def _create(self, volume: Any, **how: Any) -> creation.Update:
        return self._creation.volume(
            api.volumes.VolumeCreateDesc(
                name=self._name(volume), size=volume.size * units.Gi, **how
            )
        )

    def _name(self, volume: Any) -> str:
        return names.volume_name(self._prefix, volume.name_id)

    def _snapshot_name(self, snapshot: Any) -> str:
        return names.snapshot_name(self._prefix, snapshot.id)
