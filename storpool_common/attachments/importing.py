# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Taking over the requests that the drivers of former years recorded.

Their keys mean nothing to today's owners, so each becomes a request of the
kind ``former``, or those of the guests that use the device now. What is not
attached here any more is left out. Doing it again changes nothing, and the
old file stays as it is.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import enum

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.guests import guests
from storpool_common.attachments.old_file import OldRequest
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.unrecorded import former_request
from storpool_common.attachments.unrecorded import guest_requests
from storpool_common.errors import ForeignVolume
from storpool_common.errors import ObjectDoesNotExist


class Outcome(enum.Enum):
    """What became of one old request; the value says it to people."""

    IMPORTED = "imported"
    RECORDED = "its volume is recorded here already"
    NOT_ATTACHED = "not attached to this host any more"
    GONE = "not in the cluster any more"
    FOREIGN = "not of this OpenStack, by its name"


@dataclasses.dataclass(frozen=True)
class Imported:
    """One old request, and what became of it.

    :ivar keys: of the requests that stand for it now.
    """

    old: OldRequest
    outcome: Outcome
    keys: tuple[str, ...] = ()


class Import:
    """Records old requests for what is attached to this host."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def carry_out(self, old: list[OldRequest]) -> Iterator[Imported]:
        """Take them over, one volume after the other.

        :raises StorPoolError: the cluster cannot be asked, or the records
            cannot be used; what came before stays imported.
        """
        users = guests(self._parts.devices)
        found = self._parts.cluster.attached().here
        attached = {stored.global_id for stored, _ in found}
        by_volume: dict[tuple[str, bool], list[OldRequest]] = {}
        for one in old:
            by_volume.setdefault((one.volume, one.volsnap), []).append(one)
        for (name, snapshot), requests in by_volume.items():
            yield from self._of_one(
                Target(name=name, snapshot=snapshot), requests, attached, users
            )

    def _of_one(
        self,
        target: Target,
        old: list[OldRequest],
        attached: set[str],
        users: Mapping[str, set[str]],
    ) -> Iterator[Imported]:
        try:
            stored, _ = self._parts.cluster.ask(target)
        except ObjectDoesNotExist:
            yield from (Imported(one, Outcome.GONE) for one in old)
            return
        except ForeignVolume:
            yield from (Imported(one, Outcome.FOREIGN) for one in old)
            return
        if stored.global_id not in attached:
            yield from (Imported(one, Outcome.NOT_ATTACHED) for one in old)
            return
        made = _requests(stored, old, users.get(stored.global_id, set()))
        outcome = self._record(stored, made)
        keys = tuple(one.key for one in made)
        yield from (
            Imported(one, outcome, keys if outcome is Outcome.IMPORTED else ())
            for one in old
        )

    def _record(self, stored: StoredObject, made: list[Request]) -> Outcome:
        with self._parts.locked(stored.global_id):
            if self._parts.records.of(stored.global_id) is not None:
                return Outcome.RECORDED
            for request in made:
                self._parts.records.add(request, inherited=True)
        return Outcome.IMPORTED


def _requests(
    stored: StoredObject, old: list[OldRequest], users: set[str]
) -> list[Request]:
    mode = max(old, key=lambda one: one.rights).mode
    found = guest_requests(stored, mode, users)
    return found or [former_request(stored, mode, stored.global_id)]
