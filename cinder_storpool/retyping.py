# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Another template and other limits for a volume that stays where it is.

Both are one change of the volume's policy in the cluster, attached or not.
StorPool moves the data by itself afterwards, while it is in use.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any

from cinder import exception
from oslo_log import log as logging

from cinder_storpool import locations
from cinder_storpool import qos
from cinder_storpool import templates
from storpool_common.api.volumes import VolumeUpdateDesc
from storpool_common.client import Client
from storpool_common.names import volume_name

LOG = logging.getLogger(__name__)

#: What the scheduler says of a place: its host, its capabilities.
Host = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Retyping:
    """Changes types and pools inside one cluster.

    :ivar prefix: first part of the names of our objects.
    :ivar cluster_id: ``SP_CLUSTER_ID``, None where no file has it.
    """

    client: Client
    prefix: str
    cluster_id: str | None
    policy: templates.Policy
    qualities: qos.Qualities

    def retype(self, volume: Any, new_type: Any, host: Host) -> bool:
        """Give a volume what another type says, in one change.

        What only Cinder or the hosts go by, the backend's name say, needs no
        change here.

        :param host: where the scheduler wants it: a pool of this backend.
        :returns: False where the volume cannot get it without being copied:
            a volume that has a template cannot be without one again.
        :raises InvalidVolumeType: the type says something impossible.
        """
        old = self._former(volume)
        new = self.qualities.of_type(new_type)
        template = self.policy.template_for(new_type, host["host"])
        if template is None and self.policy.template_of(volume) is not None:
            LOG.info(
                "Volume %s is to be in no template any more, for which it"
                " has to be copied.",
                volume.id,
            )
            return False
        self._change(volume, template, new, old)
        return True

    def migrate(self, volume: Any, host: Host) -> bool:
        """Put a volume into another pool of the cluster, in one change.

        :returns: False where it has to be copied: into another cluster, to a
            backend with another prefix, or into a pool of no template.
        :raises InvalidVolumeType: the type says something impossible.
        """
        template = self._template_at(volume, host)
        if template is None:
            return False
        quality = self._applied(volume)
        self._change(volume, template, quality, quality)
        return True

    def _former(self, volume: Any) -> qos.Quality:
        """What a volume has of its type; nothing of an impossible one.

        That is what no volume is given, and another type is the way out.
        """
        try:
            return self._applied(volume)
        except exception.InvalidVolumeType:
            return qos.Quality()

    def _applied(self, volume: Any) -> qos.Quality:
        """What the type of a volume said when the volume got it.

        ``storpool_qos_classes`` may be younger than the volume, so a class
        that is not listed counts too.

        :raises InvalidVolumeType: it says something impossible.
        """
        of_any_class = dataclasses.replace(self.qualities, classes=frozenset())
        return of_any_class.of(volume)

    def _template_at(self, volume: Any, host: Host) -> str | None:
        """The template that a volume is to have on a host, if any."""
        if locations.share_a_backend(volume, host):
            return self.policy.template_for(volume.volume_type, host["host"])
        there = locations.Location.of(host)
        if there is None or self.cluster_id is None:
            return None
        if (there.cluster, there.prefix) != (self.cluster_id, self.prefix):
            return None
        return templates.asked_template(volume.volume_type, host["host"]) or (
            there.template or None
        )

    def _change(
        self,
        volume: Any,
        template: str | None,
        new: qos.Quality,
        old: qos.Quality,
    ) -> None:
        change = VolumeUpdateDesc(
            template=template,
            **new.instead_of(old, templated=template is not None),
        )
        if change != VolumeUpdateDesc():
            self.client.volume_update(
                volume_name(self.prefix, volume.name_id), change
            )
