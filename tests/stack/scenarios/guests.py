# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A guest: its server, what it says, and what it has written."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from tests.stack import checks
from tests.stack import console
from tests.stack import report
from tests.stack.scenarios import media
from tests.stack.scenarios import servers

PATIENCE = 120.0
PAUSE = 1.0
"""Seconds between two looks at a console. Each goes through three services
and libvirt; a guest without KVM boots faster the fewer there are."""
MORE_TICKS = 5
KNOWN_TICKS = 200
"""Ticks before the last that have to be there; the ring has 256 slots."""


class Guest:
    """One guest of a scenario.

    :ivar server: the id of its server
    :ivar volumes: what it writes its ticks to, the boot volume first
    """

    def __init__(
        self,
        api: servers.Servers,
        reader: media.Media,
        server: str,
        volumes: Sequence[Any],
    ) -> None:
        self._api = api
        self._media = reader
        self.server = server
        self.volumes = list(volumes)
        self.identity = ""
        self._first: dict[str, int] = {}

    def said(self) -> console.Console:
        """What it has said until now."""
        return console.Console(self._api.output(self.server))

    def await_console(
        self, what: str, seen: Callable[[console.Console], bool]
    ) -> console.Console:
        """Wait until it has said something.

        :raises StackError: it met an I/O error, or did not say it in time
        """
        last = [console.Console("")]

        def there() -> bool:
            last[0] = self.said()
            self._require_no_errors(last[0])
            return seen(last[0])

        report.wait_for(f"the guest's console: {what}", there, PATIENCE, PAUSE)
        return last[0]

    def await_boot(self) -> str:
        """Wait until it has booted and ticks.

        :return: the line it says then
        """
        seen = self.await_console("its marker", lambda c: bool(c.booted))
        marker = (seen.marker or "").removeprefix("GUEST-MARKER ")
        self.identity = marker or self.identity
        self.await_ticks()
        return seen.booted or ""

    def tick(self) -> int:
        """The last tick on the boot volume."""
        return self._ticks(self.volumes[0]).last

    def _ticks(self, volume: Any) -> media.Ticks:
        return self._media.ticks(volume, self.identity)

    def await_ticks(self, more: int = MORE_TICKS) -> int:
        """Wait until it has written some more to every volume.

        :return: the last tick on the boot volume
        :raises StackError: it wrote no more, or met an I/O error
        """
        before = {
            volume.id: self._ticks(volume).last for volume in self.volumes
        }

        def there() -> bool:
            self._require_no_errors(self.said())
            return all(
                self._ticks(volume).last >= before[volume.id] + more
                for volume in self.volumes
            )

        report.wait_for(
            f"{more} ticks on every volume", there, PATIENCE, PAUSE
        )
        for volume in self.volumes:
            found = self._ticks(volume)
            self._first.setdefault(volume.id, found.last - found.whole + 1)
        return self.tick()

    def gain(self, volume: Any) -> None:
        """It gets a volume, to which it writes from now on.

        :raises StackError: it does not
        """
        self.volumes.append(volume)
        self.await_ticks()

    def lose(self, volume: Any) -> None:
        """A volume is taken from it."""
        self.volumes.remove(volume)
        self._first.pop(volume.id, None)

    def require_whole(self) -> str:
        """No tick is missing on any volume since the guest had it.

        :return: what was seen
        :raises StackError: a write was lost, or the guest met an error
        """
        self._require_no_errors(self.said())
        told = []
        for volume in self.volumes:
            found = self._ticks(volume)
            first = max(
                self._first.get(volume.id, found.last),
                found.last - KNOWN_TICKS,
            )
            checks.require(
                found.whole > found.last - first,
                f"volume {volume.name} has ticks up to {found.last}, but "
                f"not all from {first} on: {found.whole} unbroken",
            )
            told.append(f"{found.whole}")
        return f"ticks to {self.tick()}, unbroken {'/'.join(told)}"

    @staticmethod
    def _require_no_errors(said: console.Console) -> None:
        checks.require(
            not said.errors, f"the guest met {'; '.join(said.errors[:3])}"
        )
