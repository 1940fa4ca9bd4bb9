# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes: make, change, delete, revert, freeze."""

from collections.abc import Callable
import dataclasses

import msgspec

from storpool_common.api.types import ApiOk
from storpool_common.api.volumes import ApiOkVolumeCreate
from storpool_common.api.volumes import ApiOkVolumeUpdate
from storpool_common.api.volumes import VolumeCreateDesc
from storpool_common.api.volumes import VolumeDeleteDesc
from storpool_common.api.volumes import VolumeFreezeDesc
from storpool_common.api.volumes import VolumeRevertDesc
from storpool_common.api.volumes import VolumeSpace
from storpool_common.api.volumes import VolumeSummary
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_simulator.model.attachments import Attachments
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.changes import count
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import forget
from storpool_simulator.model.changes import global_id
from storpool_simulator.model.changes import merge_tags
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.changes import removal_date
from storpool_simulator.model.iscsi_commands import Commands
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import completed
from storpool_simulator.model.placement import overlay
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.placement import said
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.records import Volume
from storpool_simulator.model.snapshots import Snapshots
from storpool_simulator.model.state import Make
from storpool_simulator.model.state import State
from storpool_simulator.model.summaries import members
from storpool_simulator.model.summaries import volume_summary
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import Refusal


@dataclasses.dataclass(frozen=True)
class _Origin:
    """What a new volume starts from where the request does not say."""

    source: StoredObject | None
    template: str
    policy: Policy
    size: int | None


