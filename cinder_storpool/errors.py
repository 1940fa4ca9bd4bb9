# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The edge: what leaves the driver is an exception of Cinder's.

The manager handles some hooks' exceptions only when they are Cinder's own;
with any other a volume or group would stay in a transitional state for ever.
"""

from collections.abc import Iterator
import contextlib

from cinder import exception
from oslo_db import exception as db_exception

from storpool_common import errors

#: What is wrong with a request; the words alone do not tell whose it is.
_REFUSED = (
    exception.InvalidVolumeType,
    exception.ManageExistingAlreadyManaged,
    exception.ManageExistingInvalidReference,
    exception.ManageExistingVolumeTypeMismatch,
)


@contextlib.contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn what StorPool's side raises into what Cinder understands.

    :param operation: what the driver is doing, with the volume or snapshot in
        it: "delete volume 7d2...".
    :raises cinder.exception.VolumeBackendAPIException: for every
        StorPoolError, and where Cinder's records cannot be read.
    :raises cinder.exception.CinderException: what is already one; where it
        refuses a request, the operation is put before it.
    """
    try:
        yield
    except _REFUSED as error:
        raise type(error)(message=f"{operation}: {error.msg}") from error
    except errors.StorPoolError as error:
        raise exception.VolumeBackendAPIException(
            data=f"{operation}: {error}"
        ) from error
    except db_exception.DBError as error:
        raise exception.VolumeBackendAPIException(
            data=f"{operation}: Cinder's records cannot be read ({error});"
            " try again once they can"
        ) from error


def volume_is_busy(volume_name: str, reason: str) -> exception.VolumeIsBusy:
    """The volume cannot go now and nothing happened to it."""
    return exception.VolumeIsBusy(reason, volume_name=volume_name)


def snapshot_is_busy(
    snapshot_name: str, reason: str
) -> exception.SnapshotIsBusy:
    """The snapshot cannot go now and nothing happened to it."""
    return exception.SnapshotIsBusy(reason, snapshot_name=snapshot_name)
