# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What holds in a cluster at every moment."""

from collections.abc import Iterator
import dataclasses

from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.state import Place
from storpool_simulator.model.state import State
from storpool_simulator.model.tables import KINDS


@dataclasses.dataclass(frozen=True)
class Moment:
    """Everything there is, and how many changes made it."""

    generation: int
    records: dict[Place, Record]

    @classmethod
    def of(cls, state: State) -> "Moment":
        """This moment."""
        records = {
            (each.table, each.key): each
            for kind in KINDS
            if kind is not Cluster
            for each in state.all(kind).values()
        }
        records |= {
            (each.table, each.key): each for each in state.objects.values()
        }
        return cls(state.cluster.generation, records)


def broken(state: State) -> Iterator[str]:
    """What does not hold, in words.

    Not among it: the parent of a template. No document tells whether such a
    snapshot may be deleted; here it may, and volumes of the template are
    refused from then on.
    """
    yield from _names(state)
    yield from _parents(state)
    yield from _attachments(state)
    for export in state.all(Export).values():
        if export.global_id not in state.objects:
            yield f"export of {export.global_id}, which is not there"
    if state.changes() or state.effects:
        yield f"not settled: {state.changes()} {state.effects}"


def _names(state: State) -> Iterator[str]:
    seen = set()
    for each in state.objects.values():
        if not each.name:
            continue
        if each.name in seen:
            yield f"{each.name}: the name of two"
        seen.add(each.name)
        if state.find(each.name) is not each:
            yield f"{each.name}: is not found by its name"


def _parents(state: State) -> Iterator[str]:
    for each in state.objects.values():
        above, seen = each, set()
        while above.parent:
            parent = state.objects.get(above.parent)
            if not isinstance(parent, Snapshot):
                yield f"{above.global_id}: no parent {above.parent}"
                break
            if parent.global_id in seen:
                yield f"{each.global_id}: descends from itself"
                break
            seen.add(parent.global_id)
            above = parent


def _attachments(state: State) -> Iterator[str]:
    places = set()
    for each in state.all(Attachment).values():
        found = state.objects.get(each.global_id)
        if found is None:
            yield f"attached and not there: {each.global_id}"
        if isinstance(found, Snapshot) and each.rights != "ro":
            yield f"snapshot attached {each.rights}: {each.global_id}"
        if str(each.client) not in state.all(Client):
            yield f"attached to nobody: {each}"
        if (each.client, each.pos) in places:
            yield f"two at one place: {each}"
        places.add((each.client, each.pos))
