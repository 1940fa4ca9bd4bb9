# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attachments as the cluster has them: of one client, this host's."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Set
import contextlib
import dataclasses
import logging

from storpool_common.api.attachments import AttachmentDesc
from storpool_common.api.attachments import ReassignDesc
from storpool_common.api.attachments import VolumesReassignWaitDesc
from storpool_common.api.types import ClientId
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import StoredObject
from storpool_common.client import Client
from storpool_common.clock import Clock
from storpool_common.clock import try_until
from storpool_common.errors import ApiError
from storpool_common.errors import AuthenticationFailed
from storpool_common.errors import Busy
from storpool_common.errors import ConfigurationError
from storpool_common.errors import ConnectionFailed
from storpool_common.errors import DeadlineExceeded
from storpool_common.errors import DeviceBusy
from storpool_common.errors import ForeignVolume
from storpool_common.errors import InvalidParam
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownCall
from storpool_common.errors import ValidationError
from storpool_common.names import by_global_id
from storpool_common.names import is_ours

LOG = logging.getLogger(__name__)

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
# How servers older than the error "busy" say it.
_OPEN = "is open at"
#: Seconds to wait for clients that an object is taken from. One that lives
#: applies a change at once; one that does not would be waited for for ever.
_PATIENCE = 10

#: After these the cluster is certainly as it was.
_NOTHING_CHANGED = (
    AuthenticationFailed,
    ConfigurationError,
    ConnectionFailed,
    InvalidParam,
    ObjectDoesNotExist,
    UnknownCall,
    ValidationError,
)


@dataclasses.dataclass(frozen=True)
class Target:
    """A volume or a snapshot, as far as somebody who wants it knows it.

    :ivar global_id: names it for ever; None where only the name is known.
    :ivar name: its name in the cluster; None where only the id is known.
    :ivar size: bytes, when this was written down; it may have grown since.
    """

    global_id: str | None = None
    name: str | None = None
    snapshot: bool = False
    size: int | None = None

    def __str__(self) -> str:
        kind = "snapshot" if self.snapshot else "volume"
        return f"{kind} {self.name or by_global_id(self.global_id or '?')}"


@dataclasses.dataclass(frozen=True)
class Attached:
    """What is attached at one moment.

    :ivar here: what of ours this client has, and how.
    :ivar elsewhere: global ids, and names, of what other clients have.
    """

    here: list[tuple[StoredObject, Mode]]
    elsewhere: Set[str]


