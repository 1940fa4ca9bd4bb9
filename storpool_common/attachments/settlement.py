# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Bringing the cluster, and then the record, to what is still asked for."""

from collections.abc import Collection
import contextlib

from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import satisfies
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.requests import strongest
from storpool_common.errors import DeviceBusy
from storpool_common.errors import ObjectDoesNotExist


class Settlement:
    """Ends or lowers an attachment; its object's lock is held meanwhile."""

    def __init__(self, parts: Parts) -> None:
        self._cluster = parts.cluster
        self._records = parts.records
        self._devices = parts.devices
        self._limits = parts.limits

    def settle(
        self,
        record: ObjectRecord,
        staying: Collection[Request],
        *,
        force: bool,
    ) -> None:
        """Bring the cluster, then the record, to what those who stay need."""
        wanted = strongest([*modes_of(staying), record.foreign_mode])
        if wanted is None:
            # What others may have attached too is not taken by force.
            forced = force and not record.inherited
            self._end(record.stored, force=forced)
            self._records.forget(record.stored.global_id)
            return
        had = strongest(modes_of(record.requests))
        if not satisfies(had, wanted):
            # A failed request had lowered the rights of its owner.
            self._cluster.attach(record.stored, wanted)
        elif had != wanted:
            self.lower(record.stored, wanted)
        if not staying:
            self._records.forget(record.stored.global_id)
            return
        kept = {request.key for request in staying}
        self._records.remove(
            one.key for one in record.requests if one.key not in kept
        )

    def _end(self, stored: StoredObject, *, force: bool) -> None:
        limits = self._limits
        try:
            if force:
                self._detach_after_grace(stored)
            else:
                self._cluster.detach(stored, timeout=limits.detach_timeout)
        except ObjectDoesNotExist:
            return
        self._devices.wait_gone(
            stored.global_id, timeout=limits.device_timeout
        )

    def _detach_after_grace(self, stored: StoredObject) -> None:
        try:
            self._cluster.detach(stored, timeout=self._limits.detach_grace)
        except DeviceBusy:
            self._cluster.detach_by_force(stored)

    def lower(self, stored: StoredObject, mode: Mode) -> None:
        """Take rights away that nobody asks for any more, if possible.

        A cluster may refuse it while somebody reads the device; then it
        stays as it is: rights that are left over harm nobody, and end with
        the attachment.
        """
        with contextlib.suppress(DeviceBusy, ObjectDoesNotExist):
            self._cluster.attach(stored, mode)

    def end_inherited(self, stored: StoredObject, *, in_haste: bool) -> None:
        """End an attachment that is not recorded, and never by force.

        :param in_haste: try no longer than the grace before a force.
        :raises DeviceBusy: it is open.
        """
        limits = self._limits
        patience = limits.detach_grace if in_haste else limits.detach_timeout
        with contextlib.suppress(ObjectDoesNotExist):
            self._cluster.detach(stored, timeout=patience)
        self._devices.wait_gone(
            stored.global_id, timeout=limits.device_timeout
        )


def live(
    record: ObjectRecord | None, *, but: Collection[str] = ()
) -> list[Request]:
    """The recorded requests whose owners may still use the object.

    :param but: keys to leave out.
    """
    if record is None:
        return []
    return [
        request
        for request in record.requests
        if request.key not in but and request.is_live()
    ]


def modes_of(requests: Collection[Request]) -> list[Mode]:
    """The mode of each."""
    return [request.mode for request in requests]
