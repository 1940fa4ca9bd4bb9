# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How long things may take on a host."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import math

from storpool_common.errors import ConfigurationError

_A_DAY = 86400.0


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds that parts of an attach or a detach may take.

    Each is a variable of storpool.conf, ``SP_OPENSTACK_`` and its name in
    capitals.

    :ivar device_timeout: until a device is ready, or its link has gone.
    :ivar detach_timeout: of trying to detach a device that is open.
    :ivar detach_grace: the same where the caller asks for force, which
        comes after it.
    :ivar lock_timeout: for others on this host to be done with a volume.
    """

    device_timeout: float = 30.0
    detach_timeout: float = 30.0
    detach_grace: float = 0.5
    lock_timeout: float = 120.0

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Limits:
        """Take the limits from the variables of storpool.conf.

        :raises ConfigurationError: one is not a number of seconds.
        """
        given = {}
        for field in dataclasses.fields(cls):
            variable = f"SP_OPENSTACK_{field.name.upper()}"
            text = variables.get(variable)
            if text:
                given[field.name] = _seconds(variable, text)
        return cls(**given)


def _seconds(variable: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if 0 <= seconds <= _A_DAY:
        return seconds
    raise ConfigurationError(
        f"{variable}={text} in storpool.conf: write a number of seconds, a"
        " day at most"
    )
