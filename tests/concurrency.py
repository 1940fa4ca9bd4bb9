# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Run a suite as the services run us: three ways.

OpenStack's services use native threads or eventlet, by release and by
setting; with native threads some refuse to start when anything has imported
eventlet. ``STORPOOL_TEST_CONCURRENCY`` chooses for a whole test process:

``native``
    plain threads (the default);
``eventlet``
    everything monkey-patched before any other import;
``forbidden``
    plain threads, and an import of eventlet is an error.
"""

from collections.abc import Sequence
import importlib.machinery
import os
import sys
import types

VARIABLE = "STORPOOL_TEST_CONCURRENCY"


class EventletForbidden:
    """A finder that refuses eventlet."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Refuse eventlet and its parts; everything else is not ours."""
        if name.partition(".")[0] == "eventlet":
            raise ImportError(f"{name} must not be imported in this run")
        return None


def native() -> None:
    """Leave the process as it is."""


def eventlet() -> None:
    """Patch the standard library as the services do."""
    import eventlet

    eventlet.monkey_patch()


def forbidden() -> None:
    """Make every later import of eventlet fail."""
    sys.meta_path.insert(0, EventletForbidden())


def in_child() -> None:
    """Do in a forked child what the services do there.

    An event loop of eventlet must not be shared: the child would take away
    what the parent waits for (seen as a parent that waited for ever).
    """
    hubs = sys.modules.get("eventlet.hubs")
    if hubs is not None:
        hubs.use_hub()


MODES = {"native": native, "eventlet": eventlet, "forbidden": forbidden}


def prepare() -> None:
    """Bring this process into the mode that the environment names."""
    MODES[os.environ.get(VARIABLE, "native")]()
