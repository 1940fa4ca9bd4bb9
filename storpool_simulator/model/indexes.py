# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What of the records is looked for by something else than its key."""

from collections.abc import Iterable
from typing import TypeVar

from storpool_simulator.model.calendar import Calendar
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject

K = TypeVar("K")

#: Keys in the order they came: a set that answers the same in every run.
_Ordered = dict[str, None]


class Indexes:
    """Kept up to date with each record that comes and goes.

    :ivar names: global id by name.
    :ivar snapshot_dates: when snapshots are to change by themselves.
    :ivar disk_dates: the same for disks.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.snapshot_dates = Calendar()
        self.disk_dates = Calendar()
        self._children: dict[str, _Ordered] = {}
        self._templates: dict[str, _Ordered] = {}
        self._policies: dict[Policy, _Ordered] = {}
        self._attached: dict[str, dict[int, Attachment]] = {}
        self._held: dict[int, dict[str, Attachment]] = {}

    def children(self, global_id: str) -> Iterable[str]:
        """Global ids of the objects whose parent it is."""
        return self._children.get(global_id, {})

    def child_count(self, global_id: str) -> int:
        """How many they are."""
        return len(self._children.get(global_id, {}))

    def of_template(self, name: str) -> Iterable[str]:
        """Global ids of the objects with that template."""
        return self._templates.get(name, {})

    def policies(self) -> Iterable[tuple[Policy, Iterable[str]]]:
        """Each policy that an object has, and who has it."""
        return self._policies.items()

    def attached(self, global_id: str) -> dict[int, Attachment]:
        """The attachments of an object, by client."""
        return dict(self._attached.get(global_id, {}))

    def held(self, client: int) -> dict[str, Attachment]:
        """The attachments of a client, by global id."""
        return dict(self._held.get(client, {}))

    def add(self, record: Record) -> None:
        """A record has come."""
        if isinstance(record, StoredObject):
            self._add_object(record)
        elif isinstance(record, Attachment):
            held = self._attached.setdefault(record.global_id, {})
            held[record.client] = record
            held_by = self._held.setdefault(record.client, {})
            held_by[record.global_id] = record
        elif isinstance(record, Disk):
            self.disk_dates.set(record.key, record.drained_at)

    def remove(self, record: Record) -> None:
        """A record has gone."""
        if isinstance(record, StoredObject):
            self._remove_object(record)
        elif isinstance(record, Attachment):
            self._attached[record.global_id].pop(record.client)
            if not self._attached[record.global_id]:
                del self._attached[record.global_id]
            self._held[record.client].pop(record.global_id)
        elif isinstance(record, Disk):
            self.disk_dates.set(record.key, 0)

    def _add_object(self, record: StoredObject) -> None:
        key = record.global_id
        if record.name:
            self.names[record.name] = key
        if record.parent:
            self._children.setdefault(record.parent, {})[key] = None
        self._templates.setdefault(record.template, {})[key] = None
        self._policies.setdefault(record.policy, {})[key] = None
        if isinstance(record, Snapshot):
            self.snapshot_dates.set(key, record.changes_at)

    def _remove_object(self, record: StoredObject) -> None:
        key = record.global_id
        if self.names.get(record.name) == key:
            del self.names[record.name]
        _drop(self._children, record.parent, key)
        _drop(self._templates, record.template, key)
        _drop(self._policies, record.policy, key)
        if isinstance(record, Snapshot):
            self.snapshot_dates.set(key, 0)


def _drop(index: dict[K, _Ordered], place: K, key: str) -> None:
    members = index.get(place)
    if members is None:
        return
    members.pop(key, None)
    if not members:
        del index[place]
