# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of cinder_storpool with real block devices.

Cinder is imported as its unit tests import it.
"""

import importlib

importlib.import_module("tests.unit.cinder")
