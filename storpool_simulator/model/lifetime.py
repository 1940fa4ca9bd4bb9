# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""When a snapshot goes away: asked for, unneeded, or its time has come."""

from collections.abc import Callable

import msgspec

from storpool_simulator.model.changes import forget
from storpool_simulator.model.records import LONGEST_NAME
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import Absorb
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import busy


class Lifetime:
    """The end of snapshots."""

    def __init__(
        self, state: State, clock: Callable[[], float], rules: Rules
    ) -> None:
        self._state = state
        self._clock = clock
        self._rules = rules

    def delete(self, snapshot: Snapshot) -> None:
        """Delete a snapshot.

        One with children is shown with a star and no longer has its name,
        until what they need of it is theirs.
        """
        seconds = self._rules.now.snapshot_delete_seconds
        if not seconds or not self._children(snapshot):
            self.remove(snapshot)
            return
        self._state.put(
            msgspec.structs.replace(
                snapshot,
                name=_leaving(snapshot.name),
                bound=False,
                transient=False,
                delete_at=0,
                gone_at=self._clock() + seconds,
            )
        )

    def remove(self, snapshot: Snapshot) -> None:
        """Remove a snapshot; its children go on from its parent."""
        for child in self._state.children(snapshot.global_id):
            heir = msgspec.structs.replace(child, parent=snapshot.parent)
            self._state.put(heir)
            self._state.require(Absorb(heir, (snapshot,)))
        forget(self._state, snapshot)
        self.drop_unneeded(snapshot.parent)

    def drop_unneeded(self, global_id: str) -> None:
        """Remove a snapshot that has done its work.

        A bound one goes with its last child, so does one that is being
        deleted; a transient one goes once it does not stand between two any
        more; none while it is attached, or a template starts from it and
        the switch says that this counts.
        """
        snapshot = self._state.objects.get(global_id)
        if not isinstance(snapshot, Snapshot) or self._is_held(snapshot):
            return
        children = self._children(snapshot)
        childless = (snapshot.bound or snapshot.deleted) and not children
        alone = snapshot.transient and children < 2
        if childless or alone:
            self.remove(snapshot)

    def _children(self, snapshot: Snapshot) -> int:
        return self._state.indexes.child_count(snapshot.global_id)

    def delete_blocked(self, snapshot: Snapshot) -> str:
        """Why a deletion is not over, in the API's words."""
        if not snapshot.deleted:
            return "not blocked"
        if self._children(snapshot) > 1:
            return "multiple children"
        return "rebasing"

    def require_no_template(self, snapshot: Snapshot) -> None:
        """Refuse the end of a snapshot that a template starts from."""
        names = self._templates(snapshot)
        if names:
            raise busy(
                f"snapshot '{snapshot.shown_name}' is where template"
                f" '{names[0]}' starts"
            )

    def _templates(self, snapshot: Snapshot) -> list[str]:
        """The templates that it has to stay for."""
        if self._rules.now.snapshot_delete_template == "allow":
            return []
        return [
            each.name
            for each in self._state.all(Template).values()
            if each.parent == snapshot.global_id
        ]

    def _is_held(self, snapshot: Snapshot) -> bool:
        """Whether it stays, although its time has come."""
        return bool(
            self._state.attachments(snapshot.global_id)
            or self._templates(snapshot)
        )

    def due(self) -> list[Snapshot]:
        """The snapshots whose time has come and that nobody needs."""
        now = self._clock()
        dates = self._state.indexes.snapshot_dates
        found = (self._state.objects[each] for each in dates.due(now))
        return [
            each
            for each in found
            if isinstance(each, Snapshot) and self._may_go(each)
        ]

    def _may_go(self, snapshot: Snapshot) -> bool:
        if self._is_held(snapshot):
            return False
        if self._rules.now.snapshot_delete_blocked == "no":
            return True
        return not snapshot.deleted or self._children(snapshot) < 2

    def end_due(self) -> None:
        """Delete those with a date; end the deletions that are over."""
        for global_id in [each.global_id for each in self.due()]:
            # The end of one may have been the end of another.
            snapshot = self._state.objects.get(global_id)
            if not isinstance(snapshot, Snapshot):
                continue
            if snapshot.deleted:
                self.remove(snapshot)
            else:
                self.delete(snapshot)


def _leaving(name: str) -> str:
    """What a snapshot is called that is on its way: a name, too."""
    return f"*{name.removeprefix('*')}"[:LONGEST_NAME] if name else ""
