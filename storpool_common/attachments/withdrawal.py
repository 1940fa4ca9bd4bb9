# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which request is meant when its owner does not know the key any more.

Keys get lost: Nova reads the connection info from Cinder again, a caller
drops what connect returned. What must not happen is that somebody else's
volume is detached, so

* requests of processes that have ended are always dropped;
* an owner that is known withdraws its own requests, and no others;
* an unknown owner withdraws one of those that this process made: the weakest
  of them, then the oldest. It does not matter whose that was, as many stay
  as still use the volume, and with the strongest mode;
* where this process made none, those that Nova's own driver had made by our
  connector: it does not say for which guest, and calls only when it thinks
  that no guest of this host needs the volume;
* who has none recorded at all is one of those that a request of the kind
  ``former`` stands for, and withdraws it.
"""

from collections.abc import Collection

from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.requests import FORMER
from storpool_common.attachments.requests import MODES
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request

#: Requests of guests, with keys that our Nova driver gives: never guessed.
_GUEST = "nova"
#: Requests that Nova's own driver had made, with keys made up for it.
_NOVA_PROGRAM = "nova-compute"


def requests_of(owner: str | None, record: ObjectRecord) -> Collection[str]:
    """The keys of the requests to withdraw.

    :param owner: what the owner's keys start with, or None.
    """
    ended = [one.key for one in record.requests if not one.is_live()]
    live = [one for one in record.requests if one.is_live()]
    if owner is not None:
        own = [one.key for one in live if one.key.startswith(f"{owner}:")]
        return [*ended, *(own or of_nobody(live))]
    return [*ended, *(_anonymous(live) or of_nobody(live))]


def requests_of_nobody(record: ObjectRecord) -> Collection[str]:
    """The keys to withdraw for an owner whose own request is not recorded."""
    ended = [one.key for one in record.requests if not one.is_live()]
    return [*ended, *of_nobody(record.requests)]


def of_nobody(requests: Collection[Request]) -> list[str]:
    """The keys of those that stand for owners who are not recorded."""
    return [one.key for one in requests if one.kind == FORMER]


def _anonymous(live: Collection[Request]) -> list[str]:
    this_process = Process.current()
    made_here = [
        one
        for one in live
        if one.process == this_process
        and one.kind not in (_GUEST, _NOVA_PROGRAM, FORMER)
    ]
    if made_here:
        return [min(made_here, key=_weakest_and_oldest).key]
    return [one.key for one in live if one.kind == _NOVA_PROGRAM]


def _weakest_and_oldest(request: Request) -> tuple[int, float]:
    return MODES.index(request.mode), request.created
