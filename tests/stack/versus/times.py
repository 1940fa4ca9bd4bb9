# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How long it takes until a server or a volume is there, and how many calls.

The times are those that a user of Nova's API sees. The calls are those that
come to the StorPool API meanwhile, without the questions about capacity that
Cinder asks every minute.
"""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import statistics
import time
from typing import Any

from tests.stack import report
from tests.stack.scenarios import lab as labs

ROUNDS = 5
PAUSE = 0.05
CAPACITY = ("VolumeTemplatesStatus", "VolumesGetStatus", "ServicesList")


@dataclasses.dataclass(frozen=True)
class Sample:
    """One time.

    :ivar seconds: how long it took
    :ivar calls: the names of the calls, in order
    """

    seconds: float
    calls: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Times:
    """What was measured of one thing.

    :ivar samples: at least one
    """

    samples: Sequence[Sample]

    def __str__(self) -> str:
        shown = ", ".join(f"{one.seconds:.2f}" for one in self.samples)
        return f"{shown} s; {self.calls}"

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(one.seconds for one in self.samples)

    @property
    def calls(self) -> str:
        """The calls of the last one: the first may have to look more up."""
        return ", ".join(self.samples[-1].calls)


def calls_since(lab: labs.Lab, after: int) -> tuple[str, ...]:
    """The names of the calls that came after a request."""
    names = (
        entry["path"].partition("?")[0].split("/ctrl/1.0/")[-1]
        for entry in lab.cluster.log()
        if entry["seq"] > after
    )
    short = (
        name.removeprefix("MultiCluster/").split("/")[0] for name in names
    )
    return tuple(name for name in short if name not in CAPACITY)


def _timed(
    lab: labs.Lab, act: Callable[[], Any], there: Callable[[], bool]
) -> Sample:
    """Do something, and wait until it is there."""
    last = lab.cluster.last_request()
    began = time.monotonic()
    act()
    report.wait_for("what is timed", there, labs.PATIENCE, PAUSE)
    seconds = time.monotonic() - began
    return Sample(seconds, calls_since(lab, last))


def boots(lab: labs.Lab) -> Times:
    """Servers that boot from volumes: from the request until ACTIVE."""
    return Times([_boot(lab) for _round in range(ROUNDS)])


def _boot(lab: labs.Lab) -> Sample:
    volume = lab.bootable()
    made: list[str] = []

    def start() -> None:
        made.append(lab.start_server(lab.there, [labs.disk(volume, 0)]))

    sample = _timed(
        lab, start, lambda: lab.servers.get(made[0])["status"] == "ACTIVE"
    )
    lab.servers.delete(made[0])
    lab.await_clients(volume)
    return sample


def attaches(lab: labs.Lab) -> Times:
    """Volumes attached hot: from the request until Cinder says in-use."""
    guest, volume = lab.boot(lab.there), lab.volume()
    return Times([_attach(lab, guest, volume) for _round in range(ROUNDS)])


def _attach(lab: labs.Lab, guest: Any, volume: Any) -> Sample:
    sample = _timed(
        lab,
        lambda: lab.servers.attach(guest.server, volume),
        lambda: lab.cinder.get_volume(volume.id).status == "in-use",
    )
    guest.gain(volume)
    lab.detach(guest, volume)
    lab.volumes.await_status(volume, "available")
    lab.await_clients(volume)
    return sample


def detaches(lab: labs.Lab) -> Times:
    """Volumes detached hot: from the request until Cinder says available."""
    guest, volume = lab.boot(lab.there), lab.volume()
    return Times([_detach(lab, guest, volume) for _round in range(ROUNDS)])


def _detach(lab: labs.Lab, guest: Any, volume: Any) -> Sample:
    lab.attach(guest, volume)
    guest.lose(volume)
    sample = _timed(
        lab,
        lambda: lab.servers.detach(guest.server, volume),
        lambda: lab.cinder.get_volume(volume.id).status == "available",
    )
    lab.await_clients(volume)
    return sample


WHAT = {
    "boot from a volume": boots,
    "hot attach": attaches,
    "hot detach": detaches,
}
