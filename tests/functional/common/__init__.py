# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""storpool_common against a cluster that is simulated."""
