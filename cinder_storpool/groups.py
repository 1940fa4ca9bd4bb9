# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Several volumes at one instant: snapshots of a group, copies of a group.

StorPool takes the snapshots of any number of volumes in one call, all or
none. That call may not be made twice, so when its answer is lost the cluster
is asked what became of it: the names are those of records that were made for
this very operation.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any

from oslo_log import log as logging

from cinder_storpool.creation import Creation
from storpool_common.api.snapshots import GroupSnapshotSpec
from storpool_common.api.snapshots import GroupSnapshotsSpec
from storpool_common.api.volumes import VolumeCreateDesc
from storpool_common.client import Client
from storpool_common.errors import ObjectDoesNotExist
from storpool_common.errors import ObjectExists
from storpool_common.errors import StorPoolError
from storpool_common.errors import TransportError
from storpool_common.names import snapshot_name
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

#: What Cinder is to store of each object: ``id``, ``status`` and more.
Updates = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Copy:
    """A volume to be made, for its record.

    :ivar id: of the record.
    """

    id: str
    wanted: VolumeCreateDesc

    @property
    def name(self) -> str:
        """What the StorPool volume is called."""
        return self.wanted.name or ""


@dataclasses.dataclass(frozen=True)
class Groups:
    """Takes and copies groups.

    :ivar prefix: first part of the names of our objects.
    """

    client: Client
    prefix: str
    creation: Creation

    def snapshot(self, snapshots: Sequence[Any]) -> Updates:
        """Take a group's snapshots, or find them taken.

        :param snapshots: records, each of another volume.
        """
        wanted = {
            volume_name(self.prefix, each.volume.name_id): snapshot_name(
                self.prefix, each.id
            )
            for each in snapshots
        }
        try:
            ids = self._take(wanted)
        except (ObjectExists, TransportError) as error:
            ids = self._taken_before(wanted, error)
        return [
            {
                "id": each.id,
                "status": "available",
                "provider_id": ids[
                    volume_name(self.prefix, each.volume.name_id)
                ],
            }
            for each in snapshots
        ]

    def make(self, copies: Sequence[Copy]) -> Updates:
        """Make all volumes or none."""
        made: list[str] = []
        updates = []
        for copy in copies:
            try:
                update = self.creation.volume(copy.wanted)
            except TransportError:
                self._take_back((*made, copy.name))
                raise
            except StorPoolError:
                self._take_back(made)
                raise
            made.append(copy.name)
            updates.append({"id": copy.id, "status": "available", **update})
        return updates

    def helper_name(self, volume_id: str) -> str:
        """The snapshot that a copy of a group's volume is made from."""
        return f"{self.prefix}--group--{volume_id}"

    def clone(
        self, helpers: Mapping[str, str], copies: Sequence[Copy]
    ) -> Updates:
        """Make copies of volumes as they are at one instant.

        :param helpers: the snapshot to take of each volume, by the volume's
            name; each is the parent of one copy and goes away again.
        """
        self._take_afresh(helpers, copies)
        try:
            updates = self.make(copies)
        except ObjectExists as exists:
            self._forget(helpers.values())
            return self._made_before(copies, exists)
        except StorPoolError:
            self._forget(helpers.values())
            raise
        try:
            for helper in helpers.values():
                self._delete_snapshot(helper)
        except StorPoolError:
            self._take_back(copy.name for copy in copies)
            raise
        return updates

    def _take(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """One call; the snapshots' global ids by the volumes' names."""
        taken = self.client.snapshot_create_group(
            GroupSnapshotsSpec(
                volumes=[
                    GroupSnapshotSpec(volume=volume, name=snapshot)
                    for volume, snapshot in wanted.items()
                ]
            )
        )
        return {
            each.volume: each.snapshot_global_id for each in taken.snapshots
        }

    def _taken_before(
        self, wanted: Mapping[str, str], error: StorPoolError
    ) -> Mapping[str, str]:
        """The same, of an earlier try; the error where there was none."""
        snapshots = {each.name: each for each in self.client.snapshots_list()}
        volumes = {
            each.name: each.global_id for each in self.client.volumes_list()
        }
        ids = {}
        for volume, snapshot in wanted.items():
            found = snapshots.get(snapshot)
            if found is None or volume not in volumes:
                raise error
            if found.created_from_global_id not in (None, volumes[volume]):
                raise error
            ids[volume] = found.global_id
        return ids

    def _made_before(
        self, copies: Sequence[Copy], exists: ObjectExists
    ) -> Updates:
        """The copies of an earlier try that had no helper left: it was over.

        :raises ObjectExists: they are not all there and as wanted.
        """
        return [
            {
                "id": copy.id,
                "status": "available",
                **self.creation.finished_volume(copy.wanted, exists),
            }
            for copy in copies
        ]

    def _take_afresh(
        self, helpers: Mapping[str, str], copies: Sequence[Copy]
    ) -> None:
        """Take helpers; what an earlier try left is of an earlier instant."""
        try:
            self._take(helpers)
        except (ObjectExists, TransportError) as error:
            LOG.info("Copying the group from the start again: %s", error)
            for helper in helpers.values():
                self._delete_snapshot(helper)
            for copy in copies:
                self._delete_volume(copy.name)
            self._take(helpers)

    def _take_back(self, names: Iterable[str]) -> None:
        """Delete volumes after a failure, as far as that goes."""
        for name in names:
            try:
                self._delete_volume(name)
            except StorPoolError as error:
                LOG.warning(
                    "Volume %s of a group that could not be made is left"
                    " over, until its record is deleted: %s",
                    name,
                    error,
                )

    def _forget(self, helpers: Iterable[str]) -> None:
        """Delete helpers after a failure, as far as that goes."""
        for helper in helpers:
            try:
                self._delete_snapshot(helper)
            except StorPoolError as error:
                LOG.warning(
                    "Snapshot %s is left over; delete it by hand: %s",
                    helper,
                    error,
                )

    def _delete_volume(self, name: str) -> None:
        try:
            self.client.volume_delete(name)
        except ObjectDoesNotExist:
            LOG.debug("Volume %s was not there.", name)

    def _delete_snapshot(self, name: str) -> None:
        try:
            self.client.snapshot_delete(name)
        except ObjectDoesNotExist:
            LOG.debug("Snapshot %s was not there.", name)
