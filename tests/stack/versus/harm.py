# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of drivers that lose or share data: whether they show."""

from collections.abc import Callable
import dataclasses
from typing import Any

from tests.stack import checks
from tests.stack import errors
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios.lab import Lab
from tests.stack.scenarios.lab import PATIENCE

SETTLED = 15.0
"""Seconds in which what is going to happen to an attachment has happened."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What became of a volume.

    :ivar harm: whether data could be lost
    :ivar words: what was seen
    """

    harm: bool
    words: str

    def __str__(self) -> str:
        return f"{'yes' if self.harm else 'no'}: {self.words}"


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault that a driver may have.

    :ivar name: in one word
    :ivar about: what it is
    :ivar look: provokes it
    """

    name: str
    about: str
    look: Callable[[Lab], Seen]


def _becomes(condition: Callable[[], bool]) -> bool:
    try:
        report.wait_for("it", condition, SETTLED)
    except errors.StackError:
        return False
    return True


def _two(lab: Lab, first: Any, second: Any) -> tuple[Any, Any, Any]:
    """A guest on each host, and a volume that both have."""
    volume = lab.volume(1, volume_type="multiattach")
    # From their start: one that has lost it cannot let it go later.
    return volume, lab.boot(first, volume), lab.boot(second, volume)


def _stays(lab: Lab, volume: Any) -> Seen:
    """Whether the guest of the other host keeps a volume."""
    lost = _becomes(
        lambda: lab.there.number not in lab.cluster.clients(volume.id)
    )
    words = "the guest that stayed has its volume"
    if lost:
        words = "the volume was taken from the guest that stayed"
    return Seen(lost, f"{words}; {_clients(lab, volume)}")


def _clients(lab: Lab, volume: Any) -> str:
    numbers = sorted(lab.cluster.clients(volume.id))
    return f"clients {numbers}" if numbers else "no client"


def aborted(lab: Lab) -> Seen:
    """A migration to the host of another user of the volume is aborted."""
    volume, moving, _staying = _two(lab, lab.here, lab.there)
    lab.abort_live_migration(moving, lab.there)
    lab.await_clients(moving.volumes[0], lab.here.number)
    return _stays(lab, volume)


def _evacuate(lab: Lab, guest: guests.Guest) -> None:
    """Evacuate a guest whose host has lost nothing but nova-compute."""
    lab.computes.kill(lab.there, "nova-compute")
    lab.fenced = [
        (lab.cluster.name(volume.id), lab.there.number)
        for volume in guest.volumes
        if not volume.is_multiattach
    ]
    lab.servers.force_down(lab.there.name)
    lab.servers.act(guest.server, "evacuate", host=lab.here.name)
    lab.servers.await_migration(guest.server, "done", "completed")
    lab.servers.await_status(guest.server, "ACTIVE")


def _let_return(lab: Lab, running: int) -> None:
    """The host is there again, with so many guests."""
    lab.mend()
    report.wait_for(
        f"{running} guests on {lab.there.name}",
        lambda: len(lab.computes.guests(lab.there)) == running,
        PATIENCE,
    )


def returned(lab: Lab) -> Seen:
    """One of a volume's two users is evacuated, and its host returns."""
    volume, moving, _staying = _two(lab, lab.there, lab.there)
    _evacuate(lab, moving)
    _let_return(lab, 1)
    return _stays(lab, volume)


def evacuated(lab: Lab) -> Seen:
    """A guest is evacuated, and the old one still runs."""
    guest = lab.boot(lab.there)
    volume = guest.volumes[0]
    _evacuate(lab, guest)
    fenced = _becomes(
        lambda: lab.cluster.clients(volume.id) == {lab.here.number}
    )
    checks.require(
        len(lab.computes.guests(lab.there)) == 1, "the old guest has ended"
    )
    words = "cannot write any more" if fenced else "still writes"
    return Seen(not fenced, f"the old guest {words}; {_clients(lab, volume)}")


def left(lab: Lab) -> Seen:
    """The evacuated server is deleted before the dead host returns."""
    lab.clean(lab.computes.reconcile, lab.there)
    guest = lab.boot(lab.there)
    volume = guest.volumes[0]
    _evacuate(lab, guest)
    lab.servers.delete(guest.server)
    _let_return(lab, 0)
    free = _becomes(lambda: not lab.cluster.clients(volume.id))
    words = "is free" if free else "is still attached to the host"
    return Seen(not free, f"the volume {words}; {_clients(lab, volume)}")


FAULTS = (
    Fault(
        "M1 a",
        "an aborted migration takes a shared volume from another guest",
        aborted,
    ),
    Fault(
        "M1 b",
        "a returning host takes a shared volume from another guest",
        returned,
    ),
    Fault("M2", "the old guest of an evacuated server writes on", evacuated),
    Fault(
        "M3",
        "a returning host keeps the volume of a deleted server",
        left,
    ),
)
