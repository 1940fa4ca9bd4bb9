# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What it means for a cluster that an object comes from another, or goes."""

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import Literal

import msgspec

from storpool_common.api.types import ApiOk
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.attachments import describe
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import forget
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.changes import removal_date
from storpool_simulator.model.iscsi_commands import Commands
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import completed
from storpool_simulator.model.placement import overlay
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.records import Volume
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """An object, for the cluster that copies it.

    :ivar stored: bytes that it has, those of its parents included.
    :ivar on_volume: the volume that a snapshot was taken of.
    """

    kind: Literal["volume", "snapshot"]
    global_id: str
    name: str
    size: int
    created: int
    template: str
    policy: Policy
    tags: dict[str, str]
    stored: int
    origin: str = ""
    origin_number: int = 0
    on_volume: str = ""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the copy is to be like, where it is not as the original.

    :ivar backup: it is the backup of the volume that it was taken of.
    """

    name: str = ""
    template: str | None = None
    policy: Policy = Policy()
    tags: dict[str, str] | None = None
    backup: bool = False


class Crossings:
    """Objects that leave and arrive."""

    def __init__(
        self,
        state: State,
        *,
        placement: Placement,
        capacity: Capacity,
        attachments: Attachments,
        commands: Commands,
        lifetime: Lifetime,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._placement = placement
        self._capacity = capacity
        self._attachments = attachments
        self._commands = commands
        self._lifetime = lifetime
        self._rules = rules
        self._clock = clock

    def known(self, name: str) -> StoredObject:
        """A volume or snapshot of this cluster."""
        found = self._state.find(name)
        if found is None:
            raise missing("volume or snapshot", name)
        return found

    def describe(self, global_id: str) -> Described:
        """An object for who copies it."""
        target = self.known(f"~{global_id}")
        common: dict[str, Any] = {
            field: getattr(target, field)
            for field in (
                *("global_id", "name", "size", "created"),
                *("template", "policy", "tags"),
            )
        }
        stored = self._capacity.stored_with_parents(target)
        if not isinstance(target, Snapshot):
            return Described(kind="volume", stored=stored, **common)
        if target.auto_name:
            common["name"] = ""  # VOLUME@NUMBER is a name in this cluster
        return Described(
            kind="snapshot",
            stored=stored,
            origin=target.origin,
            origin_number=target.origin_number,
            on_volume=self._state.shown_name(target.origin),
            **common,
        )

    def arrival(self, came: Described, wish: Wish) -> StoredObject:
        """The record of a copy; refuses what cannot be here.

        Where neither is said, the template of that name is its template if
        there is one here.
        """
        if came.global_id in self._state.objects:
            raise exists(came.kind, f"~{came.global_id}")
        self._state.require_free_name(came.kind, wish.name)
        template, policy = self._policy(came, wish)
        self._placement.require_place(policy)
        self._capacity.require_room(f"copy ~{came.global_id}")
        common: dict[str, Any] = {
            "global_id": came.global_id,
            "number": 0,
            "name": wish.name,
            "size": came.size,
            "parent": "",
            "template": template,
            "policy": policy,
            "tags": came.tags if wish.tags is None else wish.tags,
            "created": came.created,
        }
        if came.kind == "volume":
            return Volume(**common)
        seconds = self._rules.now.remote_recovery_seconds
        return Snapshot(
            auto_name=not wish.name,
            origin=came.origin,
            origin_number=came.origin_number,
            recovered_at=self._clock() + seconds,
            backup=wish.backup,
            **common,
        )

    def _policy(self, came: Described, wish: Wish) -> tuple[str, Policy]:
        limits = Policy(
            replication=came.policy.replication,
            iops=came.policy.iops,
            bw=came.policy.bw,
            limit_type=came.policy.limit_type,
        )
        name = wish.template
        if name is None and came.template in self._state.all(Template):
            name = came.template
        if name is not None:
            template = self._state.get(Template, name).policy
            limits = overlay(limits, template)
        return name or "", completed(overlay(limits, wish.policy))

    def arrive(self, arrival: StoredObject) -> None:
        """The data is here: the object is, too."""
        if arrival.global_id in self._state.objects:
            raise exists("object", f"~{arrival.global_id}")
        self._state.require_free_name("object", arrival.name)
        number = next_number(self._state)
        self._state.put(msgspec.structs.replace(arrival, number=number))
        done(self._state)

    def prepare_to_leave(self, target: StoredObject, choice: str) -> None:
        """Nobody may attach or change an object while it is copied away.

        :param choice: what to do where it is attached.
        """
        if choice == "export" and self._state.attachments(target.global_id):
            raise invalid(
                f"{describe(target)} is attached, and the simulator forwards"
                " no reads and writes to where it would be: choose detach"
            )
        if choice in ("detach", "detachForce"):
            self._attachments.release_all(
                target, force=choice == "detachForce"
            )
        self._attachments.require_detached(target, "moved")
        self._attachments.require_still(target)
        if isinstance(target, Snapshot) and self._state.children(
            target.global_id
        ):
            raise busy(
                f"snapshot '{target.shown_name}' has children and cannot be"
                " moved"
            )
        if isinstance(target, Volume):
            self._commands.require_not_exported(target, "moved")
        if isinstance(target, Snapshot):
            self._lifetime.require_no_template(target)
        self._state.put(msgspec.structs.replace(target, leaving=True))

    def stay(self, global_id: str) -> None:
        """It could not leave."""
        target = self._state.objects.get(global_id)
        if target is not None:
            self._state.put(msgspec.structs.replace(target, leaving=False))

    def leave(self, global_id: str) -> ApiOk:
        """It is somewhere else now."""
        target = self.known(f"~{global_id}")
        forget(self._state, target)
        self._lifetime.drop_unneeded(target.parent)
        return done(self._state)

    def take_back(self, global_ids: Iterable[str]) -> None:
        """Remove snapshots that were taken for what did not succeed.

        One that somebody uses already stays.
        """
        for global_id in global_ids:
            snapshot = self._state.objects.get(global_id)
            if not isinstance(snapshot, Snapshot) or snapshot.leaving:
                continue
            if not self._state.attachments(global_id):
                self._lifetime.remove(snapshot)
        done(self._state)

    def seen_by(self, cluster: str) -> list[Described]:
        """What a cluster and its location are shown.

        :param cluster: its full id.
        """
        targets = {cluster, cluster.partition(".")[0]}
        return [
            self.describe(each.global_id)
            for each in self._state.all(Export).values()
            if each.target in targets
        ]

    def not_needed(
        self,
        location: str,
        global_id: str,
        after: int | None,
        date: int | None,
    ) -> None:
        """A location needs a snapshot no more, which may go some time."""
        export = Export(global_id=global_id, target=location)
        if export.key not in self._state.all(Export):
            raise missing("export of snapshot", f"~{global_id}")
        self._state.remove(export)
        snapshot = self._state.snapshot(f"~{global_id}")
        when = removal_date(self._clock(), after, date, snapshot.delete_at)
        self._state.put(msgspec.structs.replace(snapshot, delete_at=when))
        done(self._state)
