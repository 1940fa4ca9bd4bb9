# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The size of a volume, kept or raised and never lowered."""

from storpool_common import api
from storpool_common import errors
from storpool_common.api.volumes import VolumeRevertDesc
from storpool_common.api.volumes import VolumeUpdateDesc


def grow(calls: api.Calls, name: str, size: int) -> None:
    """See that a volume has at least that size.

    :param size: bytes.
    """
    try:
        calls.volume_update(name, VolumeUpdateDesc(size=size))
    except errors.InvalidParam:
        if _size(calls, name) < size:
            raise


def revert(calls: api.Calls, name: str, snapshot: str, size: int) -> None:
    """Take a volume back to a snapshot and then to its size.

    The snapshot may be older than an extension of the volume; whether a
    revert takes the snapshot's size is a matter of the API's version.

    :param size: bytes that the volume is to have afterwards.
    """
    calls.volume_revert(name, VolumeRevertDesc(to_snapshot=snapshot))
    if _size(calls, name) < size:
        grow(calls, name, size)


def _size(calls: api.Calls, name: str) -> int:
    [found] = calls.volume_list(name)
    return found.size
