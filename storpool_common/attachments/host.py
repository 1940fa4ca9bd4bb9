# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attaching with the first request for an object, detaching with the last.

What holds at any moment, a crash included:

* an attachment that we made has a record, made before it and removed after
  it;
* an object is attached to this host while there is a live request for it,
  with the strongest mode that is asked for;
* an attachment that was there before our first request is somebody else's:
  it is not ended and not lowered.

Work on one object never waits for another object.
"""

from collections.abc import Callable
from collections.abc import Collection
import contextlib
import dataclasses
import time

from storpool_common.attachments.cluster import changed_nothing
from storpool_common.attachments.cluster import Target
from storpool_common.attachments.exclusive import Exclusive
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.recovery import mended
from storpool_common.attachments.recovery import Recovery
from storpool_common.attachments.requests import combined
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import satisfies
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.requests import strongest
from storpool_common.attachments.settlement import live
from storpool_common.attachments.settlement import modes_of
from storpool_common.attachments.settlement import Settlement
from storpool_common.attachments.withdrawal import of_nobody
from storpool_common.attachments.withdrawal import requests_of
from storpool_common.attachments.withdrawal import requests_of_nobody
from storpool_common.devices import Device
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import StorPoolError
from storpool_common.errors import UnknownRequest


@dataclasses.dataclass(frozen=True)
class Attached:
    """An object that can be used on this host.

    :ivar path: the link to its device.
    :ivar size: bytes.
    """

    stored: StoredObject
    path: str
    size: int


class HostAttachments:
    """The volumes and snapshots that this host uses.

    Any number of threads may share one, before and after a fork; another
    one, or another process, with the same ``state_dir`` sees the same.

    Every method may raise any ``StorPoolError``: of the API where it is
    asked, and ``LockTimeout`` and ``RecordsUnusable``.
    """

    def __init__(self, parts: Parts) -> None:
        self._cluster = parts.cluster
        self._records = parts.records
        self._devices = parts.devices
        self._limits = parts.limits
        self._recovery = Recovery(parts)
        self._settlement = Settlement(parts)

    @property
    def client_id(self) -> int:
        """This host's number in the cluster."""
        return self._cluster.client_id

    @property
    def volume_prefix(self) -> str:
        """What the names of our volumes start with."""
        return self._cluster.prefix

    def path(self, global_id: str) -> str:
        """The link to the device of an object, attached or not."""
        return self._devices.path(global_id)

    def find(self, path: str) -> str | None:
        """The global id of the object that a device path leads to."""
        return self._devices.find(path)

    @mended
    def attach(
        self,
        key: str,
        target: Target,
        mode: Mode,
        *,
        inherited: bool = False,
        returning: bool = False,
        exclusive: Exclusive | None = None,
    ) -> Attached:
        """Attach an object for a request; repeating it changes nothing.

        :param key: names the request, for :meth:`detach`.
        :param inherited: what is attached without a record was attached for
            this owner, before there were records here.
        :param returning: the owner has had it attached before, so requests
            for owners who are not recorded stand for this one.
        :param exclusive: who else may have it; None is whoever has it.
        :raises DeviceNotReady: its device could not be used in time. As with
            every error, the request and what it did are taken back.
        :raises ForeignVolume: it is not this OpenStack's.
        :raises ValidationError: a snapshot is to be written.
        """
        stored, size = self._cluster.identify(target)
        request = Request(key, stored, mode, Process.current(), time.time())
        former = self._records.get(key)
        if former and former.wanted.global_id != stored.global_id:
            # The owner has left that object without saying so.
            with contextlib.suppress(UnknownRequest):
                self.detach(key)
        with self._recovery.locked(stored.global_id):
            attached = self._attach(
                request, size, exclusive, inherited=inherited
            )
            record = self._records.of(stored.global_id)
            if returning and record is not None:
                self._records.remove(of_nobody(record.requests))
            return attached

    @mended
    def detach(self, key: str, *, force: bool = False) -> None:
        """Withdraw a request, and detach its object if it was the last.

        :param force: detach even where the device is open, after a grace;
            without it that never happens.
        :raises DeviceBusy: the device is open; the request stays.
        :raises UnknownRequest: no such request is recorded.
        """
        request = self._records.get(key)
        if request is None:
            raise UnknownRequest(f"no request {key} is recorded on this host")
        self._withdraw(request.wanted, lambda _: [key], force=force)

    @mended
    def detach_unnamed(
        self,
        target: Target,
        *,
        owner: str | None = None,
        force: bool = False,
        inherited: bool = False,
    ) -> None:
        """Withdraw a request whose key its owner does not know any more.

        See :mod:`~storpool_common.attachments.withdrawal` for which it is.

        :param owner: whose it is, where that is known; the key starts so.
        :param inherited: if nothing is recorded about the object, its
            attachment is this owner's, made before there were records here;
            it is detached, but never by force.
        :raises UnknownRequest: there is none that could be meant.
        """
        stored = self._recorded(target)
        if stored is None and inherited:
            self._detach_inherited(target, force=force)
            return
        if stored is None:
            raise UnknownRequest(f"no request for {target} is recorded")
        self._withdraw(
            stored, lambda record: requests_of(owner, record), force=force
        )

    @mended
    def detach_former(self, target: Target, *, force: bool = False) -> None:
        """Withdraw for an owner whose own request is not recorded.

        Nothing but what stands for such owners goes, and what has ended.

        :raises UnknownRequest: there is nothing of the kind.
        """
        stored = self._recorded(target)
        if stored is None:
            raise UnknownRequest(f"no request for {target} is recorded")
        try:
            self._withdraw(stored, requests_of_nobody, force=force)
        except UnknownRequest:
            self.tidy(target)
            raise

    @mended
    def tidy(self, target: Target) -> None:
        """Finish what was left undone about an object.

        Drops requests whose process has ended, and detaches if that leaves
        none; those that live stay.
        """
        stored = self._recorded(target)
        if stored is None:
            return
        with self._recovery.locked(stored.global_id):
            record = self._records.of(stored.global_id)
            if record is not None:
                self._settlement.settle(record, live(record), force=False)

    def extend(self, target: Target) -> int:
        """Wait until the device of an attached object has its present size.

        :returns: bytes.
        :raises DeviceNotReady: it has not, in time.
        """
        stored, size = self._cluster.ask(target)
        return self._devices.wait_ready(
            stored.global_id,
            mode="ro",
            size=size,
            timeout=self._limits.device_timeout,
        ).size

    @mended
    def requests(self) -> list[Request]:
        """Every request that is recorded on this host."""
        return self._records.requests()

    def close(self) -> None:
        """Close connections and files; the next use opens them again."""
        self._cluster.close()
        self._records.close()

    def _attach(
        self,
        request: Request,
        size: int,
        exclusive: Exclusive | None,
        *,
        inherited: bool,
    ) -> Attached:
        stored = request.wanted
        before = self._records.of(stored.global_id)
        seen = self._devices.look(stored.global_id)
        here = seen.mode if isinstance(seen, Device) else None
        foreign = before.foreign_mode if before else None
        if before is None and here is not None and not inherited:
            foreign = self._made_by_others(stored)
        self._records.add(
            request,
            foreign_mode=foreign,
            inherited=inherited and here is not None,
        )
        try:
            others = modes_of(live(before, but=[request.key]))
            wanted = combined(request.mode, [*others, foreign])
            if exclusive is not None:
                exclusive.attach(self._cluster, stored, wanted)
            else:
                self._provide(stored, before, wanted, here)
            device = self._ready(request, size)
        except BaseException as error:
            self._undo(request, before, error)
            raise
        return Attached(stored, device.path, device.size)

    def _provide(
        self,
        stored: StoredObject,
        before: ObjectRecord | None,
        wanted: Mode,
        here: Mode | None,
    ) -> None:
        """Attach, unless live requests have what is wanted attached already.

        A device without a live request proves nothing: its link may be one
        that udev has not removed yet, and lead to the device of another
        object.
        """
        users = modes_of(live(before))
        had = strongest([*users, before.foreign_mode if before else None])
        if not users or not satisfies(here, wanted):
            self._cluster.attach(stored, wanted)
        elif had != wanted and satisfies(had, wanted):
            self._settlement.lower(stored, wanted)

    def _ready(self, request: Request, size: int) -> Device:
        stored = request.wanted
        timeout = self._limits.device_timeout
        device = self._devices.wait_ready(
            stored.global_id, mode=request.mode, timeout=timeout
        )
        if device.size == size:
            return device
        # It has grown since the caller was told its size, or the device has
        # yet to follow.
        _, size = self._cluster.ask(
            Target(stored.global_id, stored.name, stored.snapshot)
        )
        return self._devices.wait_ready(
            stored.global_id, mode=request.mode, size=size, timeout=timeout
        )

    def _undo(
        self,
        request: Request,
        before: ObjectRecord | None,
        error: BaseException,
    ) -> None:
        """Bring everything back to where it was before a failed attach.

        The request goes first: should the cluster be out of reach, what
        stays recorded is the object, whose attachment is ours to end.
        """
        global_id = request.wanted.global_id
        try:
            if isinstance(error, ObjectDoesNotExist):
                self._records.forget(global_id)
                return
            failed = self._records.of(global_id)
            self._take_back(request, before)
            if changed_nothing(error) and before is None:
                self._records.forget(global_id)
            elif failed is not None and not changed_nothing(error):
                self._settlement.settle(failed, live(before), force=False)
        except StorPoolError as second:
            error.add_note(f"taking it back failed too: {second}")

    def _take_back(
        self, request: Request, before: ObjectRecord | None
    ) -> None:
        for former in before.requests if before else ():
            if former.key == request.key:
                self._records.add(former)
                return
        self._records.remove([request.key])

    def _made_by_others(self, stored: StoredObject) -> Mode | None:
        """How an object is attached here that has no record, but a device.

        A link that udev has yet to remove may lead to the device of another
        object by now; only the cluster knows.
        """
        mode = self._cluster.rights(stored)
        if mode is None:
            self._devices.wait_gone(
                stored.global_id, timeout=self._limits.device_timeout
            )
        return mode

    def _recorded(self, target: Target) -> StoredObject | None:
        if target.global_id:
            record = self._records.of(target.global_id)
            return record.stored if record else None
        found = self._records.named(target.name) if target.name else []
        return found[0] if len(found) == 1 else None

    def _withdraw(
        self,
        stored: StoredObject,
        choose: Callable[[ObjectRecord], Collection[str]],
        *,
        force: bool,
    ) -> None:
        with self._recovery.locked(stored.global_id):
            record = self._records.of(stored.global_id)
            leaving = choose(record) if record else ()
            if record is None or not (
                set(leaving) & {one.key for one in record.requests}
            ):
                raise UnknownRequest(
                    f"no request for {stored} that is to be withdrawn"
                )
            self._settlement.settle(
                record, live(record, but=leaving), force=force
            )

    def _detach_inherited(self, target: Target, *, force: bool) -> None:
        try:
            stored, _ = self._cluster.ask(target)
        except ObjectDoesNotExist:
            return
        with self._recovery.locked(stored.global_id):
            if self._records.of(stored.global_id) is not None:
                raise UnknownRequest(f"{stored} is used by others by now")
            self._settlement.end_inherited(stored, in_haste=force)
