# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the connector raises: os-brick's exceptions, and what we know more.

Callers of os-brick handle its classes, so each cause of ours is one of
them. Each says what was being done, to which volume, and for which client
and request, in its message and as attributes.
"""

# os-brick publishes no types: its classes are Any.
# mypy: disallow-subclassing-any=False

from collections.abc import Iterator
import contextlib
import dataclasses
import typing

from os_brick import exception

from storpool_common import errors


@dataclasses.dataclass
class Work:
    """What is being done, for messages; filled in as it becomes known.

    :ivar what: ``attach``, ``detach`` or ``extend``.
    :ivar volume: name, or global id, of the volume or snapshot.
    :ivar client_id: this host's number in the cluster.
    :ivar request: the key of the request.
    """

    what: str
    volume: str | None = None
    client_id: int | None = None
    request: str | None = None

    def __str__(self) -> str:
        request = f" for request {self.request}" if self.request else ""
        client = f"client {self.client_id}" if self.client_id else "this host"
        return (
            f"StorPool: cannot {self.what} {self.volume or 'a volume'} on"
            f" {client}{request}"
        )


class StorPoolFailed(exception.BrickException):
    """The root of what the connector raises.

    :ivar work: what was being done.
    """

    work: Work


class StorPoolDeviceNotFound(StorPoolFailed, exception.VolumeDeviceNotFound):
    """The device did not appear, open or reach its size in time."""


class StorPoolDeviceBusy(StorPoolFailed, exception.VolumePathNotRemoved):
    """The device is open; the volume stays attached."""


class StorPoolNotFound(StorPoolFailed, exception.NotFound):
    """There is no such volume or snapshot."""


class StorPoolInvalid(StorPoolFailed, exception.Invalid):
    """The connection properties ask for what cannot be."""


class StorPoolAPIError(StorPoolFailed):
    """The API refused, or could not be asked.

    :ivar name: the API's word for it, or the class of ours.
    :ivar status: HTTP status; None where there was no answer.
    :ivar transient: whether trying again later may help.
    """

    name: str = ""
    status: int | None = None
    transient: bool = False


_CLASSES: typing.Final[
    tuple[tuple[type[errors.StorPoolError], type[StorPoolFailed]], ...]
] = (
    (errors.DeviceNotReady, StorPoolDeviceNotFound),
    (errors.DeviceBusy, StorPoolDeviceBusy),
    (errors.ObjectDoesNotExist, StorPoolNotFound),
    (errors.ValidationError, StorPoolInvalid),
    (errors.ForeignVolume, StorPoolInvalid),
    (errors.ApiError, StorPoolAPIError),
    (errors.TransportError, StorPoolAPIError),
)


@contextlib.contextmanager
def translated(work: Work) -> Iterator[None]:
    """Raise what comes out of the context as os-brick's exceptions."""
    try:
        yield
    except errors.StorPoolError as error:
        raise _translation(work, error) from error


def _translation(work: Work, error: errors.StorPoolError) -> StorPoolFailed:
    kind = next(
        (ours for cause, ours in _CLASSES if isinstance(error, cause)),
        StorPoolFailed,
    )
    notes = getattr(error, "__notes__", [])
    failed = kind("; ".join([f"{work}: {error}", *notes]))
    failed.work = work
    if isinstance(failed, StorPoolAPIError):
        failed.name = getattr(error, "name", type(error).__name__)
        failed.status = getattr(error, "status", None)
        failed.transient = _is_transient(error)
    return failed


def _is_transient(error: errors.StorPoolError) -> bool:
    if isinstance(error, errors.ApiError):
        return error.transient
    return isinstance(error, errors.TransportError)
