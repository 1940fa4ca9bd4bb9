# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Groups whose snapshots are of one instant.

Only groups of a type with ``consistent_group_snapshot_enabled``; for others
NotImplementedError lets Cinder handle each volume by itself. The manager
tells an error of ours from its own by the class, and leaves a group for ever
as it is otherwise: only exceptions of Cinder's come out.
"""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from cinder import exception
from cinder import utils
from cinder.volume import volume_utils
from oslo_log import log as logging

from cinder_storpool import errors as edge
from cinder_storpool import groups
from cinder_storpool import volume_hooks

LOG = logging.getLogger(__name__)

#: Of a group, and of each of its objects.
Outcome = tuple[dict[str, str], groups.Updates]

_AVAILABLE = "available"
_DELETED = "deleted"
_NOT_DELETED = "error_deleting"


class GroupHooks(volume_hooks.VolumeHooks):
    """Several volumes at one instant."""

    def create_group(self, context: Any, group: Any) -> dict[str, str]:
        """Nothing is made: only Cinder knows which volumes are a group."""
        _require_consistent(group)
        return {"status": _AVAILABLE}

    def update_group(
        self,
        context: Any,
        group: Any,
        add_volumes: Sequence[Any] | None = None,
        remove_volumes: Sequence[Any] | None = None,
    ) -> tuple[None, None, None]:
        """Nothing changes: only Cinder knows which volumes are a group."""
        _require_consistent(group)
        return None, None, None

    def delete_group(
        self, context: Any, group: Any, volumes: Sequence[Any]
    ) -> Outcome:
        """Delete a group's volumes, as many as can be."""
        _require_consistent(group)
        return _deleted(volumes, self._end_volume, exception.VolumeIsBusy)

    def create_group_snapshot(
        self, context: Any, group_snapshot: Any, snapshots: Sequence[Any]
    ) -> Outcome:
        """Take snapshots of a group's volumes at one instant."""
        _require_consistent(group_snapshot)
        with edge.translated(f"create group snapshot {group_snapshot.id}"):
            updates = self._groups.snapshot(snapshots)
        return {"status": _AVAILABLE}, updates

    def delete_group_snapshot(
        self, context: Any, group_snapshot: Any, snapshots: Sequence[Any]
    ) -> Outcome:
        """Delete a group's snapshots, as many as can be."""
        _require_consistent(group_snapshot)
        return _deleted(
            snapshots, self.delete_snapshot, exception.SnapshotIsBusy
        )

    def create_group_from_src(
        self,
        context: Any,
        group: Any,
        volumes: Sequence[Any],
        group_snapshot: Any | None = None,
        snapshots: Sequence[Any] | None = None,
        source_group: Any | None = None,
        source_vols: Sequence[Any] | None = None,
    ) -> Outcome:
        """Make a group of volumes from snapshots or volumes, all or none.

        :param snapshots: one for each volume, in the same order.
        :param source_vols: the same.
        """
        _require_consistent(group)
        with edge.translated(f"create group {group.id}"):
            if snapshots:
                updates = self._from_snapshots(volumes, snapshots)
            else:
                updates = self._from_volumes(volumes, source_vols or ())
        return {"status": _AVAILABLE}, updates

    def _end_volume(self, volume: Any) -> None:
        """Delete a volume and its locks, as Cinder does outside of groups."""
        self.delete_volume(volume)
        utils.clean_volume_file_locks(volume.id, self)

    def _from_snapshots(
        self, volumes: Sequence[Any], snapshots: Sequence[Any]
    ) -> groups.Updates:
        return self._groups.make(
            [
                self._copy(volume, self._snapshot_name(snapshot))
                for volume, snapshot in zip(volumes, snapshots, strict=True)
            ]
        )

    def _from_volumes(
        self, volumes: Sequence[Any], sources: Sequence[Any]
    ) -> groups.Updates:
        helpers = {
            self._name(source): self._groups.helper_name(volume.id)
            for volume, source in zip(volumes, sources, strict=True)
        }
        copies = [
            self._copy(volume, helper)
            for volume, helper in zip(volumes, helpers.values(), strict=True)
        ]
        return self._groups.clone(helpers, copies)

    def _copy(self, volume: Any, parent: str) -> groups.Copy:
        return groups.Copy(volume.id, self._request(volume, parent=parent))


def _require_consistent(group: Any) -> None:
    """Leave to Cinder what asks for no consistency.

    :param group: a group or a group snapshot.
    """
    if not volume_utils.is_group_a_cg_snapshot_type(group):
        raise NotImplementedError


def _deleted(
    objects: Sequence[Any],
    delete: Callable[[Any], None],
    busy: type[exception.CinderException],
) -> Outcome:
    """Delete objects and tell what became of each.

    Cinder forgets all of them unless the whole is an error.
    """
    updates = []
    for each in objects:
        status = _DELETED
        try:
            delete(each)
        except busy as error:
            LOG.error("%s", error)
            status = _AVAILABLE
        except exception.CinderException as error:
            LOG.error("%s", error)
            status = _NOT_DELETED
        updates.append({"id": each.id, "status": status})
    all_gone = all(update["status"] == _DELETED for update in updates)
    return {"status": _DELETED if all_gone else _NOT_DELETED}, updates
