# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of storpool-openstack."""

from tests import concurrency

concurrency.prepare()