class ClientAttachments:
    """Asks about objects, and attaches and detaches them.

    :param api: the client of the API.
    :param client_id: this host's number in the cluster; a host that has
        none, because it only uses iSCSI, cannot attach.
    :param prefix: what the names of our objects start with.
    """

    def __init__(
        self, api: Client, client_id: int | None, prefix: str, clock: Clock
    ) -> None:
        self._api = api
        self._client_id = client_id
        self.prefix = prefix
        self._clock = clock

    @property
    def client_id(self) -> ClientId:
        """This host's number in the cluster.

        :raises ConfigurationError: it has none.
        """
        if self._client_id is None:
            raise ConfigurationError(
                "SP_OURID is not set for this host in storpool.conf: without"
                " it no volume can be attached here"
            )
        return self._client_id

    def close(self) -> None:
        """Close the connections to the API; the next call makes new ones."""
        self._api.close()

    def identify(self, target: Target) -> tuple[StoredObject, int]:
        """What a target is, and its size in bytes as last known.

        The API is asked when the target does not tell.

        :raises ForeignVolume: its name is not one that we give.
        """
        if target.global_id and target.name and target.size:
            stored = StoredObject(
                target.global_id, target.name, target.snapshot
            )
            self._check_ours(stored)
            return stored, target.size
        return self.ask(target)

    def ask(self, target: Target) -> tuple[StoredObject, int]:
        """What a target is, and its size in bytes, by the API.

        :raises ObjectDoesNotExist: there is no such object.
        :raises ForeignVolume: its name is not one that we give.
        """
        if target.global_id:
            name = by_global_id(target.global_id)
        elif target.name:
            name = target.name
        else:
            raise ValidationError(f"{target}: neither a name nor a global id")
        listed = (
            self._api.snapshot_list(name)
            if target.snapshot
            else self._api.volume_list(name)
        )
        if not listed:
            raise ObjectDoesNotExist(
                "Snapshot" if target.snapshot else "Volume",
                "objectDoesNotExist",
                f"the answer about {name} is empty",
            )
        found = listed[0]
        stored = StoredObject(found.global_id, found.name, target.snapshot)
        self._check_ours(stored)
        return stored, found.size

    def rights(self, stored: StoredObject) -> Mode | None:
        """How the object is attached to this client, None if it is not.

        The API has no question about one object; this one grows with the
        cluster, and is for what nothing else can tell.
        """
        for attached in self._api.attachments_list():
            if attached.client == self.client_id and _is_of(attached, stored):
                return "rw" if attached.rights == "rw" else "ro"
        return None

    def attached(self, recorded: Collection[str] = ()) -> Attached:
        """What is attached to this client, and what to others.

        :param recorded: global ids of what was attached by us; it is ours to
            detach, whatever its name is by now.
        """
        here: list[tuple[StoredObject, Mode]] = []
        elsewhere: set[str] = set()
        for each in self._api.attachments_list():
            if each.client != self.client_id:
                elsewhere.update(_names(each))
                continue
            with contextlib.suppress(ForeignVolume, ObjectDoesNotExist):
                stored = self._stored(each, recorded)
                here.append((stored, "rw" if each.rights == "rw" else "ro"))
        return Attached(here, elsewhere)

    def _stored(
        self, attached: AttachmentDesc, recorded: Collection[str]
    ) -> StoredObject:
        known = attached.global_id in recorded
        if attached.global_id is None or (
            attached.volume.startswith("~") and not known
        ):
            stored, _ = self.ask(
                Target(attached.global_id, attached.volume, attached.snapshot)
            )
            return stored
        stored = StoredObject(
            attached.global_id, attached.volume, attached.snapshot
        )
        if not known:
            self._check_ours(stored)
        return stored

    def attach(self, stored: StoredObject, mode: Mode) -> None:
        """Give this client an object, or other rights to it.

        :raises DeviceBusy: it is open with rights that it would lose.
        :raises ObjectDoesNotExist: there is no such object.
        """
        clients = [self.client_id]
        change = (
            self._element(stored, rw=clients)
            if mode == "rw"
            else self._element(stored, ro=clients)
        )
        self._while_busy(stored, 0.0, lambda: self._reassign(change))

    def clients_of(self, stored: StoredObject) -> list[ClientId]:
        """The clients that have an object; the question is as of rights."""
        return [
            attached.client
            for attached in self._api.attachments_list()
            if _is_of(attached, stored)
        ]

    def attach_and_take(
        self, stored: StoredObject, mode: Mode, others: list[ClientId]
    ) -> None:
        """Attach an object and take it from others by force, in one step.

        One of them that is dead is not waited for longer than for some
        seconds: the cluster takes the object from it when it records the
        change.

        :raises ObjectDoesNotExist: there is no such object.
        """
        clients = [self.client_id]
        change = self._element(
            stored,
            rw=clients if mode == "rw" else None,
            ro=clients if mode == "ro" else None,
            detach=others,
            force=True,
        )
        try:
            self._reassign(change, attach_timeout=_PATIENCE)
        except ApiError as error:
            if changed_nothing(error) or not self._is_taken(stored, others):
                raise
            LOG.warning(
                "StorPool: %(stored)s is taken from clients %(clients)s, and"
                " one of them does not answer: %(error)s",
                {"stored": stored, "clients": others, "error": error},
            )

    def _is_taken(
        self, stored: StoredObject, others: Collection[ClientId]
    ) -> bool:
        """Whether an object is attached to this client and to no other.

        :param others: those that count.
        """
        clients = self.clients_of(stored)
        return self.client_id in clients and not {*clients} & {*others}

    def detach(self, stored: StoredObject, *, timeout: float) -> None:
        """Take an object from this client, unless it is open here.

        One that is not attached is left as it is.

        :param timeout: seconds to try while it is open.
        :raises DeviceBusy: it still was; it stays attached.
        :raises ObjectDoesNotExist: there is no such object.
        """
        change = self._element(stored, detach=[self.client_id])
        self._while_busy(stored, timeout, lambda: self._reassign(change))

    def detach_by_force(self, stored: StoredObject) -> None:
        """Take an object from this client; whoever has it open loses it.

        :raises ObjectDoesNotExist: there is no such object.
        """
        self._reassign(
            self._element(stored, detach=[self.client_id], force=True)
        )

    def _while_busy(
        self, stored: StoredObject, timeout: float, work: Callable[[], None]
    ) -> None:
        refusal: StorPoolError | None = None
        for _ in try_until(
            self._clock.now() + timeout,
            self._clock,
            first=_FIRST_PAUSE,
            longest=_LONGEST_PAUSE,
        ):
            try:
                return work()
            except (Busy, InvalidParam) as error:
                if isinstance(error, InvalidParam) and (
                    _OPEN not in error.description
                ):
                    raise
                refusal = error
        raise DeviceBusy(
            f"{stored} is in use on this host, client {self.client_id}, and"
            f" stays attached after {timeout:g} s of trying: {refusal}"
        ) from refusal

    def _reassign(
        self, change: ReassignDesc, *, attach_timeout: int | None = None
    ) -> None:
        self._api.volumes_reassign_wait(
            VolumesReassignWaitDesc(
                reassign=[change], attach_timeout=attach_timeout
            )
        )

    def _element(
        self,
        stored: StoredObject,
        *,
        rw: list[ClientId] | None = None,
        ro: list[ClientId] | None = None,
        detach: list[ClientId] | None = None,
        force: bool | None = None,
    ) -> ReassignDesc:
        name = by_global_id(stored.global_id)
        return ReassignDesc(
            volume=None if stored.snapshot else name,
            snapshot=name if stored.snapshot else None,
            rw=rw,
            ro=ro,
            detach=detach,
            force=force,
        )

    def _check_ours(self, stored: StoredObject) -> None:
        if not is_ours(self.prefix, stored.name):
            raise ForeignVolume(
                f"{stored}: its name does not start with {self.prefix}--,"
                " so it is not this OpenStack's to attach; see"
                " SP_OPENSTACK_VOLUME_PREFIX in storpool.conf"
            )


def _is_of(attached: AttachmentDesc, stored: StoredObject) -> bool:
    return stored.global_id in _names(attached)


def _names(attached: AttachmentDesc) -> tuple[str, str]:
    """What names an object; one without a name is listed as its id."""
    name = attached.volume.removeprefix("~")
    return attached.global_id or name, name


def changed_nothing(error: BaseException) -> bool:
    """Whether the cluster is certainly as it was before the error."""
    if isinstance(error, DeadlineExceeded):
        return not error.sent
    return isinstance(error, _NOTHING_CHANGED)
