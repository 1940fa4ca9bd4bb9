# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that can go wrong, as one tree by cause.

::

    StorPoolError
    ├── ConfigurationError          a file, variable or option is wrong
    ├── ValidationError             a request breaks a rule of the API
    ├── TransportError              the API could not be asked
    │   ├── ConnectionFailed        the request did not leave this host
    │   ├── AnswerLost              it may or may not have been carried out
    │   ├── DeadlineExceeded        the time for the call ran out
    │   └── BadAnswer               what came back is not the API speaking
    ├── ApiError                    the API answered with an error
    │   ├── AuthenticationFailed
    │   ├── ObjectDoesNotExist
    │   ├── ObjectExists
    │   ├── Busy
    │   ├── InvalidParam
    │   ├── InsufficientResources
    │   ├── RunIfVersionIsMismatch
    │   └── UnknownCall             this server has no such call
    ├── AttachmentError             this host's record of attachments
    │   ├── LockTimeout
    │   ├── RecordsUnusable
    │   │   └── RecordsDamaged
    │   ├── UnknownRequest
    │   └── ForeignVolume
    └── DeviceError                 the block device on this host
        ├── DeviceNotReady
        └── DeviceBusy
"""

import typing


class StorPoolError(Exception):
    """The root: catch this to catch everything that is ours."""


class ConfigurationError(StorPoolError):
    """A file, a variable or an option is missing or wrong."""


class ValidationError(StorPoolError):
    """A request breaks a rule of the API and was not sent."""


class TransportError(StorPoolError):
    """The API could not be asked, or its answer did not arrive."""


class ConnectionFailed(TransportError):
    """The request provably did not reach a server; repeating it is safe."""


class AnswerLost(TransportError):
    """The request left this host and no answer came back.

    Whether it was carried out has to be found out by looking.
    """


class DeadlineExceeded(TransportError):
    """The time allowed for the call ran out.

    :ivar sent: whether the request had left this host; when it had, the same
        doubt holds as for :class:`AnswerLost`.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class BadAnswer(TransportError):
    """Something answered that is not the StorPool API: a proxy, say.

    :ivar status: the HTTP status of the answer.
    """

    def __init__(self, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.status = status


class ApiError(StorPoolError):
    """The API refused a call.

    :ivar call: name of the call, ``VolumeCreate`` for instance.
    :ivar name: the API's own word for the error, ``objectExists``.
    :ivar description: the API's sentence about it.
    :ivar transient: whether the API says that trying again may help.
    :ivar status: the HTTP status that came with it.
    """

    #: What the API calls this error; a subclass without one is never
    #: chosen by name.
    api_name: typing.ClassVar[str | None] = None

    def __init__(
        self,
        call: str,
        name: str,
        description: str,
        *,
        transient: bool = False,
        status: int = 200,
    ) -> None:
        super().__init__(f"{call}: {name}: {description}")
        self.call = call
        self.name = name
        self.description = description
        self.transient = transient
        self.status = status


class AuthenticationFailed(ApiError):
    """The API does not accept the token (HTTP status 401 or 403)."""


class ObjectDoesNotExist(ApiError):
    """No volume, snapshot, template or other object has that name."""

    api_name = "objectDoesNotExist"


class ObjectExists(ApiError):
    """The name is taken; volumes and snapshots share one name space."""

    api_name = "objectExists"


class Busy(ApiError):
    """The object is attached, or its device is open at a client."""

    api_name = "busy"


class InvalidParam(ApiError):
    """The API does not accept a value in the request."""

    api_name = "invalidParam"


class InsufficientResources(ApiError):
    """The cluster cannot place what was asked for."""

    api_name = "insufficientResources"


class RunIfVersionIsMismatch(ApiError):
    """A key-value bucket was changed since it was read.

    Read it again, and decide on what is in it now.
    """

    api_name = "runIfVersionIsMismatch"


class UnknownCall(ApiError):
    """The server has no such call: an older or a newer API.

    The message says which versions have it.
    """

    api_name = "unknownCall"


class AttachmentError(StorPoolError):
    """This host's record of who uses which volume."""


class LockTimeout(AttachmentError):
    """Somebody else on this host held a volume's lock for too long."""


class RecordsUnusable(AttachmentError):
    """The attachment DB cannot be read, written or trusted."""


class RecordsDamaged(RecordsUnusable):
    """The attachment DB is no database any more, or not all of it is.

    :ivar file: device and inode of the file, None where it has gone.
    """

    def __init__(self, message: str, file: tuple[int, int] | None) -> None:
        super().__init__(message)
        self.file = file


class UnknownRequest(AttachmentError):
    """No request of that key is recorded on this host."""


class ForeignVolume(AttachmentError):
    """The volume or its attachment belongs to somebody else."""


class DeviceError(StorPoolError):
    """A block device on this host is not as it has to be."""


class DeviceNotReady(DeviceError):
    """A device did not appear, open or reach its size in time."""


class DeviceBusy(DeviceError):
    """A device is still open; its volume stays attached."""
