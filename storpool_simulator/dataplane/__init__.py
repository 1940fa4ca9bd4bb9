# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where the bytes are: in nobody's memory, or behind real block devices."""
