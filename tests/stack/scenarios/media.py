# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What lies on a volume, read below every device of every host."""

import dataclasses
import os
import pathlib
import re
from typing import Any

from tests.stack import image
from tests.stack import layout
from tests.stack import namespaces
from tests.stack import storage


@dataclasses.dataclass(frozen=True)
class Ticks:
    """The ticks of one guest on one volume.

    :ivar last: the latest
    :ivar whole: how many before it lack none
    """

    last: int
    whole: int


class Media:
    """Reads volumes from the simulator's files: no device, no cache.

    :param namespace: where the simulator's pool is mounted
    """

    def __init__(
        self,
        place: layout.Layout,
        cluster: storage.Storage,
        namespace: namespaces.Namespace,
    ) -> None:
        self._place = place
        self._cluster = cluster
        self._namespace = namespace

    def _file(self, volume: Any) -> pathlib.Path:
        (stored,) = self._cluster.client.volume_list(
            self._cluster.name(volume.id)
        )
        holder = self._namespace.holder
        root = f"/proc/{holder.pid}/root" if holder else ""
        (found,) = pathlib.Path(f"{root}{self._place.storage}").glob(
            f"*/objects/{stored.global_id}-*"
        )
        return found

    def _read(self, volume: Any, offset: int, size: int) -> bytes:
        with self._file(volume).open("rb") as file:
            return os.pread(file.fileno(), size, offset)

    def content(self, volume: Any, size: int) -> bytes:
        """The first *size* bytes."""
        return self._read(volume, 0, size)

    def sectors(self, volume: Any, first: int, count: int) -> list[str]:
        """The texts in *count* sectors from *first* on."""
        data = self._read(volume, first * image.SECTOR, count * image.SECTOR)
        return [
            data[at : at + image.SECTOR]
            .rstrip(b"\0\n ")
            .decode(errors="replace")
            for at in range(0, len(data), image.SECTOR)
        ]

    def sector(self, volume: Any, number: int) -> str:
        """The text in one sector."""
        return self.sectors(volume, number, 1)[0]

    def ticks(self, volume: Any, identity: str) -> Ticks:
        """The ticks that a guest has written to a volume.

        :param identity: of the guest, as its marker tells
        """
        region = int(identity.partition("-")[0], 16) % image.RING_REGIONS
        texts = self.sectors(
            volume,
            image.RING_SECTOR + region * image.RING_SLOTS,
            image.RING_SLOTS,
        )
        numbers = [
            int(found[1])
            for text in texts
            if (found := re.fullmatch(r"GUEST-TICK (\d+)", text))
        ]
        return unbroken(numbers)


def unbroken(numbers: list[int]) -> Ticks:
    """The last of some ticks, and how many up to it lack none."""
    if not numbers:
        return Ticks(0, 0)
    there = set(numbers)
    last = max(there)
    whole = 0
    while last - whole in there:
        whole += 1
    return Ticks(last, whole)
