# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of cinder_storpool inside the real Cinder, against a simulator.

Cinder's own test package patches everything for eventlet as soon as it is
imported, or settles on native threads. The suite's mode decides which, and
nothing else of Cinder may be imported before.

The simulator comes even earlier: whoever imports Cinder imports eventlet, and
``http.server`` is then one whose locks are eventlet's, also where nothing is
patched (seen with eventlet 0.41).
"""

import importlib
import os

from tests import concurrency

importlib.import_module("storpool_simulator.testing")

if os.environ.get(concurrency.VARIABLE, "native") == "native":
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"

importlib.import_module("cinder.tests.unit")
