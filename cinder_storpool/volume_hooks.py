# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes and snapshots: made, resized, reverted, deleted."""

from typing import Any

from cinder import exception
from oslo_log import log as logging
from oslo_utils import units

from cinder_storpool import backend
from cinder_storpool import creation
from cinder_storpool import errors as edge
from cinder_storpool import images
from cinder_storpool import resizing
from storpool_common import api

LOG = logging.getLogger(__name__)

#: The status of a record that goes because its volume could not be managed.
_NOT_MANAGED = "error_managing_deleting"


class VolumeHooks(backend.Backend):
    """The life of a volume and of its snapshots."""

    def create_volume(self, volume: Any) -> creation.Update:
        """Make an empty volume."""
        with edge.translated(f"create volume {volume.id}"):
            template = self._policy.template_of(volume)
            replication = None if template else self._policy.replication
            return self._create(volume, replication=replication)

    def create_volume_from_snapshot(
        self, volume: Any, snapshot: Any
    ) -> creation.Update:
        """Make a volume that starts as a snapshot; it may be larger."""
        with edge.translated(
            f"create volume {volume.id} from snapshot {snapshot.id}"
        ):
            return self._create(volume, parent=self._snapshot_name(snapshot))

    def create_cloned_volume(
        self, volume: Any, src_vref: Any
    ) -> creation.Update:
        """Make a volume that starts as another one is at this moment."""
        with edge.translated(f"clone volume {src_vref.id} as {volume.id}"):
            return self._create(volume, base_on=self._name(src_vref))

    def clone_image(
        self,
        context: Any,
        volume: Any,
        image_location: images.Location,
        image_meta: images.Meta,
        image_service: Any,
    ) -> tuple[creation.Update | None, bool]:
        """Make a volume of an image whose data the cluster has.

        Nothing is raised: what cannot be cloned is copied.
        """
        operation = f"clone image {image_meta.get('id')} as volume {volume.id}"
        try:
            with edge.translated(operation):
                source = self._images.source(
                    volume, image_location, image_meta
                )
                if source is None:
                    return None, False
                return self._create(volume, **source), True
        except exception.CinderException as error:
            LOG.warning("It is copied, for it cannot be cloned: %s", error)
            return None, False

    def delete_volume(self, volume: Any) -> None:
        """Delete a volume; its snapshots stay.

        What could not be managed is no volume of Cinder's, even where it has
        the name by now: it goes back to where it came from.
        """
        with edge.translated(f"delete volume {volume.id}"):
            if volume.status == _NOT_MANAGED:
                self._managing.leave(volume)
                return
            self._deletion.volume(volume)

    def extend_volume(self, volume: Any, new_size: int) -> None:
        """Make a volume larger, attached or not.

        :param new_size: GiB.
        """
        with edge.translated(f"extend volume {volume.id} to {new_size} GiB"):
            resizing.grow(
                self._client, self._name(volume), new_size * units.Gi
            )

    def create_snapshot(self, snapshot: Any) -> creation.Update:
        """Take a snapshot of a volume, attached or not."""
        with edge.translated(f"create snapshot {snapshot.id}"):
            return self._creation.snapshot(
                self._name(snapshot.volume), self._snapshot_name(snapshot)
            )

    def delete_snapshot(self, snapshot: Any) -> None:
        """Delete a snapshot; volumes made from it keep their data."""
        with edge.translated(f"delete snapshot {snapshot.id}"):
            self._deletion.snapshot(snapshot)

    def revert_to_snapshot(
        self, context: Any, volume: Any, snapshot: Any
    ) -> None:
        """Take a volume back to a snapshot and keep its size."""
        with edge.translated(
            f"revert volume {volume.id} to snapshot {snapshot.id}"
        ):
            resizing.revert(
                self._client,
                self._name(volume),
                self._snapshot_name(snapshot),
                volume.size * units.Gi,
            )

    def snapshot_revert_use_temp_snapshot(self) -> bool:
        """A revert is one step, so no snapshot is needed to fall back on."""
        return False

    def _create(self, volume: Any, **how: Any) -> creation.Update:
        return self._creation.volume(self._request(volume, **how))

    def _request(
        self, volume: Any, **how: Any
    ) -> api.volumes.VolumeCreateDesc:
        """What makes a volume of its type, in its pool."""
        template = self._policy.template_of(volume)
        quality = self._qualities.of(volume)
        has_source = "parent" in how or "base_on" in how
        return api.volumes.VolumeCreateDesc(
            name=self._name(volume),
            size=volume.size * units.Gi,
            template=template,
            **quality.of_new(inherits=has_source and template is None),
            **how,
        )
