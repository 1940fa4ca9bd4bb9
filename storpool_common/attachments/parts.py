# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What all work on a host's attachments needs."""

from __future__ import annotations

from collections.abc import Mapping
import contextlib
import dataclasses
import os
import typing

from storpool_common.attachments.cluster import ClientAttachments
from storpool_common.attachments.database import Synchronous
from storpool_common.attachments.limits import Limits
from storpool_common.attachments.locks import VolumeLocks
from storpool_common.attachments.records import Records
from storpool_common.client import Client
from storpool_common.clock import Clock
from storpool_common.clock import SystemClock
from storpool_common.config import Configuration
from storpool_common.devices import Devices
from storpool_common.errors import ConfigurationError

_SYNCHRONOUS = "SP_OPENSTACK_SYNCHRONOUS"


@dataclasses.dataclass(frozen=True)
class Parts:
    """The parts of one host.

    :ivar state_dir: the directory that the services share.
    """

    state_dir: str
    cluster: ClientAttachments
    records: Records
    locks: VolumeLocks
    devices: Devices
    limits: Limits

    @classmethod
    def of(
        cls,
        configuration: Configuration,
        api: Client,
        devices: Devices,
        clock: Clock | None = None,
    ) -> Parts:
        """The parts of the host that a configuration is about.

        Nothing is opened, connected or made before the first use.

        :raises ConfigurationError: a limit in it is not a number, or
            ``SP_OPENSTACK_SYNCHRONOUS`` is nothing that there is.
        """
        clock = clock or SystemClock()
        state_dir = configuration.state_dir
        return cls(
            state_dir=state_dir,
            cluster=ClientAttachments(
                api,
                configuration.client_id,
                configuration.volume_prefix,
                clock,
            ),
            records=Records(
                state_dir,
                synchronous=_synchronous(configuration.values),
                clock=clock,
            ),
            locks=VolumeLocks(os.path.join(state_dir, "locks"), clock=clock),
            devices=devices,
            limits=Limits.read(configuration.values),
        )

    def locked(self, name: str) -> contextlib.AbstractContextManager[None]:
        """Have a lock for as long as the context lasts.

        :param name: a global id, or what is like none.
        :raises LockTimeout: others had it all the time.
        """
        return self.locks.hold(name, timeout=self.limits.lock_timeout)


def _synchronous(variables: Mapping[str, str]) -> Synchronous:
    text = variables.get(_SYNCHRONOUS) or "NORMAL"
    for known in typing.get_args(Synchronous):
        if text.upper() == known:
            return typing.cast("Synchronous", known)
    raise ConfigurationError(
        f"{_SYNCHRONOUS}={text} in storpool.conf: write NORMAL or FULL"
    )
