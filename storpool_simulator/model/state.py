# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""All records of a cluster, with a journal to take a change back."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import cast
from typing import TypeVar

from storpool_simulator.model.indexes import Indexes
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Volume
from storpool_simulator.model.tables import TABLES
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import missing

R = TypeVar("R", bound=Record)

#: Where a record lives: its table and its key there.
Place = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Make:
    """Contents have to be there before the change is answered.

    :ivar source: whose contents they start with; None for empty ones.
    """

    target: StoredObject
    source: StoredObject | None


@dataclasses.dataclass(frozen=True)
class MakeTogether:
    """Contents of several objects, copied at one instant."""

    copies: tuple[tuple[StoredObject, StoredObject], ...]


@dataclasses.dataclass(frozen=True)
class Release:
    """A client has to let go of a device before the change is answered.

    :ivar force: take it away even from whoever has it open.
    """

    target: StoredObject
    attachment: Attachment
    force: bool


@dataclasses.dataclass(frozen=True)
class Restrict:
    """A device may not be written to any more.

    :ivar force: also if somebody has it open.
    """

    target: StoredObject
    attachment: Attachment
    force: bool


@dataclasses.dataclass(frozen=True)
class Absorb:
    """An object keeps itself what it had of its ancestors so far.

    :ivar ancestors: those that are not its ancestors any more.
    """

    target: StoredObject
    ancestors: tuple[StoredObject, ...]


@dataclasses.dataclass(frozen=True)
class Await:
    """Clients have to apply the change before it is answered.

    :ivar seconds: how long they may take; None is for ever.
    """

    clients: frozenset[int]
    seconds: int | None


Effect = Make | MakeTogether | Release | Restrict | Absorb | Await


class State:
    """Records by table and key, their indexes, and the change under way.

    A change is made of :meth:`put`, :meth:`remove` and :meth:`require`; then
    either :meth:`settle` ends it or :meth:`roll_back` takes it back.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._tables: dict[str, dict[str, Record]] = {
            table: {} for table in (StoredObject.table, *TABLES)
        }
        self.indexes = Indexes()
        self._journal: list[tuple[Place, Record | None]] = []
        self.effects: list[Effect] = []
        for record in records:
            self._set((record.table, record.key), record)

    @property
    def cluster(self) -> Cluster:
        """The cluster's own record."""
        return cast(Cluster, self._tables[Cluster.table][""])

    @property
    def objects(self) -> Mapping[str, StoredObject]:
        """Volumes and snapshots by global id."""
        return cast(
            Mapping[str, StoredObject], self._tables[StoredObject.table]
        )

    @property
    def volumes(self) -> list[Volume]:
        """All volumes."""
        return [o for o in self.objects.values() if isinstance(o, Volume)]

    @property
    def snapshots(self) -> list[Snapshot]:
        """All snapshots."""
        return [o for o in self.objects.values() if isinstance(o, Snapshot)]

    def all(self, kind: type[R]) -> Mapping[str, R]:
        """Every record of a table, by key."""
        return cast(Mapping[str, R], self._tables[kind.table])

    def get(self, kind: type[R], key: str) -> R:
        """One record of a table; refused when it is not there."""
        record = self._tables[kind.table].get(key)
        if record is None:
            raise missing(kind.__name__.lower(), key)
        return cast(R, record)

    def volume(self, name: str) -> Volume:
        """The volume called ``name``, or ``~`` and its global id."""
        found = self.find(name)
        if not isinstance(found, Volume):
            raise missing("volume", name)
        return found

    def snapshot(self, name: str) -> Snapshot:
        """The snapshot called ``name``, or ``~`` and its global id.

        One that is being deleted can be looked at and nothing else, so it
        is not there: see :meth:`shown_snapshot`.
        """
        found = self.shown_snapshot(name)
        if found.deleted:
            raise missing("snapshot", name)
        return found

    def shown_snapshot(self, name: str) -> Snapshot:
        """The same, also while it is being deleted."""
        found = self.find(name)
        if not isinstance(found, Snapshot):
            raise missing("snapshot", name)
        return found

    def find(self, name: str) -> StoredObject | None:
        """The volume or snapshot called that; None when there is none."""
        if name.startswith("~"):
            return self.objects.get(name[1:])
        return self.objects.get(self.indexes.names.get(name, ""))

    def require_free_name(self, kind: str, name: str) -> None:
        """Refuse a name that a volume or snapshot has."""
        if name in self.indexes.names:
            raise exists(kind, name)

    def shown_name(self, global_id: str) -> str:
        """The name in answers of an object; empty when there is none."""
        found = self.objects.get(global_id)
        return found.shown_name if found is not None else ""

    def children(self, global_id: str) -> list[StoredObject]:
        """Volumes and snapshots whose parent it is."""
        return [
            self.objects[child]
            for child in sorted(self.indexes.children(global_id))
        ]

    def attachments(self, global_id: str) -> Mapping[int, Attachment]:
        """The attachments of an object, by client."""
        return self.indexes.attached(global_id)

    def is_up(self, client: int) -> bool:
        """Whether a client is there to apply a change."""
        return self.get(Client, str(client)).up

    def put(self, record: Record) -> None:
        """Add a record, or replace the one with its key."""
        self._swap((record.table, record.key), record)

    def remove(self, record: Record) -> None:
        """Remove a record."""
        self._swap((record.table, record.key), None)

    def require(self, effect: Effect) -> None:
        """Ask for something that must happen before the answer."""
        self.effects.append(effect)

    def changes(self) -> dict[Place, Record | None]:
        """What the change under way leaves different, by its place."""
        before = dict(reversed(self._journal))
        now = {place: self._tables[place[0]].get(place[1]) for place in before}
        return {
            place: record
            for place, record in now.items()
            if record != before[place]
        }

    def touched(self) -> set[str]:
        """Global ids of objects whose contents or attachments changed."""
        records = [old for _, old in self._journal]
        records.extend(self.changes().values())
        found = set()
        for record in records:
            if isinstance(record, StoredObject | Attachment):
                found.add(record.global_id)
            elif isinstance(record, Client):
                found.update(self.indexes.held(record.id))
        return found

    def settle(self) -> None:
        """The change under way is done."""
        self._journal.clear()
        self.effects.clear()

    def roll_back(self) -> None:
        """Take the change under way back."""
        for place, old in reversed(self._journal):
            self._set(place, old)
        self.settle()

    def _swap(self, place: Place, new: Record | None) -> None:
        self._journal.append((place, self._tables[place[0]].get(place[1])))
        self._set(place, new)

    def _set(self, place: Place, new: Record | None) -> None:
        table, key = place
        old = self._tables[table].get(key)
        if old is not None:
            self.indexes.remove(old)
        if new is None:
            self._tables[table].pop(key, None)
            return
        self._tables[table][key] = new
        self.indexes.add(new)
