# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Images whose data the cluster has already, so that it need not be copied.

Where Glance says that an image is, users may have had a hand in: with some
configurations they may write locations themselves. So no location is taken
at its word. What is cloned must itself say that it is that image's.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
from typing import Any
import urllib.parse

from cinder import context
from cinder import exception
from cinder import objects
from oslo_log import log as logging

from cinder_storpool import locations
from storpool_common import names

LOG = logging.getLogger(__name__)

#: The direct URL of an image, and its locations; either may be None.
Location = tuple[str | None, list[dict[str, Any]] | None] | None
#: What Glance says about an image.
Meta = Mapping[str, Any]
#: From what a volume is to be made: members of the request.
Source = dict[str, str]

_STORPOOL = "storpool"
_CINDER = "cinder"
#: What a volume says that holds an image: both Glance's store in Cinder and
#: Cinder's own upload write it.
_IMAGE_ID = "glance_image_id"
_IMAGE_OWNER = "image_owner"
_ENCRYPTION_KEY = "cinder_encryption_key_id"
#: Its data is whole; while it is read it is in use.
_WHOLE = ("available", "in-use")


@dataclasses.dataclass(frozen=True)
class Images:
    """Finds what holds an image.

    :ivar prefix: first part of the names of our objects.
    :ivar cluster_id: ``SP_CLUSTER_ID``, None where no file has it.
    """

    prefix: str
    cluster_id: str | None

    def source(
        self, volume: Any, location: Location, meta: Meta
    ) -> Source | None:
        """From what a volume can be made, None where data must be copied.

        :param volume: the one to be made.
        :param location: what Cinder's image service says.
        :param meta: the image; its id and owner are Glance's word.
        """
        if not _can_be_cloned(volume, meta):
            return None
        for url in _urls(location):
            found = self._source_at(url, volume, meta)
            if found is not None:
                return found
        return None

    def _source_at(self, url: str, volume: Any, meta: Meta) -> Source | None:
        try:
            parts = urllib.parse.urlsplit(url)
        except ValueError:
            return None
        if parts.scheme == _STORPOOL:
            return self._snapshot(parts, meta)
        if parts.scheme == _CINDER:
            # Behind the name of a store, where there are several.
            image_volume_id = parts.path.rpartition("/")[2] or parts.netloc
            return self._volume(image_volume_id, volume, meta)
        return None

    def _snapshot(
        self, parts: urllib.parse.SplitResult, meta: Meta
    ) -> Source | None:
        """``storpool://CLUSTER/SNAPSHOT/IMAGE``.

        The snapshot is named by the image's id and not as the location says:
        of that name there is only one, and it has that image's data.
        """
        image_id = parts.path.rpartition("/")[2]
        if self.cluster_id is None or parts.netloc != self.cluster_id:
            return None
        if image_id != meta["id"]:
            return None
        return {"parent": names.image_name(self.prefix, image_id)}

    def _volume(
        self, image_volume_id: str, volume: Any, meta: Meta
    ) -> Source | None:
        """``cinder://VOLUME`` or ``cinder://STORE/VOLUME``."""
        admin = context.get_admin_context()
        try:
            found = objects.Volume.get_by_id(admin, image_volume_id)
        except exception.VolumeNotFound:
            LOG.info("Image %s: no volume %s.", meta["id"], image_volume_id)
            return None
        why_not = _objection(found, volume, meta)
        if why_not:
            LOG.info(
                "Image %s is not cloned from volume %s: %s.",
                meta["id"],
                image_volume_id,
                why_not,
            )
            return None
        return {"base_on": names.volume_name(self.prefix, found.name_id)}


def _can_be_cloned(volume: Any, meta: Meta) -> bool:
    """Whether a volume's bytes would be the image's."""
    return (
        meta.get("id") is not None
        and meta.get("status") == "active"
        and meta.get("disk_format") == "raw"
        and meta.get("container_format") == "bare"
        and not volume.encryption_key_id
        and not (meta.get("properties") or {}).get(_ENCRYPTION_KEY)
    )


def _urls(location: Location) -> Iterator[str]:
    """The places of an image, each once."""
    if not location:
        return
    direct, others = location
    said = [direct, *(each.get("url") for each in others or ())]
    yield from dict.fromkeys(filter(None, said))


def _objection(found: Any, volume: Any, meta: Meta) -> str:
    """Why a volume is no source of an image, empty if it is one."""
    metadata = found.metadata or {}
    if metadata.get(_IMAGE_ID) != meta["id"]:
        return f"its {_IMAGE_ID} does not say so"
    owner = meta.get("owner")
    if not owner or owner not in (
        found.project_id,
        metadata.get(_IMAGE_OWNER),
    ):
        return "it is of another project"
    if found.status not in _WHOLE:
        return f"it is {found.status}"
    if found.encryption_key_id:
        return "it is encrypted"
    if found.size > volume.size:
        return f"it has {found.size} GiB"
    host = {"host": volume.host, "cluster_name": volume.cluster_name}
    if not locations.share_a_backend(found, host):
        return f"it is on {found.host}"
    return ""
