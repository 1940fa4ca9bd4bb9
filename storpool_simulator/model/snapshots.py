# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Snapshots: take, change, delete, alone or of several volumes at once."""

from collections.abc import Callable
from typing import Any

import msgspec

from storpool_common.api.snapshots import ApiOkSnapshotCreate
from storpool_common.api.snapshots import GroupSnapshotResult
from storpool_common.api.snapshots import GroupSnapshotsResult
from storpool_common.api.snapshots import GroupSnapshotsSpec
from storpool_common.api.snapshots import SnapshotSpace
from storpool_common.api.snapshots import SnapshotSummary
from storpool_common.api.snapshots import SnapshotUpdateDesc
from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.types import ApiOk
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.changes import count
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import global_id
from storpool_simulator.model.changes import merge_tags
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.changes import removal_date
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import overlay
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.placement import said
from storpool_simulator.model.records import LONGEST_NAME
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.records import Volume
from storpool_simulator.model.state import Make
from storpool_simulator.model.state import MakeTogether
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import snapshot_members
from storpool_simulator.model.switches import Rules


class Snapshots:
    """Calls about snapshots."""

    def __init__(
        self,
        state: State,
        *,
        placement: Placement,
        capacity: Capacity,
        attachments: Attachments,
        lifetime: Lifetime,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._placement = placement
        self._capacity = capacity
        self._attachments = attachments
        self._lifetime = lifetime
        self._rules = rules
        self._clock = clock

    def snapshots_list(self) -> list[SnapshotSummary]:
        """Every snapshot."""
        return [self._summary(each) for each in self._state.snapshots]

    def snapshots_space(self) -> list[SnapshotSpace]:
        """Bytes that each snapshot stores.

        What deleting it would free is its own data, or nothing while
        children need that.
        """
        return [
            SnapshotSpace(
                **self.members(each),
                stored_size=self._capacity.stored(each),
                space_used=0
                if self._state.indexes.child_count(each.global_id)
                else self._capacity.stored(each),
            )
            for each in self._state.snapshots
        ]

    def snapshot_list(self, snapshot_name: str) -> list[SnapshotSummary]:
        """One snapshot."""
        return [self._summary(self._state.shown_snapshot(snapshot_name))]

    def _summary(self, snapshot: Snapshot) -> SnapshotSummary:
        return SnapshotSummary(**self.members(snapshot))

    def members(self, snapshot: Snapshot) -> dict[str, Any]:
        """What all answers about a snapshot have in common."""
        blocked = self._lifetime.delete_blocked(snapshot)
        return snapshot_members(self._state, snapshot) | {
            "delete_blocked": blocked,
            "recovering_from_remote": snapshot.recovered_at > self._clock(),
        }

    def snapshot_create(
        self, volume_name: str, request: VolumeSnapshotDesc | None = None
    ) -> ApiOkSnapshotCreate:
        """Take a snapshot of a volume."""
        volume = self._state.volume(volume_name)
        snapshot = self._take(volume, request or VolumeSnapshotDesc())
        self._state.require(Make(snapshot, volume))
        return ApiOkSnapshotCreate(
            ok=True,
            generation=count(self._state),
            auto_name=snapshot.name or None if snapshot.auto_name else None,
            snapshot_global_id=snapshot.global_id,
            snapshot_visible_volume_id=snapshot.number,
        )

    def _take(self, volume: Volume, request: VolumeSnapshotDesc) -> Snapshot:
        """Put a snapshot between a volume and its parent."""
        self._state.require_free_name("snapshot", request.name or "")
        number = next_number(self._state)
        snapshot = Snapshot(
            global_id=global_id(self._state, number),
            number=number,
            name=request.name or _auto_name(volume, number),
            auto_name=not request.name,
            size=volume.size,
            parent=volume.parent,
            template=volume.template,
            policy=volume.policy,
            tags=merge_tags({}, request.tags),
            created=int(self._clock()),
            bound=bool(request.bind),
            delete_at=removal_date(
                self._clock(),
                request.delete_after,
                request.target_delete_date,
                0,
            ),
            origin=volume.global_id,
            origin_number=volume.number,
        )
        self._state.put(snapshot)
        self._state.put(
            msgspec.structs.replace(volume, parent=snapshot.global_id)
        )
        return snapshot

    def take_for_clone(self, volume: Volume) -> Snapshot:
        """Take the transient snapshot that a clone and its volume share."""
        taken = self._take(volume, VolumeSnapshotDesc())
        snapshot = msgspec.structs.replace(taken, transient=True)
        self._state.put(snapshot)
        self._state.require(Make(snapshot, volume))
        return snapshot

    def snapshot_create_group(
        self, request: GroupSnapshotsSpec
    ) -> GroupSnapshotsResult:
        """Take snapshots of several volumes at one instant."""
        results = []
        copies: list[tuple[StoredObject, StoredObject]] = []
        for spec in request.volumes:
            volume = self._state.volume(spec.volume)
            snapshot = self._take(
                volume,
                VolumeSnapshotDesc(
                    name=spec.name,
                    tags={**(request.tags or {}), **(spec.tags or {})},
                ),
            )
            copies.append((snapshot, volume))
            results.append(_group_result(volume, snapshot))
        self._state.require(MakeTogether(tuple(copies)))
        count(self._state)
        return GroupSnapshotsResult(ok=True, snapshots=results)

    def snapshot_update(
        self, snapshot_name: str, request: SnapshotUpdateDesc
    ) -> ApiOk:
        """Rename, retag, bind, schedule, or change the policy."""
        snapshot = self._state.snapshot(snapshot_name)
        name, auto_name = snapshot.name, snapshot.auto_name
        if request.rename is not None and request.rename != name:
            self._state.require_free_name("snapshot", request.rename)
            name, auto_name = request.rename, not request.rename
        template, policy = self.changed_policy(
            snapshot, request.template, said(request)
        )
        self._state.put(
            msgspec.structs.replace(
                snapshot,
                name=name,
                auto_name=auto_name,
                template=template,
                policy=policy,
                tags=merge_tags(snapshot.tags, request.tags),
                bound=snapshot.bound if request.bind is None else request.bind,
                delete_at=removal_date(
                    self._clock(),
                    request.delete_after,
                    request.target_delete_date,
                    snapshot.delete_at,
                ),
            )
        )
        return done(self._state)

    def changed_policy(
        self, target: StoredObject, template: str | None, change: Policy
    ) -> tuple[str, Policy]:
        """Template and policy of an object after an update.

        A template that is said brings its whole policy.
        """
        policy = target.policy
        if template is not None:
            policy = overlay(
                policy, self._state.get(Template, template).policy
            )
        policy = overlay(policy, change)
        if policy != target.policy:
            self._placement.require_place(policy)
        return template or target.template, policy

    def snapshot_delete(self, snapshot_name: str) -> ApiOk:
        """Delete a snapshot; its children keep their data."""
        snapshot = self._state.snapshot(snapshot_name)
        if self._rules.now.snapshot_delete_attached == "detach":
            self._attachments.release_all(snapshot, force=True)
        self._attachments.require_detached(snapshot, "deleted")
        self._lifetime.require_no_template(snapshot)
        self._lifetime.delete(snapshot)
        return done(self._state)


def _auto_name(volume: Volume, number: int) -> str:
    """A volume's name may begin with a ``#``, and no snapshot's may."""
    suffix = f"@{number}"
    name = volume.name.removeprefix("#")[: LONGEST_NAME - len(suffix)]
    return f"{name}{suffix}" if name else ""


def _group_result(volume: Volume, snapshot: Snapshot) -> GroupSnapshotResult:
    return GroupSnapshotResult(
        volume=volume.shown_name,
        volume_global_id=volume.global_id,
        snapshot=snapshot.shown_name,
        snapshot_global_id=snapshot.global_id,
        remote_id=snapshot.global_id,
    )
