# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attachments: what hosts are told, and what is taken from them."""

# Cinder publishes no types: its decorators are Any.
# mypy: disallow-untyped-decorators=False

from typing import Any

from cinder import coordination

from cinder_storpool import backend
from cinder_storpool import connections
from cinder_storpool import errors as edge
from cinder_storpool import migration
from storpool_common import api

_CONNECTION_LOCK = "storpool-connection-"


class ConnectionHooks(backend.Backend):
    """Volumes and snapshots on their way to hosts and back."""

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
            migration.require_own_object(volume)
            name = self._name(volume)
            [found] = self._client.volume_list(name)
            self._instance_tags.attached(volume, name, connector)
            return connections.volume_info(
                volume,
                found,
                self._hosts,
                connector,
                self._detaching.permitted(volume, connector),
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
            self._instance_tags.detached(volume, name, connector)
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
