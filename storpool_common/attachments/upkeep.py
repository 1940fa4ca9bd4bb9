# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator does about a host's attachments.

Nothing here attaches anything: a guest that was moved to another host while
this one was down may still have a request here, and Nova withdraws it when
it comes back.
"""

from collections.abc import Callable
from collections.abc import Collection
import contextlib
import dataclasses

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.overview import entries
from storpool_common.attachments.overview import Entry
from storpool_common.attachments.overview import Problem
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.unrecorded import guest_requests
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import UnknownRequest

#: What is for somebody else to do.
_ADVICE = {
    Problem.ELSEWHERE: "none from here: let its migration end, or migrate"
    " the guest to this host and away",
}


@dataclasses.dataclass(frozen=True)
class Step:
    """Something to do about one object.

    :ivar what: what will be done, for people; None where nothing can be.
    """

    entry: Entry
    problem: Problem
    what: str | None

    @property
    def told(self) -> str:
        """What will be done, or who else has to do something."""
        return self.what or _ADVICE.get(self.problem, "none from here")


class Upkeep:
    """Finds and mends what crashes have left behind.

    :param host: what the services use.
    """

    def __init__(self, parts: Parts, host: HostAttachments) -> None:
        self._parts = parts
        self._host = host
        self._ways: dict[Problem, tuple[str, Callable[[Entry], None]]] = {
            Problem.GONE: ("forget it", self._forget),
            Problem.ENDED: ("drop such requests", self._tidy),
            Problem.LEFT_OVER: ("detach it", self._tidy),
            Problem.GUEST: ("record the guest's request", self._record),
            Problem.ABSENT: ("withdraw the guest's request", self._withdraw),
        }

    def entries(self) -> list[Entry]:
        """Everything of ours that is recorded or attached here.

        :raises StorPoolError: it cannot be told.
        """
        # Records that are being made anew are finished first.
        self._host.requests()
        return entries(self._parts)

    def plan(self, found: Collection[Entry]) -> list[Step]:
        """What is wrong, and what can be done about it from here.

        :param found: what there is.
        """
        return [
            Step(entry, problem, self._ways.get(problem, (None, None))[0])
            for entry in found
            for problem in entry.problems
        ]

    def carry_out(self, step: Step) -> None:
        """Do it; what is not so any more is left as it is.

        :raises StorPoolError: it cannot be done.
        """
        _, work = self._ways[step.problem]
        work(step.entry)

    def close(self) -> None:
        """Close connections and files."""
        self._host.close()

    def _tidy(self, entry: Entry) -> None:
        self._host.tidy(_target(entry.stored))

    def _forget(self, entry: Entry) -> None:
        with self._parts.locked(entry.stored.global_id):
            try:
                self._parts.cluster.ask(_target(entry.stored))
            except ObjectDoesNotExist:
                self._parts.records.forget(entry.stored.global_id)

    def _record(self, entry: Entry) -> None:
        stored = entry.stored
        with self._parts.locked(stored.global_id):
            mode = self._parts.cluster.rights(stored)
            if mode is None:
                return
            for request in guest_requests(
                stored, mode, entry.unrecorded_guests
            ):
                self._parts.records.add(request, inherited=True)

    def _withdraw(self, entry: Entry) -> None:
        """Withdraw for guests that are not here, as it is seen now."""
        for seen in self.entries():
            if (
                seen.stored.global_id != entry.stored.global_id
                or Problem.ABSENT not in seen.problems
            ):
                continue
            for key in seen.absent:
                with contextlib.suppress(UnknownRequest):
                    self._host.detach(key)


def _target(stored: StoredObject) -> Target:
    return Target(stored.global_id, snapshot=stored.snapshot)
