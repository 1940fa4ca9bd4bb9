# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The state of a cluster and its rules; nothing in here does I/O."""
