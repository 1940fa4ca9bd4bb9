# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""When a snapshot goes away: asked for, unneeded, or its time has come."""

from collections.abc import Callable

import msgspec

from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.state import State


class Lifetime:
    """The end of snapshots."""

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        self._state = state
        self._clock = clock

    def delete(self, snapshot: Snapshot) -> None:
        """Delete a snapshot; its children go on from its parent."""
        for child in self._state.children(snapshot.global_id):
            self._state.put(
                msgspec.structs.replace(child, parent=snapshot.parent)
            )
        self._state.remove(snapshot)
        self.drop_unneeded(snapshot.parent)

    def drop_unneeded(self, global_id: str) -> None:
        """Delete a bound or transient snapshot that has done its work.

        A bound one goes with its last child, a transient one once it does
        not stand between two any more; neither while it is attached.
        """
        snapshot = self._state.objects.get(global_id)
        if not isinstance(snapshot, Snapshot):
            return
        if self._state.attachments(global_id):
            return
        children = len(self._state.children(global_id))
        unbound = snapshot.bound and not children
        alone = snapshot.transient and children < 2
        if unbound or alone:
            self.delete(snapshot)

    def due(self) -> list[Snapshot]:
        """The snapshots whose time has come and that nobody has attached."""
        now = self._clock()
        return [
            snapshot
            for snapshot in self._state.scheduled()
            if snapshot.delete_at <= now
            and not self._state.attachments(snapshot.global_id)
        ]

    def delete_due(self) -> None:
        """Delete them."""
        for snapshot in self.due():
            self.delete(snapshot)
