# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""nova-compute's side with its processes, devices and data."""
