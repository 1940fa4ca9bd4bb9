# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""On which disks the copies of an object's parts lie.

A volume is divided into objects of 32 MiB; object N lies on the disk set
``N modulo their number``. Every disk starts one set and each copy of a set
is on a server of its own, as far as there are servers.
"""

from collections.abc import Sequence

DiskSet = list[int]


def disk_sets(disks: Sequence[tuple[int, int]], copies: int) -> list[DiskSet]:
    """The disk sets of a placement group.

    :param disks: number of each disk and of its server.
    """
    ring = _interleaved(disks)
    return [
        _from(ring[start:] + ring[:start], copies)
        for start in range(len(ring))
    ]


def _interleaved(disks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """One disk of each server, then the next of each, and so on."""
    seen: dict[int, int] = {}
    ranked = []
    for disk, server in sorted(disks):
        rank = seen[server] = seen.get(server, -1) + 1
        ranked.append((rank, server, disk))
    return [(disk, server) for _, server, disk in sorted(ranked)]


def _from(ring: list[tuple[int, int]], copies: int) -> DiskSet:
    chosen: DiskSet = []
    servers: set[int] = set()
    for disk, server in ring:
        if len(chosen) < copies and server not in servers:
            servers.add(server)
            chosen.append(disk)
    return chosen


def counts(sets: Sequence[DiskSet], objects: int) -> list[int]:
    """How many of an object's parts lie on each disk set."""
    if not sets:
        return []
    each, more = divmod(objects, len(sets))
    return [each + (number < more) for number in range(len(sets))]


def per_disk(sets: Sequence[DiskSet], objects: int) -> dict[int, int]:
    """How many copies of parts lie on each disk."""
    found: dict[int, int] = {}
    for disks, count in zip(sets, counts(sets, objects), strict=False):
        for disk in disks:
            found[disk] = found.get(disk, 0) + count
    return {disk: count for disk, count in sorted(found.items()) if count}
