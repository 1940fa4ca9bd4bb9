# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is recorded about a host, beside what the cluster and the host say."""

from collections.abc import Collection
from collections.abc import Set
import dataclasses
import enum
import time

from storpool_common.attachments.absent import absent
from storpool_common.attachments.absent import known_guests
from storpool_common.attachments.absent import Stay
from storpool_common.attachments.absent import stay
from storpool_common.attachments.cluster import Target
from storpool_common.attachments.guests import guests
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.requests import FORMER
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import satisfies
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.requests import strongest
from storpool_common.attachments.settlement import live
from storpool_common.attachments.settlement import modes_of
from storpool_common.devices import Device
from storpool_common.devices import Unusable
from storpool_common.errors import ForeignVolume
from storpool_common.errors import ObjectDoesNotExist

#: Requests that stand for guests without naming them.
_FOR_ANY_GUEST = frozenset({FORMER, "nova-compute"})


class Problem(enum.Enum):
    """What is not as it should be; the value says it to people."""

    GONE = "there is no such object in the cluster any more"
    ENDED = "an owner has ended without withdrawing its request"
    LEFT_OVER = "nobody asks for it any more"
    GUEST = "a guest uses it and has no request"
    ABSENT = "a guest asks for it that is not on this host"
    ELSEWHERE = (
        "a guest asks for it that is not on this host, and another host has it"
    )
    NOT_ATTACHED = "it is asked for and not attached"
    WEAKER = "it is attached with less than the rights that are asked for"
    NO_DEVICE = "its device cannot be used"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One object that is recorded or attached here.

    :ivar record: None where nothing is recorded.
    :ivar attached: how, by the cluster; None where it is not.
    :ivar device: what its link leads to.
    :ivar guests: UUIDs of instances whose QEMU has the device.
    :ivar known: UUIDs of those that libvirt has here, running or not; None
        where it does not tell.
    :ivar absent: the keys of requests of guests that are not here.
    :ivar elsewhere: whether other clients have it.
    :ivar exists: whether the cluster has such an object.
    """

    stored: StoredObject
    record: ObjectRecord | None
    attached: Mode | None
    device: Device | Unusable
    guests: Set[str]
    known: Set[str] | None
    absent: Collection[str]
    elsewhere: bool
    exists: bool

    def stay(self, request: Request) -> Stay | None:
        """What is seen of the guest that made a request; None if none did."""
        return stay(request, self.guests, self.known)

    @property
    def untold(self) -> list[str]:
        """The keys of requests whose guests may be here, stopped, or not."""
        if self.known is not None:
            return []
        return [
            one.key for one in self.requests if self.stay(one) is Stay.UNSEEN
        ]

    @property
    def requests(self) -> tuple[Request, ...]:
        """Those recorded, the oldest first."""
        return self.record.requests if self.record else ()

    @property
    def unrecorded_guests(self) -> Set[str]:
        """UUIDs of those guests that no request can be the one of."""
        if any(one.kind in _FOR_ANY_GUEST for one in self.requests):
            return frozenset()
        return {
            uuid
            for uuid in self.guests
            if not any(
                one.key.startswith(f"nova:{uuid}:") for one in self.requests
            )
        }

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, the worst first."""
        if not self.exists:
            return [Problem.GONE]
        return [
            problem
            for problem, is_there in (
                (Problem.ENDED, self._has_ended()),
                (Problem.LEFT_OVER, self._is_left_over()),
                (Problem.GUEST, bool(self.unrecorded_guests)),
                (Problem.ABSENT, bool(self.absent) and not self.elsewhere),
                (Problem.ELSEWHERE, bool(self.absent) and self.elsewhere),
                (Problem.NOT_ATTACHED, self._lacks_attachment()),
                (Problem.WEAKER, self._lacks_rights()),
                (Problem.NO_DEVICE, self._lacks_device()),
            )
            if is_there
        ]

    def _has_ended(self) -> bool:
        states = {one.is_live() for one in self.requests}
        return states == {True, False}

    def _is_left_over(self) -> bool:
        return self.record is not None and not live(self.record)

    def _wanted(self) -> Mode | None:
        return strongest(modes_of(live(self.record, but=self.absent)))

    def _lacks_attachment(self) -> bool:
        return self._wanted() is not None and self.attached is None

    def _lacks_rights(self) -> bool:
        wanted = self._wanted()
        if wanted is None or self.attached is None:
            return False
        return not satisfies(self.attached, wanted)

    def _lacks_device(self) -> bool:
        return self.attached is not None and isinstance(self.device, Unusable)


def entries(parts: Parts) -> list[Entry]:
    """All objects of ours that are recorded or attached here.

    :raises StorPoolError: the cluster cannot be asked, or the records not be
        read.
    """
    records = {one.stored.global_id: one for one in parts.records.all()}
    cluster = parts.cluster.attached(records)
    attached = {
        stored.global_id: (stored, mode) for stored, mode in cluster.here
    }
    # On a host of several clusters there are other devices, too.
    users = {
        global_id: found
        for global_id, found in guests(parts.devices).items()
        if global_id in records or global_id in attached
    }
    known = known_guests(users)
    now = time.time()
    found = []
    for global_id in {*records, *attached}:
        record = records.get(global_id)
        stored, mode = attached.get(global_id, (None, None))
        stored = stored or (record.stored if record else None)
        if stored is not None:
            here = users.get(global_id, set())
            gone = absent(record, here, known, now)
            found.append(
                Entry(
                    stored=stored,
                    record=record,
                    attached=mode,
                    device=parts.devices.look(global_id),
                    guests=here,
                    known=known,
                    absent=gone,
                    elsewhere=global_id in cluster.elsewhere,
                    exists=mode is not None or _exists(parts, stored),
                )
            )
    return sorted(found, key=lambda entry: entry.stored.name)


def _exists(parts: Parts, stored: StoredObject) -> bool:
    try:
        parts.cluster.ask(Target(stored.global_id, snapshot=stored.snapshot))
    except ObjectDoesNotExist:
        return False
    except ForeignVolume:
        # It was renamed, by an unmanage say, and what is recorded was not.
        return True
    return True
