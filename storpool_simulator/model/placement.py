# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Placement groups, and whether copies can be placed."""

import msgspec

from storpool_common.api.placement_groups import FaultSet
from storpool_common.api.placement_groups import PlacementGroup
from storpool_common.api.placement_groups import PlacementGroupUpdateDesc
from storpool_common.api.types import ApiOk
from storpool_common.api.volumes import VolumePolicyDesc
from storpool_simulator.model.changes import done
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.machines import Machines
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import State
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import insufficient
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing

#: The group that is used where a volume says how many copies but not where.
DEFAULT_GROUP = "default"

_UNSAID = Policy(place_all=DEFAULT_GROUP, reuse_server=False, iops="-", bw="-")


def said(request: VolumePolicyDesc) -> Policy:
    """The policy that a request speaks of."""
    return Policy(
        **{
            field: getattr(request, field)
            for field in Policy.__struct_fields__
        }
    )


def overlay(base: Policy, over: Policy) -> Policy:
    """``base`` with what ``over`` says."""
    return msgspec.structs.replace(
        base,
        **{
            field: value
            for field, value in msgspec.structs.asdict(over).items()
            if value is not None
        },
    )


def completed(policy: Policy) -> Policy:
    """A policy with nothing left open but the number of copies."""
    full = overlay(_UNSAID, policy)
    return msgspec.structs.replace(
        full,
        place_tail=full.place_tail or full.place_all,
        place_head=full.place_head or full.place_all,
    )


class Placement:
    """Calls about placement groups."""

    def __init__(self, state: State, machines: Machines) -> None:
        self._state = state
        self._machines = machines

    def require_place(self, policy: Policy) -> None:
        """Refuse a complete policy whose copies cannot be placed.

        Every copy wants a server of its own.
        """
        if policy.replication is None:
            raise invalid("give a template, a parent or the number of copies")
        servers = {
            self._state.get(Disk, str(disk)).server
            for name in (
                policy.place_all,
                policy.place_tail,
                policy.place_head,
            )
            for disk in self._group(name or DEFAULT_GROUP).disks
            if self._machines.may_hold(disk)
        }
        if len(servers) < policy.replication:
            raise insufficient(
                f"{policy.replication} copies need as many servers and"
                f" placement group '{policy.place_all}' reaches"
                f" {len(servers)}"
            )

    def _group(self, name: str) -> Group:
        found = self._state.all(Group).get(name)
        if found is None:
            raise missing("placement group", name)
        return found

    def placement_groups_list(self) -> dict[str, PlacementGroup]:
        """Every group by name."""
        return {
            group.name: _shown(group)
            for group in self._state.all(Group).values()
        }

    def placement_group_describe(
        self, placement_group_name: str
    ) -> PlacementGroup:
        """One group."""
        return _shown(self._group(placement_group_name))

    def placement_group_update(
        self, placement_group_name: str, request: PlacementGroupUpdateDesc
    ) -> ApiOk:
        """Change a group; one that is not there is made."""
        group = self._state.all(Group).get(placement_group_name)
        if group is None:
            group = Group(
                name=placement_group_name,
                number=next_number(self._state),
                disks=(),
            )
        disks = set(group.disks) | set(request.add_disks or ())
        for disk in disks:
            self._machines.disk(disk)
        disks -= set(request.rm_disks or ())
        self._state.put(
            msgspec.structs.replace(group, disks=tuple(sorted(disks)))
        )
        if request.rename is not None:
            self._rename(group.name, request.rename)
        return done(self._state)

    def _rename(self, old: str, new: str) -> None:
        if new == old:
            return
        if new in self._state.all(Group):
            raise exists("placement group", new)
        group = self._group(old)
        self._state.remove(group)
        self._state.put(msgspec.structs.replace(group, name=new))
        for user in self._users(old):
            policy = msgspec.structs.replace(
                user.policy,
                **{
                    field: new
                    for field in ("place_all", "place_tail", "place_head")
                    if getattr(user.policy, field) == old
                },
            )
            self._state.put(msgspec.structs.replace(user, policy=policy))

    def _users(self, group: str) -> list[StoredObject | Template]:
        found: list[StoredObject | Template] = []
        for policy, members in self._state.indexes.policies():
            if _places_in(policy, group):
                found.extend(self._state.objects[each] for each in members)
        templates = self._state.all(Template).values()
        found.extend(
            each for each in templates if _places_in(each.policy, group)
        )
        return found

    def placement_group_delete(self, placement_group_name: str) -> ApiOk:
        """Delete a group that nothing is placed in."""
        group = self._group(placement_group_name)
        users = self._users(group.name)
        if users:
            raise busy(
                f"placement group '{group.name}' is used by {len(users)}"
                " volumes, snapshots and templates"
            )
        self._state.remove(group)
        return done(self._state)

    def fault_sets_list(self) -> dict[str, FaultSet]:
        """No servers share a fate here."""
        return {}


def _places_in(policy: Policy, group: str) -> bool:
    return group in (policy.place_all, policy.place_tail, policy.place_head)


def _shown(group: Group) -> PlacementGroup:
    return PlacementGroup(
        name=group.name, disks=list(group.disks), id=group.number
    )
