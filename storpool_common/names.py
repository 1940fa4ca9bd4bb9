# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How OpenStack's objects are called in a cluster and on a host.

The names are those that StorPool's own OpenStack integration gives, so
either finds the volumes of the other.
"""

import posixpath

#: Links to the devices of named objects; they follow a rename.
BY_NAME_DIRECTORY = "/dev/storpool"
#: Links to the devices of all objects; they never change.
BY_ID_DIRECTORY = "/dev/storpool-byid"


def volume_name(prefix: str, volume_id: str) -> str:
    """The name of a Cinder volume.

    :param prefix: ``SP_OPENSTACK_VOLUME_PREFIX``, ``os`` by default.
    :param volume_id: the volume's ``name_id``; its ``id`` is another one
        after a migration.
    """
    return f"{prefix}--volume-{volume_id}"


def snapshot_name(prefix: str, snapshot_id: str) -> str:
    """The name of a Cinder snapshot."""
    return f"{prefix}--snap--none--snapshot-{snapshot_id}"


def image_name(prefix: str, image_id: str) -> str:
    """The name of the snapshot that holds a Glance image.

    Nobody but Glance's store gives such a name, and only to the data of the
    image with that id.
    """
    return f"{prefix}--image-{image_id}"


def is_ours(prefix: str, name: str) -> bool:
    """Whether the OpenStack with that prefix gave this name."""
    return name.startswith(f"{prefix}--")


def by_global_id(global_id: str) -> str:
    """What stands for a name wherever the API takes one: ``~a.b.c``."""
    return f"~{global_id}"


def device_path(global_id: str) -> str:
    """The link to the object's device on a host that has it attached."""
    return posixpath.join(BY_ID_DIRECTORY, global_id)
