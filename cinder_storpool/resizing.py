# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The size of a volume, kept or raised and never lowered."""

from storpool_common.api.volumes import VolumeRevertDesc
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.client import Client
from storpool_common.errors import InvalidParam


def grow(client: Client, name: str, size: int) -> None:
    """See that a volume has at least that size.

    :param size: bytes.
    """
    try:
        client.volume_update(name, VolumeUpdateDesc(size=size))
    except InvalidParam:
        if _size(client, name) < size:
            raise


def revert(client: Client, name: str, snapshot: str, size: int) -> None:
    """Take a volume back to a snapshot and then to its size.

    The snapshot may be older than an extension of the volume; whether a
    revert takes the snapshot's size is a matter of the API's version.

    :param size: bytes that the volume is to have afterwards.
    """
    client.volume_revert(name, VolumeRevertDesc(to_snapshot=snapshot))
    if _size(client, name) < size:
        grow(client, name, size)


def _size(client: Client, name: str) -> int:
    [found] = client.volume_list(name)
    return found.size
