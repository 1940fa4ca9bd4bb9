# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The storage's API ends as by a power failure, and comes back."""

import signal

from tests.stack import base
from tests.stack import processes


class Outage(base.Base):
    """The simulator of a cloud that runs."""

    def begin(self) -> None:
        """SIGKILL it; the devices stay, as those of a cluster would."""
        found = self._table.get("simulator")
        if found is not None:
            processes.signal_group(found, signal.SIGKILL)
            processes.await_end([found], 10.0)

    def end(self) -> None:
        """It runs again, with everything that it knew."""
        service = self._services.simulator()
        if not self._table.alive(service.name):
            self._start(service)
            self._await(service)
