# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Templates: the policy that volumes start with, and room by template."""

from typing import Any

import msgspec

from storpool_common.api.templates import VolumeTemplateCreateDesc
from storpool_common.api.templates import VolumeTemplateDesc
from storpool_common.api.templates import VolumeTemplateSpaceEst
from storpool_common.api.templates import VolumeTemplateSpaceEstEntry
from storpool_common.api.templates import VolumeTemplateSpaceEstInternal
from storpool_common.api.templates import VolumeTemplateStatusDesc
from storpool_common.api.templates import VolumeTemplateUpdateDesc
from storpool_common.api.types import ApiOk
from storpool_simulator.model.capacity import Capacity
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import merge_tags
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import completed
from storpool_simulator.model.placement import overlay
from storpool_simulator.model.placement import Placement
from storpool_simulator.model.placement import said
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import exists

#: What some clients add to what is free: here that is all there is.
_NO_MORE = VolumeTemplateSpaceEstInternal(u1=0, u2=0, u3=0)


class Templates:
    """Calls about templates."""

    def __init__(
        self,
        state: State,
        placement: Placement,
        capacity: Capacity,
        lifetime: Lifetime,
        rules: Rules,
    ) -> None:
        self._state = state
        self._lifetime = lifetime
        self._rules = rules
        self._placement = placement
        self._capacity = capacity

    def volume_templates_list(self) -> list[VolumeTemplateDesc]:
        """Every template."""
        templates = self._state.all(Template).values()
        return [self._shown(each) for each in templates]

    def volume_template_describe(
        self, template_name: str
    ) -> VolumeTemplateDesc:
        """One template."""
        return self._shown(self._state.get(Template, template_name))

    def volume_template_create(
        self, request: VolumeTemplateCreateDesc
    ) -> ApiOk:
        """Make a template."""
        if request.name in self._state.all(Template):
            raise exists("template", request.name)
        policy = completed(said(request))
        self._require_place(policy)
        self._state.put(
            Template(
                name=request.name,
                number=next_number(self._state),
                policy=policy,
                parent=self._parent(request.parent, ""),
                size=request.size,
                tags=merge_tags({}, request.tags),
            )
        )
        return done(self._state)

    def _parent(self, said_name: str | None, unsaid: str) -> str:
        if said_name is None:
            return unsaid
        return self._state.snapshot(said_name).global_id

    def _require_place(self, policy: Policy) -> None:
        self._placement.require_place(overlay(Policy(replication=1), policy))

    def volume_template_update(
        self, template_name: str, request: VolumeTemplateUpdateDesc
    ) -> ApiOk:
        """Change a template, and what was made from it on ``propagate``."""
        old = self._state.get(Template, template_name)
        name = request.rename or old.name
        if name != old.name and name in self._state.all(Template):
            raise exists("template", name)
        change = said(request)
        new = msgspec.structs.replace(
            old,
            name=name,
            policy=overlay(old.policy, change),
            parent=self._parent(request.parent, old.parent),
            size=old.size if request.size is None else request.size,
            tags=merge_tags(old.tags, request.tags),
        )
        self._require_place(new.policy)
        self._state.remove(old)
        self._state.put(new)
        if new.parent != old.parent:
            self._lifetime.drop_unneeded(old.parent)
        for user in self._users(old.name):
            policy = user.policy
            if request.propagate:
                policy = overlay(policy, change)
            self._state.put(
                msgspec.structs.replace(user, template=name, policy=policy)
            )
        return done(self._state)

    def volume_template_delete(self, template_name: str) -> ApiOk:
        """Delete a template that nothing was made from."""
        template = self._state.get(Template, template_name)
        users = self._users(template_name)
        if users and self._rules.now.template_delete_used == "busy":
            raise busy(
                f"template '{template_name}' is used by {len(users)}"
                " volumes and snapshots"
            )
        for user in users:
            self._state.put(msgspec.structs.replace(user, template=""))
        self._state.remove(template)
        self._lifetime.drop_unneeded(template.parent)
        return done(self._state)

    def _shown(self, template: Template) -> VolumeTemplateDesc:
        policy = template.policy
        return VolumeTemplateDesc(
            name=template.name,
            id=template.number,
            parent_name=self._start(template.parent),
            size=template.size or "-",
            iops=policy.iops or "-",
            bw=policy.bw or "-",
            limit_type=policy.limit_type,
            reuse_server=policy.reuse_server,
            **_places(policy),
        )

    def _start(self, global_id: str) -> str:
        """Where a template starts, be it still there or not."""
        if global_id in self._state.objects or not global_id:
            return self._state.shown_name(global_id)
        return f"~{global_id}"

    def _users(self, template: str) -> list[StoredObject]:
        members = self._state.indexes.of_template(template)
        return [self._state.objects[each] for each in members]

    def volume_templates_status(self) -> list[VolumeTemplateStatusDesc]:
        """Counts and room of every template."""
        return [
            self._status(template, self._users(template.name))
            for template in self._state.all(Template).values()
        ]

    def _status(
        self, template: Template, users: list[StoredObject]
    ) -> VolumeTemplateStatusDesc:
        policy = template.policy
        snapshots = [user for user in users if isinstance(user, Snapshot)]
        volumes_size = sum(user.size for user in users) - sum(
            snapshot.size for snapshot in snapshots
        )
        parents = sum(
            snapshot.size
            for snapshot in snapshots
            if self._state.indexes.child_count(snapshot.global_id)
        )
        stored = sum(self._capacity.stored(user) for user in users)
        return VolumeTemplateStatusDesc(
            name=template.name,
            id=template.number,
            size=template.size or 0,
            volumes_count=len(users) - len(snapshots),
            snapshots_count=len(snapshots),
            removing_snapshots_count=sum(
                snapshot.deleted for snapshot in snapshots
            ),
            total_size=sum(user.size for user in users),
            volumes_size=volumes_size,
            snapshots_with_children_size=parents,
            snapshots_without_children_size=sum(
                snapshot.size for snapshot in snapshots
            )
            - parents,
            stored_size=stored,
            on_disk_size=sum(self._capacity.on_disk(user) for user in users),
            stored=self._estimate(policy),
            **_places(policy),
            **self._raw_room(policy),
        )

    def _raw_room(self, policy: Policy) -> dict[str, Any]:
        room = {
            place: self._capacity.of_group(getattr(policy, place))
            for place in ("place_all", "place_tail", "place_head")
        }
        available = {
            f"available_{place}": space.free for place, space in room.items()
        }
        capacity = {
            f"capacity_{place}": space.total for place, space in room.items()
        }
        return available | capacity

    def _estimate(self, policy: Policy) -> VolumeTemplateSpaceEst:
        room = {
            place: self._capacity.client_data(getattr(policy, place))
            for place in ("place_all", "place_tail", "place_head")
        }
        least = min(room.values(), key=lambda space: space.free)
        entries: dict[str, Any] = {
            place: _entry(space) for place, space in room.items()
        }
        return VolumeTemplateSpaceEst(
            capacity=least.total,
            free=least.free,
            internal=_NO_MORE,
            **entries,
        )


def _entry(space: Space) -> VolumeTemplateSpaceEstEntry:
    return VolumeTemplateSpaceEstEntry(
        capacity=space.total, free=space.free, internal=_NO_MORE
    )


def _places(policy: Policy) -> dict[str, Any]:
    return {
        "place_all": policy.place_all,
        "place_tail": policy.place_tail,
        "place_head": policy.place_head,
        "replication": policy.replication or "-",
    }
