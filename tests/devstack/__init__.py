# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The DevStack plugin, and the bats tests that walk it."""
