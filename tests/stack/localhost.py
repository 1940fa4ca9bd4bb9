# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""This machine as a host that attaches volumes through our connector."""

from collections.abc import Iterator
from collections.abc import Mapping
import contextlib
import os
import platform
from typing import Any

from os_brick_storpool import connector as storpool_connector
from tests.stack import volumes


class Host:
    """Attaches volumes here, beside whatever else runs on this machine.

    :param environment: names storpool.conf and the records' directory
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        os.environ.update(
            (name, environment[name])
            for name in ("STORPOOL_CONF", "STORPOOL_STATE_DIR")
        )
        connector = storpool_connector.StorPoolConnector
        self._connector: Any = connector(root_helper="")
        self._properties = {
            "host": platform.node(),
            "ip": "127.0.0.1",
            "multipath": False,
            "platform": platform.machine(),
            "os_type": "linux",
            **connector.get_connector_properties(root_helper=""),
        }

    @contextlib.contextmanager
    def attached(self, cinder: volumes.Volumes, volume: Any) -> Iterator[str]:
        """The device of a volume while it is attached here."""
        with cinder.on_this_host(
            volume, self._connector, self._properties
        ) as device:
            yield device
