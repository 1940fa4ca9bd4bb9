# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which object of the cluster somebody means, and whose it is.

A reference has one key, ``source-name`` or ``source-id``, and in it the
object's name, ``~`` and its global id, or the path of its device.
"""

from collections.abc import Mapping
import dataclasses
import re
from typing import Any

from cinder import exception
from oslo_utils import units

from storpool_common.api.volumes import VolumeSummaryBase
from storpool_common.names import by_global_id
from storpool_common.names import BY_ID_DIRECTORY
from storpool_common.names import BY_NAME_DIRECTORY

#: What an API user hands in.
Reference = Mapping[str, str]

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_VOLUME = re.compile(rf"(?P<prefix>.+)--volume-(?P<id>{_UUID})")
_SNAPSHOT = re.compile(
    rf"(?P<prefix>.+)--snap--none--snapshot-(?P<id>{_UUID})"
)
_GLOBAL_ID = re.compile(r"[a-z0-9]+\.[a-z0-9]+\.[a-z0-9]+")


@dataclasses.dataclass(frozen=True)
class Owner:
    """The OpenStack, and the record in it, that a name belongs to."""

    prefix: str
    id: str


def owner_of_volume(name: str) -> Owner | None:
    """Who gave a volume its name, None for nobody of OpenStack."""
    return _owner(_VOLUME.fullmatch(name))


def owner_of_snapshot(name: str) -> Owner | None:
    """Who gave a snapshot its name, None for nobody of OpenStack."""
    return _owner(_SNAPSHOT.fullmatch(name))


def _owner(match: re.Match[str] | None) -> Owner | None:
    return match and Owner(match["prefix"], match["id"])


def named(reference: Reference) -> str:
    """What the API takes for the object of a reference.

    :raises ManageExistingInvalidReference: it has no form that is known.
    """
    if len(reference) == 1:
        [(key, value)] = reference.items()
        text = str(value).strip()
        if key == "source-name" and text:
            return _without_path(text)
        if key == "source-id" and text:
            return _by_id(_without_path(text))
    raise refused(
        reference,
        "give either source-name or source-id, and in it a name,"
        " ~GLOBAL-ID or a path in /dev/storpool or /dev/storpool-byid",
    )


def _without_path(text: str) -> str:
    by_id = text.removeprefix(BY_ID_DIRECTORY + "/")
    if by_id != text:
        return by_global_id(by_id.removeprefix("~"))
    return text.removeprefix(BY_NAME_DIRECTORY + "/")


def _by_id(text: str) -> str:
    if _GLOBAL_ID.fullmatch(text):
        return by_global_id(text)
    return text


def refused(
    reference: Reference, why: str
) -> exception.ManageExistingInvalidReference:
    """What a reference cannot be used for, and the way out."""
    return exception.ManageExistingInvalidReference(
        existing_ref=dict(reference), reason=why
    )


def gibibytes(found: VolumeSummaryBase) -> int:
    """The size of an object in whole GiB, rounded up."""
    size: int = -(-found.size // units.Gi)
    return size


def entry(
    found: VolumeSummaryBase, cinder_id: str | None, why_not: str | None
) -> dict[str, Any]:
    """An object in the list of what could be managed.

    :param cinder_id: the record that manages it already.
    :param why_not: why it cannot be managed.
    """
    return {
        "reference": {"source-name": found.name},
        "size": gibibytes(found),
        "cinder_id": cinder_id,
        "safe_to_manage": why_not is None,
        "reason_not_safe": why_not,
        # Cinder's interface says text, and what it makes of the list in
        # Cinder 29 takes nothing but a dictionary of texts.
        "extra_info": {
            "template": found.template_name or "-",
            "bytes": str(found.size),
        },
    }
