# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of bin/stack and bin/demo that need no cloud."""
