# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Making volumes and snapshots, each in one call that may be repeated.

The client finds out by itself whether a call whose answer was lost had been
carried out. What is left for here is an object that an earlier *operation*
made: Cinder gave up waiting, or delivers its request twice.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any

from storpool_common.api.snapshots import VolumeSnapshotDesc
from storpool_common.api.volumes import VolumeCreateDesc
from storpool_common.api.volumes import VolumeSummary
from storpool_common.client import Client
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import ObjectExists

#: What Cinder is to store about a new volume or snapshot.
Update = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Creation:
    """Makes objects of the names that Cinder's objects have."""

    client: Client

    def volume(self, wanted: VolumeCreateDesc) -> Update:
        """Make a volume, or find it made as wanted.

        :raises ObjectExists: something else has its name.
        """
        try:
            made = self.client.volume_create(wanted)
        except ObjectExists as exists:
            return self._adopted_volume(wanted, exists)
        return _update(made.global_id)

    def snapshot(self, volume_name: str, name: str) -> Update:
        """Take a snapshot, or find it taken of that volume.

        :raises ObjectExists: something else has its name.
        """
        try:
            made = self.client.snapshot_create(
                volume_name, VolumeSnapshotDesc(name=name)
            )
        except ObjectExists as exists:
            return self._adopted_snapshot(volume_name, name, exists)
        return _update(made.snapshot_global_id)

    def _adopted_volume(
        self, wanted: VolumeCreateDesc, exists: ObjectExists
    ) -> Update:
        """Accept a volume that is as a new one would be: never written."""
        [found] = self.client.volume_list(wanted.name or "")
        return _accepted(
            found, wanted, exists, self._other_origin(wanted, found)
        )

    def finished_volume(
        self, wanted: VolumeCreateDesc, exists: ObjectExists
    ) -> Update:
        """Accept a volume that an earlier operation completed.

        What it was made from went away with that.

        :raises ObjectExists: it is another one, or not there.
        """
        try:
            [found] = self.client.volume_list(wanted.name or "")
        except ObjectDoesNotExist:
            raise exists from None
        return _accepted(found, wanted, exists)

    def _other_origin(
        self, wanted: VolumeCreateDesc, found: VolumeSummary
    ) -> str:
        """How a volume's data differs from what a new one would have."""
        if wanted.parent is not None:
            return _other("parent", wanted.parent, found.parent_name)
        if wanted.base_on is not None:
            return self._other_source(wanted.base_on, found)
        if self._is_written(found):
            return "it has data already"
        return ""

    def _is_written(self, found: VolumeSummary) -> bool:
        """Whether a volume has data; a question about all volumes."""
        return any(
            space.stored_size > 0
            for space in self.client.volumes_space()
            if space.global_id == found.global_id
        )

    def _other_source(self, source: str, found: VolumeSummary) -> str:
        """A clone's parent is a snapshot that StorPool took of the source."""
        if not found.parent_name:
            return f"it is no clone of {source}"
        [original] = self.client.volume_list(source)
        [parent] = self.client.snapshot_list(found.parent_name)
        if parent.created_from_global_id != original.global_id:
            return f"it is no clone of {source}"
        return ""

    def _adopted_snapshot(
        self, volume_name: str, name: str, exists: ObjectExists
    ) -> Update:
        [found] = self.client.snapshot_list(name)
        [volume] = self.client.volume_list(volume_name)
        if found.created_from_global_id not in (None, volume.global_id):
            raise _taken(exists, name, f"it is not of {volume_name}")
        return _update(found.global_id)


def _accepted(
    found: VolumeSummary,
    wanted: VolumeCreateDesc,
    exists: ObjectExists,
    *other: str,
) -> Update:
    """What to store of a volume that is as wanted.

    :param other: further differences; empty ones are none.
    :raises ObjectExists: it is not.
    """
    differences = (
        _other("size", wanted.size, found.size),
        _other("template", wanted.template, found.template_name),
        *other,
    )
    if any(differences):
        said = "; ".join(filter(None, differences))
        raise _taken(exists, found.name, said) from exists
    return _update(found.global_id)


def _other(what: str, wanted: Any, found: Any) -> str:
    if wanted is None or wanted == found:
        return ""
    return f"its {what} is {found} and not {wanted}"


def _taken(exists: ObjectExists, name: str, why: str) -> ObjectExists:
    return ObjectExists(
        exists.call,
        exists.name,
        f"{exists.description}: {name} cannot be taken over ({why}). Look"
        " what it is and delete or rename it",
        status=exists.status,
    )


def _update(global_id: str | None) -> Update:
    return {} if global_id is None else {"provider_id": global_id}
