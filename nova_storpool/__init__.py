# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""StorPool volumes for Nova's guests under libvirt."""
