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

    def write(self, global_id: str, count: int) -> None:
        """Let an object hold ``count`` bytes of its own.

        :raises PoolFull: they do not fit.
        """
        if count > self.space().free:
            raise PoolFull(f"{count} bytes do not fit")
        self._written[global_id] = count

    def space(self) -> Space:
        """The room that is left of the pool."""
        return Space(self._size, self._size - sum(self._written.values()))

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
            self._written.pop(target.global_id, None)
            if source is not None and target.parent != source.global_id:
                mine = self._written.pop(source.global_id, 0)
                self._written[target.global_id] = mine

    def release(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """There is no device that could be open."""

    def settle(self, wanted: Wanted) -> None:
        """Forget what an object held that is gone."""
        if wanted.target is None:
            self._written.pop(wanted.global_id, None)

    def withhold(self, global_id: str, client: int) -> None:
        """There are no devices."""

    def let(self, global_id: str, client: int) -> None:
        """There are no devices."""

    def close(self) -> Sequence[str]:
        """There is nothing to remove."""
        return ()