class Volumes:
    """Calls about volumes."""

    def __init__(
        self,
        state: State,
        *,
        placement: Placement,
        capacity: Capacity,
        attachments: Attachments,
        snapshots: Snapshots,
        lifetime: Lifetime,
        commands: Commands,
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._state = state
        self._placement = placement
        self._capacity = capacity
        self._attachments = attachments
        self._snapshots = snapshots
        self._lifetime = lifetime
        self._commands = commands
        self._rules = rules
        self._clock = clock

    def volumes_list(self) -> list[VolumeSummary]:
        """Every volume."""
        return [
            volume_summary(self._state, each) for each in self._state.volumes
        ]

    def volumes_space(self) -> list[VolumeSpace]:
        """Bytes that each volume stores."""
        return [
            VolumeSpace(
                **members(self._state, each),
                stored_size=self._capacity.stored(each),
                space_used=self._capacity.stored_with_parents(each),
            )
            for each in self._state.volumes
        ]

    def volume_list(self, volume_name: str) -> list[VolumeSummary]:
        """One volume."""
        volume = self._state.volume(volume_name)
        return [volume_summary(self._state, volume)]

    def volume_create(self, request: VolumeCreateDesc) -> ApiOkVolumeCreate:
        """Make a volume: empty, from a snapshot or from a volume."""
        name = request.name or ""
        self._state.require_free_name("volume", name)
        origin = self._origin(request)
        policy = completed(overlay(origin.policy, said(request)))
        self._placement.require_place(policy)
        self._capacity.require_room(f"create volume '{name}'")
        size = self._size(request.size or origin.size, origin.source)
        source = origin.source
        auto_name = None
        if isinstance(source, Volume):
            source = self._snapshots.take_for_clone(source)
            auto_name = source.name or None
        number = next_number(self._state)
        volume = Volume(
            global_id=global_id(self._state, number),
            number=number,
            name=name,
            size=size,
            parent=source.global_id if source is not None else "",
            template=origin.template,
            policy=policy,
            tags=merge_tags(self._inherited(origin.source), request.tags),
            created=int(self._clock()),
        )
        self._state.put(volume)
        self._state.require(Make(volume, source))
        return ApiOkVolumeCreate(
            ok=True,
            generation=count(self._state),
            name=volume.shown_name,
            global_id=volume.global_id,
            auto_name=auto_name,
        )

    def _origin(self, request: VolumeCreateDesc) -> _Origin:
        source = self._source(request)
        if request.template is not None:
            template = self._state.get(Template, request.template)
            size = template.size
            if source is None and template.parent:
                source = self._state.snapshot(f"~{template.parent}")
            if source is not None:
                size = source.size
            return _Origin(source, template.name, template.policy, size)
        if source is not None:
            return _Origin(source, source.template, source.policy, source.size)
        return _Origin(None, "", Policy(), None)

    def _inherited(self, source: StoredObject | None) -> dict[str, str]:
        if source is None or self._rules.now.clone_tags == "none":
            return {}
        return source.tags

    def _source(self, request: VolumeCreateDesc) -> StoredObject | None:
        if request.parent is not None and request.base_on is not None:
            raise invalid("give either parent or baseOn")
        if request.parent is not None:
            return self._state.snapshot(request.parent)
        if request.base_on is not None:
            return self._state.volume(request.base_on)
        return None

    def _size(self, size: int | None, source: StoredObject | None) -> int:
        if size is None:
            raise invalid("give the size of the volume")
        if source is None or size >= source.size:
            return size
        if self._rules.now.smaller_than_parent == "refuse":
            raise invalid(
                f"size {size} is less than the {source.size} bytes of"
                f" '{source.shown_name}'"
            )
        return size

    def volume_update(
        self, volume_name: str, request: VolumeUpdateDesc
    ) -> ApiOkVolumeUpdate:
        """Rename, resize, retag, or change the policy."""
        volume = self._state.volume(volume_name)
        self._attachments.require_still(volume)
        name = volume.name
        if request.rename is not None and request.rename != volume.name:
            self._state.require_free_name("volume", request.rename)
            name = request.rename
        template, policy = self._snapshots.changed_policy(
            volume, request.template, said(request)
        )
        updated = msgspec.structs.replace(
            volume,
            name=name,
            size=self._new_size(volume, request),
            template=template,
            policy=policy,
            tags=merge_tags(volume.tags, request.tags),
        )
        self._state.put(updated)
        return ApiOkVolumeUpdate(
            ok=True, generation=count(self._state), name=updated.shown_name
        )

    def _new_size(self, volume: Volume, request: VolumeUpdateDesc) -> int:
        if request.size is not None and request.size_add is not None:
            raise invalid("give either size or sizeAdd")
        size = volume.size
        if request.size is not None:
            size = request.size
        elif request.size_add is not None:
            size += request.size_add
        if size < volume.size and not request.shrink_ok:
            raise Refusal(
                self._rules.now.shrink_error,
                f"volume '{volume.shown_name}' has {volume.size} bytes; to"
                f" shrink it to {size} give shrinkOk",
                status=400,
            )
        if size > volume.size:
            self._capacity.require_room(f"grow volume '{volume.shown_name}'")
        return size

    def volume_delete(
        self, volume_name: str, request: VolumeDeleteDesc | None = None
    ) -> ApiOk:
        """Delete a volume; its snapshots stay."""
        volume = self._state.volume(volume_name)
        choice = request.on_attached if request is not None else None
        if choice in ("detach", "detachForce"):
            self._attachments.release_all(
                volume, force=choice == "detachForce"
            )
        self._attachments.require_detached(volume, "deleted")
        self._commands.require_not_exported(volume, "deleted")
        forget(self._state, volume)
        self._lifetime.drop_unneeded(volume.parent)
        return done(self._state)

    def volume_revert(
        self, volume_name: str, request: VolumeRevertDesc
    ) -> ApiOk:
        """Go on from the contents of a snapshot.

        Name, global id, tags and placement stay; so does the size unless
        ``revertSize`` is set.
        """
        volume = self._state.volume(volume_name)
        snapshot = self._state.snapshot(request.to_snapshot)
        if self._rules.now.revert_attached == "if-closed":
            self._attachments.require_closed(volume)
        else:
            self._attachments.require_detached(volume, "reverted")
        reverted = msgspec.structs.replace(
            volume,
            parent=snapshot.global_id,
            size=snapshot.size if request.revert_size else volume.size,
            policy=self._reverted_policy(volume, snapshot),
            revision=volume.revision + 1,
        )
        self._state.put(reverted)
        self._state.require(Make(reverted, snapshot))
        if volume.parent != snapshot.global_id:
            self._lifetime.drop_unneeded(volume.parent)
        return done(self._state)

    def _reverted_policy(self, volume: Volume, snapshot: Snapshot) -> Policy:
        if self._rules.now.revert_limits == "keep":
            return volume.policy
        return msgspec.structs.replace(
            volume.policy,
            iops=snapshot.policy.iops,
            bw=snapshot.policy.bw,
            limit_type=snapshot.policy.limit_type,
        )

    def volume_freeze(
        self, volume_name: str, request: VolumeFreezeDesc | None = None
    ) -> ApiOk:
        """Turn a volume into a snapshot of the same name and global id."""
        volume = self._state.volume(volume_name)
        self._attachments.require_detached(volume, "frozen")
        self._commands.require_not_exported(volume, "frozen")
        asked = request or VolumeFreezeDesc()
        self._state.put(
            Snapshot(
                **msgspec.structs.asdict(volume),
                delete_at=removal_date(
                    self._clock(),
                    asked.delete_after,
                    asked.target_delete_date,
                    0,
                ),
            )
        )
        return done(self._state)
