# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Long runs: ``python -m tests.soak --help``.

The functional suites do the same for a few seconds.
"""
