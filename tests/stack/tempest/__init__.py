# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""OpenStack's own tests, against the cloud that runs."""
