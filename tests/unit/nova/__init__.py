# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of nova_storpool inside the real Nova, against a simulator.

Nova decides between native threads and eventlet before anything of it is
imported, as its services do; the suite's mode says which. With native threads
it refuses to have found eventlet loaded, so nothing that loads it may come
earlier.
"""

import importlib
import os

from tests import concurrency

importlib.import_module("storpool_simulator.testing")

_MODE = os.environ.get(concurrency.VARIABLE, "native")
os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = (
    "0" if _MODE == "eventlet" else "1"
)
importlib.import_module("nova.monkey_patch").patch()
