# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The connector: StorPool volumes on this host, for os-brick's callers."""

# os-brick publishes no types: its base class and decorators are Any.
# mypy: disallow-subclassing-any=False, disallow-untyped-decorators=False

import functools
import os
import sys
from typing import Any
import uuid

from os_brick.exception import BrickException
from os_brick.initiator.connectors.base import BaseLinuxConnector
from os_brick.utils import connect_volume_prepare_result
from os_brick.utils import connect_volume_undo_prepare_result
from os_brick.utils import trace
from oslo_log import log as logging

from os_brick_storpool.errors import translated
from os_brick_storpool.errors import Work
from os_brick_storpool.properties import access_mode
from os_brick_storpool.properties import complete
from os_brick_storpool.properties import Connection
from os_brick_storpool.properties import exclusive
from os_brick_storpool.properties import read
from os_brick_storpool.properties import REQUEST
from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownRequest
from storpool_common.names import BY_ID_DIRECTORY
from storpool_common.version import version

LOG = logging.getLogger(__name__)


class StorPoolConnector(BaseLinuxConnector):
    """Attaches and detaches StorPool volumes and snapshots.

    Nothing in here is done as root. The configuration is read, and the API
    asked, at the first use and not before: services build connectors before
    they fork, and on hosts that have no StorPool.

    :param storpool_host: instead of what storpool.conf says about this host.
    """

    def __init__(
        self,
        root_helper: str | None,
        driver: Any = None,
        *args: Any,
        storpool_host: HostAttachments | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(root_helper, driver, *args, **kwargs)
        self._host = storpool_host
        _announce(f"{type(self).__module__}.{type(self).__qualname__}")

    @staticmethod
    def get_connector_properties(
        root_helper: str | None, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """What Cinder is told about this host.

        :returns: nothing for a host that has no StorPool; it never raises,
            because every attachment of every back end asks this.
        """
        try:
            configuration = load()
        except (StorPoolError, OSError, ValueError) as error:
            LOG.debug("This host attaches no StorPool volumes: %s", error)
            return {}
        known = {
            "storpool_client_id": configuration.client_id,
            "storpool_cluster_id": configuration.cluster_id,
            "storpool_connector": version(),
        }
        return {name: value for name, value in known.items() if value}

    @trace
    @connect_volume_prepare_result
    def connect_volume(
        self, connection_properties: dict[str, Any]
    ) -> dict[str, Any]:
        """Attach a volume or snapshot; repeating it changes nothing.

        :param connection_properties: see
            :mod:`os_brick_storpool.properties`; the key of the request is
            stored in them.
        :returns: the path of the device, which can be used now, and the key.
        :raises StorPoolFailed: and everything is as it was before.
        """
        work = Work("attach")
        with translated(work):
            host = self._open(work)
            connection = read(connection_properties, None, host.volume_prefix)
            _check_client(
                connection_properties.get("client_id"), host.client_id
            )
            work.volume = str(connection.target)
            work.request = (
                connection.request
                or connection.key_of_owner
                or f"{_program()}:{uuid.uuid4()}"
            )
            attached = host.attach(
                work.request,
                connection.target,
                access_mode(connection_properties),
                inherited=connection.is_inherited,
                returning=connection.path is not None,
                exclusive=exclusive(connection_properties),
            )
        connection_properties[REQUEST] = work.request
        LOG.info(
            "StorPool: attached %(object)s as %(path)s, %(size)d bytes, for"
            " request %(request)s",
            {
                "object": attached.stored,
                "path": attached.path,
                "size": attached.size,
                "request": work.request,
            },
        )
        return {
            "type": "block",
            "path": attached.path,
            REQUEST: work.request,
        }

    @trace
    @connect_volume_undo_prepare_result(unlink_after=True)
    def disconnect_volume(
        self,
        connection_properties: dict[str, Any],
        device_info: dict[str, Any] | None = None,
        force: bool = False,
        ignore_errors: bool = False,
    ) -> None:
        """Withdraw a request; its volume is detached if it was the last.

        A volume that is not attached, not there any more, or not asked for
        by anybody is a success.

        :param device_info: what :meth:`connect_volume` returned.
        :param force: detach even while the device is open, after a grace;
            others who asked for the volume keep it all the same.
        :param ignore_errors: with ``force``, write errors to the log and
            raise none.
        :raises StorPoolDeviceBusy: the device is open; nothing has changed.
        :raises StorPoolFailed: it may still be attached.
        """
        try:
            self._disconnect(connection_properties, device_info, force=force)
        except BrickException as error:
            if not (force and ignore_errors):
                raise
            LOG.warning("Going on, as the caller wants: %s", error)

    @trace
    @connect_volume_undo_prepare_result
    def extend_volume(self, connection_properties: dict[str, Any]) -> int:
        """Wait until the device has the size that its volume has now.

        :returns: that size, in bytes.
        :raises StorPoolDeviceNotFound: it has not, in time.
        """
        work = Work("extend")
        with translated(work):
            host = self._open(work)
            connection = _read(host, connection_properties, None, work)
            return host.extend(complete(connection, host.find))

    def close(self) -> None:
        """Close connections and files; the next use opens them again."""
        if self._host is not None:
            self._host.close()

    def get_volume_paths(
        self, connection_properties: dict[str, Any]
    ) -> list[str]:
        """The path of the volume's device, if it is there.

        :param connection_properties: as for :meth:`connect_volume`.
        """
        try:
            host = self._opened()
        except StorPoolError:
            return []
        connection = read(connection_properties, None, host.volume_prefix)
        global_id = complete(connection, host.find).global_id
        if global_id is None:
            return []
        path = host.path(global_id)
        return [path] if os.path.exists(path) else []

    def get_search_path(self) -> str:
        """The directory that the paths of devices are in."""
        return BY_ID_DIRECTORY

    def _disconnect(
        self,
        connection_properties: dict[str, Any],
        device_info: dict[str, Any] | None,
        *,
        force: bool,
    ) -> None:
        work = Work("detach")
        with translated(work):
            host = self._open(work)
            connection = _read(host, connection_properties, device_info, work)
            try:
                _withdraw(host, connection, force=force)
            except UnknownRequest as error:
                LOG.warning(
                    "StorPool: nothing to detach for %(volume)s: %(error)s",
                    {"volume": work.volume, "error": error},
                )
                return
        LOG.info(
            "StorPool: withdrew %(request)s for %(volume)s",
            {
                "request": work.request or "a request",
                "volume": work.volume,
            },
        )

    def _opened(self) -> HostAttachments:
        if self._host is None:
            configuration = load()
            self._host = open_host(configuration, Client(configuration.api))
        return self._host

    def _open(self, work: Work) -> HostAttachments:
        host = self._opened()
        work.client_id = host.client_id
        return host


def _read(
    host: HostAttachments,
    connection_properties: dict[str, Any],
    device_info: dict[str, Any] | None,
    work: Work,
) -> Connection:
    """Read the properties of an attachment that is there already."""
    connection = read(connection_properties, device_info, host.volume_prefix)
    work.request = connection.request or connection.key_of_owner
    work.volume = str(connection.target)
    return connection


def _withdraw(
    host: HostAttachments, connection: Connection, *, force: bool
) -> None:
    target = complete(connection, host.find)
    key = connection.request or connection.key_of_owner
    if key is not None:
        try:
            host.detach(key, force=force)
            return
        except UnknownRequest:
            if connection.request is not None:
                host.detach_former(target, force=force)
                return
    if target.global_id is None and target.name is None:
        raise UnknownRequest(
            f"no volume here has the device {connection.path}"
        )
    host.detach_unnamed(
        target,
        owner=connection.owner,
        force=force,
        inherited=connection.is_inherited,
    )


def _check_client(properties_client: Any, client_id: int) -> None:
    """Cinder detaches by the number that it knows for a host."""
    if properties_client in (None, client_id, str(client_id)):
        return
    LOG.warning(
        "StorPool: Cinder takes this host for client %(theirs)s and it is"
        " client %(ours)s: correct SP_OURID in the storpool.conf of either",
        {"theirs": properties_client, "ours": client_id},
    )


def _program() -> str:
    """Whose requests these are, where the caller does not say."""
    name = os.path.basename(sys.argv[0] if sys.argv else "")
    return name.replace(":", "-") or "service"


@functools.cache
def _announce(name: str) -> None:
    LOG.info(
        "StorPool: the connector in use is %(name)s, version %(version)s",
        {"name": name, "version": version()},
    )
