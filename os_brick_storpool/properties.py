# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Connection properties: what Cinder says about an attachment.

The in-tree Cinder driver sends ``volume``, ``access_mode`` and ``client_id``.
Ours adds ``global_id``, ``name``, ``size`` and ``snapshot``, with which the
API need not be asked. The callers add what connect returned:
``device_path``, and our ``storpool_request``.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
import posixpath
from typing import Any

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.exclusive import Exclusive
from storpool_common.attachments.exclusive import Watched
from storpool_common.attachments.requests import Mode
from storpool_common.errors import ValidationError
from storpool_common.names import BY_NAME_DIRECTORY
from storpool_common.names import volume_name

#: Under this a request's key comes back from connect, and is kept.
REQUEST = "storpool_request"
#: Under this a caller says whose requests it makes: ``nova:INSTANCE``.
OWNER = "storpool_owner"
#: Under this a caller says how to attach for one guest alone: ``warn`` or
#: ``enforce``.
EXCLUSIVE = "storpool_exclusive"
# Under this Cinder says which clients may have the volume.
_PEERS = "storpool_peers"
#: Under this are rights that win over access_mode when they are less: Cinder
#: overwrites access_mode, whatever rights its driver has given.
STRICTER_MODE = "storpool_mode"

_WISHES = {"warn": Watched, "enforce": Exclusive}


@dataclasses.dataclass(frozen=True)
class Connection:
    """Connection properties, read.

    :ivar target: the object, as far as they tell.
    :ivar request: the key that an earlier connect returned.
    :ivar owner: whose request it is.
    :ivar volume: Cinder's id of the volume.
    :ivar path: the device that an earlier connect returned.
    """

    target: Target
    request: str | None = None
    owner: str | None = None
    volume: str | None = None
    path: str | None = None

    @property
    def key_of_owner(self) -> str | None:
        """The key that an owner's request for this object has."""
        if self.owner is None:
            return None
        volume = self.volume or self.target.name or self.target.global_id
        return f"{self.owner}:{volume}"

    @property
    def is_inherited(self) -> bool:
        """Whether a connector that makes no requests has attached it.

        Nova keeps what its driver wrote into the properties, so a path
        without a request is of the in-tree connector's making.
        """
        return self.request is None and self.path is not None


def read(
    properties: Mapping[str, Any],
    device_info: Mapping[str, Any] | None,
    prefix: str,
) -> Connection:
    """Read what a caller passes to the connector.

    :param device_info: what connect returned, where the caller has it.
    :param prefix: what the names of our volumes start with.
    """
    returned = device_info or {}
    path = (
        returned.get("path")
        or properties.get("device_path")
        or properties.get("path")
    )
    if isinstance(path, bytes):
        path = path.decode()
    is_snapshot = properties.get("snapshot") is True
    return Connection(
        target=_target(properties, prefix),
        request=_request(properties, returned),
        owner=properties.get(OWNER),
        volume=None if is_snapshot else properties.get("volume"),
        path=path,
    )


def access_mode(properties: Mapping[str, Any]) -> Mode:
    """The rights that an attachment is to have.

    :raises ValidationError: there are none, or unknown ones.
    """
    modes = [properties.get("access_mode")]
    if properties.get(STRICTER_MODE) is not None:
        modes.append(properties[STRICTER_MODE])
    for mode in modes:
        if mode not in ("ro", "rw"):
            raise ValidationError(
                f"access_mode {mode!r} in the connection properties is"
                " neither ro nor rw"
            )
    return "ro" if "ro" in modes else "rw"


def exclusive(properties: Mapping[str, Any]) -> Exclusive | None:
    """Whether nobody but some may have the volume from now on.

    Where Cinder does not say who may have it, nobody is cut off.

    :raises ValidationError: what it says makes no sense.
    """
    wish = properties.get(EXCLUSIVE)
    peers = properties.get(_PEERS)
    if wish is None or peers is None:
        return None
    if wish not in _WISHES or not all(isinstance(one, int) for one in peers):
        raise ValidationError(
            f"{EXCLUSIVE} {wish!r} and {_PEERS} {peers!r} in the connection"
            " properties: warn or enforce, and client numbers"
        )
    return _WISHES[wish](frozenset(peers))


def complete(
    connection: Connection, find: Callable[[str], str | None]
) -> Target:
    """The target, with what the device tells where it lacks the global id.

    This is for objects that are attached; which object an old path leads to
    says nothing about what is to be attached.

    :param find: tells the global id behind a path, whatever path it is.
    """
    target = connection.target
    if target.global_id:
        return target
    path = connection.path
    if path is None and target.name is not None:
        path = posixpath.join(BY_NAME_DIRECTORY, target.name)
    if path is None:
        return target
    directory, name = posixpath.split(path)
    if directory == BY_NAME_DIRECTORY and target.name is None:
        target = dataclasses.replace(target, name=name)
    return dataclasses.replace(target, global_id=find(path))


def _target(properties: Mapping[str, Any], prefix: str) -> Target:
    name = properties.get("name")
    volume = properties.get("volume")
    if name is None and volume is not None:
        name = volume_name(prefix, volume)
    return Target(
        global_id=properties.get("global_id"),
        name=name,
        snapshot=properties.get("snapshot") is True,
        size=properties.get("size"),
    )


def _request(
    properties: Mapping[str, Any], returned: Mapping[str, Any]
) -> str | None:
    key = returned.get(REQUEST) or properties.get(REQUEST)
    if key:
        return str(key)
    # Glance's Cinder store keeps the id of its attachment, and nothing else.
    # Callers that say who they are need no such help.
    attachment = properties.get("attachment_id")
    if attachment and not properties.get(OWNER):
        return f"attachment:{attachment}"
    return None
