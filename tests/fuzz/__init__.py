# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever the declarations let anybody ask, and a little more.

``STORPOOL_FUZZ_SEQUENCES`` is how many sequences of calls are tried, each
run with others; without it a few are, always the same.
"""
