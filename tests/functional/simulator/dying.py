# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The simulator's command line, killed at an exact moment on request.

A file ``before`` or ``after`` in the state directory kills it at the next
commit of a change, on that side of it.
"""

import os
import sys

from storpool_simulator import cli
from storpool_simulator import simulator
from storpool_simulator import store


class DyingStore(store.Store):
    """Dies when it is told to."""

    def commit(self, changes):
        """Keep the changes, if there is time for it."""
        self.die("before")
        super().commit(changes)
        self.die("after")

    def die(self, moment):
        """Die as by ``kill -9``: nothing runs any more."""
        if (self._path.parent / moment).exists():
            os._exit(9)


def main():
    """Run the command line with it."""
    simulator.Store = DyingStore
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
