# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of cinder_storpool inside the real Cinder, against a simulator.

Cinder's own test package patches everything for eventlet as soon as it is
imported; the suite's mode decides that here, so it must be told first.
"""

import os

from tests import concurrency

if os.environ.get(concurrency.VARIABLE, "native") == "native":
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
