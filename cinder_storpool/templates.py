# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which StorPool template a volume gets, and how pools are called.

A backend has one pool for each template, ``template_NAME``, and a pool
``default`` for what no template is asked for. These names are in the host
of every existing volume record and therefore fixed.
"""

import dataclasses
import re
from typing import Any

from cinder import exception
from cinder.volume import volume_utils

DEFAULT_POOL = "default"
_POOL_PREFIX = "template_"
_NAME = re.compile(r"[A-Za-z0-9_-]+")

#: Extra spec that Cinder's scheduler leaves to the driver.
SCOPED_SPEC = "storpool:template"
#: Extra spec, and capability of each template's pool: the scheduler compares.
SPEC = "storpool_template"


def pool_name(template: str | None) -> str:
    """The pool of a template, or of none."""
    return f"{_POOL_PREFIX}{template}" if template else DEFAULT_POOL


def template_of_pool(host: str | None) -> str | None:
    """The template whose pool a ``host@backend#pool`` names, if any."""
    pool = volume_utils.extract_host(host, "pool") if host else None
    if pool is None or not pool.startswith(_POOL_PREFIX):
        return None
    return str(pool.removeprefix(_POOL_PREFIX))


@dataclasses.dataclass(frozen=True)
class Policy:
    """What a backend's configuration says about volumes.

    :ivar template: ``storpool_template``.
    :ivar replication: ``storpool_replication``, for volumes of no template.
    """

    template: str | None
    replication: int

    def template_of(self, volume: Any) -> str | None:
        """The template of a volume that is about to be made."""
        return self.template_for(volume.volume_type, volume.host)

    def template_for(self, volume_type: Any | None, host: str) -> str | None:
        """The template of volumes of a type on a host.

        The first of these that says anything:

        * ``storpool:template`` of the volume type. The scheduler does not
          look at it, so it may well have chosen some other pool;
        * the pool that the scheduler chose;
        * ``storpool_template`` of the volume type. It agrees with the pool
          wherever the scheduler had a say;
        * the option ``storpool_template``.
        """
        return asked_template(volume_type, host) or self.template


def asked_template(volume_type: Any | None, host: str) -> str | None:
    """What type and pool say, whatever the backend's configuration does.

    :raises InvalidVolumeType: the type has what no template is called.
    """
    return (
        _scoped(volume_type)
        or template_of_pool(host)
        or _named_by(volume_type)
    )


def _scoped(volume_type: Any | None) -> str | None:
    said = scoped_template(volume_type)
    if said is None or _NAME.fullmatch(said):
        return said
    raise exception.InvalidVolumeType(
        reason=f"type {volume_type and volume_type.name} has {SCOPED_SPEC} ="
        f" {said!r}. Write the name of one template there, or take it out of"
        " the type's extra specs"
    )


def _named_by(volume_type: Any | None) -> str | None:
    """``storpool_template`` of a type, where no pool has matched it."""
    said = _extra_specs(volume_type).get(SPEC)
    if said is None or _NAME.fullmatch(said):
        return said
    raise exception.InvalidVolumeType(
        reason=f"type {volume_type and volume_type.name} has {SPEC} = {said!r}"
        " and the pool is of no template. Name one template there, or one in"
        f" {SCOPED_SPEC}"
    )


def template_named_by(volume_type: Any | None) -> str | None:
    """What a volume type names, in either extra spec, checked or not."""
    return scoped_template(volume_type) or _extra_specs(volume_type).get(SPEC)


def scoped_template(volume_type: Any | None) -> str | None:
    """``storpool:template`` of a volume type."""
    return _extra_specs(volume_type).get(SCOPED_SPEC)


def _extra_specs(volume_type: Any | None) -> dict[str, str]:
    """The type's extra specs, from the object and never from the DB."""
    if volume_type is None:
        return {}
    return volume_type.extra_specs or {}
