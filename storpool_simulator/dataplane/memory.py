# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A data plane without data: for those who only need the API's answers."""

from collections.abc import Iterable
from collections.abc import Sequence

from storpool_simulator.dataplane.protocol import PoolFull
from storpool_simulator.dataplane.protocol import Wanted
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import StoredObject


class MemoryPlane:
    """Counts what :meth:`write` says is written, and has no devices.

    :param size: bytes of client data that fit.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._written: dict[str, int] = {}
        self._taken = 0

    def write(self, global_id: str, count: int) -> None:
        """Let an object hold ``count`` bytes of its own.

        :raises PoolFull: they do not fit.
        """
        if count > self.space().free + self._written.get(global_id, 0):
            raise PoolFull(f"{count} bytes do not fit")
        self._set(global_id, count)

    def _set(self, global_id: str, count: int) -> None:
        self._taken += count - self._written.pop(global_id, 0)
        if count:
            self._written[global_id] = count

    def space(self) -> Space:
        """The room that is left of the pool."""
        return Space(self._size, max(0, self._size - self._taken))

    def stored(self, target: StoredObject, parent: StoredObject | None) -> int:
        """Bytes that the object holds itself."""
        return self._written.get(target.global_id, 0)

    def open(
        self, wanted: Iterable[Wanted], directories: Iterable[str]
    ) -> None:
        """There is nothing to find again."""

    def make(
        self, copies: Sequence[tuple[StoredObject, StoredObject | None]]
    ) -> None:
        """A snapshot takes over what its volume held; the rest is shared."""
        for target, source in copies:
            self._set(target.global_id, 0)
            if source is not None and target.parent != source.global_id:
                mine = self._written.get(source.global_id, 0)
                self._set(source.global_id, 0)
                self._set(target.global_id, mine)

    def release(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """There is no device that could be open."""

    def restrict(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """There is no device that could be written to."""

    def absorb(
        self, target: StoredObject, ancestors: Sequence[StoredObject]
    ) -> None:
        """As much more, but not more than it is large."""
        more = sum(self._written.get(each.global_id, 0) for each in ancestors)
        mine = self._written.get(target.global_id, 0)
        self._set(target.global_id, max(mine, min(target.size, mine + more)))

    def extents(self, target: StoredObject) -> Sequence[tuple[int, int]]:
        """There is no data, only a count of it."""
        return ()

    def read(self, target: StoredObject, offset: int, length: int) -> bytes:
        """What is not there reads as nothing."""
        return bytes(length)

    def receive(
        self, target: StoredObject, pieces: Iterable[tuple[int, bytes]]
    ) -> None:
        """See it all pass by."""
        for _ in pieces:
            pass

    def received(self, target: StoredObject, stored: int) -> None:
        """Count it."""
        self.write(target.global_id, stored)

    def settle(self, wanted: Wanted) -> None:
        """Forget what an object held that is gone."""
        if wanted.target is None:
            self._set(wanted.global_id, 0)

    def withhold(self, global_id: str, client: int) -> None:
        """There are no devices."""

    def let(self, global_id: str, client: int) -> None:
        """There are no devices."""

    def close(self) -> Sequence[str]:
        """There is nothing to remove."""
        return ()
