# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The in-tree drivers and ours, in the same cloud, side by side."""
