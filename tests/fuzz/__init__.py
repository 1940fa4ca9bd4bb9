# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever the declarations let anybody ask, and a little more."""
