# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Allocation groups: volumes and snapshots that share their disk sets.

Every volume without a parent has a group of its own, with its number; its
children are in that group as well until they are put elsewhere.
"""

import msgspec

from storpool_common.api.types import ApiOk
from storpool_common.api.vags import SnapshotUpdateVagDesc
from storpool_common.api.vags import Vag
from storpool_common.api.vags import VagUpdateDesc
from storpool_common.api.vags import VolumeUpdateVagDesc
from storpool_simulator.model.attachments import describe
from storpool_simulator.model.changes import done
from storpool_simulator.model.places import Places
from storpool_simulator.model.records import AllocationGroup
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid
from storpool_simulator.refusal import missing


class Vags:
    """Calls about allocation groups."""

    def __init__(self, state: State, places: Places) -> None:
        self._state = state
        self._places = places

    def number_of(self, target: StoredObject) -> int:
        """The group that an object is in."""
        current: StoredObject | None = target
        while current is not None:
            root = current
            if current.vag:
                return current.vag
            current = self._state.objects.get(current.parent)
        return root.number

    def vag_list(self, vag_name: int) -> Vag:
        """One group, with the policy of the first of its members."""
        first = self._first(vag_name)
        policy = first.policy
        sets = self._places.sets(policy)
        said = self._state.all(AllocationGroup).get(str(vag_name))
        if said is not None and sets:
            sets = [sets[each % len(sets)] for each in range(said.targets)]
        return Vag(
            name=vag_name,
            vag_id=vag_name,
            chains=sets,
            target_disk_sets=sets,
            disk_sets_constraints_violated=any(
                len(disks) < (policy.replication or 1) for disks in sets
            ),
            overrides={},
            place_all=policy.place_all or "",
            place_tail=policy.place_tail or "",
            place_head=policy.place_head or "",
            replication=policy.replication or 1,
            reuse_server=policy.reuse_server,
            template_name=first.template,
        )

    def _first(self, number: int) -> StoredObject:
        for each in self._state.objects.values():
            if self.number_of(each) == number:
                return each
        raise missing("allocation group", str(number))

    def volume_update_vag(
        self, volume_name: str, request: VolumeUpdateVagDesc
    ) -> ApiOk:
        """Put a volume in another group."""
        return self._move(self._state.volume(volume_name), request.vag_id)

    def snapshot_update_vag(
        self, snapshot_name: str, request: SnapshotUpdateVagDesc
    ) -> ApiOk:
        """Put a snapshot in another group."""
        return self._move(self._state.snapshot(snapshot_name), request.vag_id)

    def _move(self, target: StoredObject, wanted: int | str) -> ApiOk:
        number = 0
        if wanted == "parent":
            if not target.parent:
                raise invalid(f"{describe(target)} has no parent")
        else:
            number = int(wanted)
            self._first(number)
        self._state.put(msgspec.structs.replace(target, vag=number))
        return done(self._state)

    def vag_update(self, request: VagUpdateDesc) -> ApiOk:
        """Give a group another number of disk sets."""
        if not request.vag_id.isdecimal():
            raise invalid(f"'{request.vag_id}' is not an allocation group")
        number = int(request.vag_id)
        self._first(number)
        self._state.put(
            AllocationGroup(number=number, targets=request.targets_count)
        )
        return done(self._state)
