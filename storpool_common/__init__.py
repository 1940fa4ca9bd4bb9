# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What all services that talk to StorPool share.

Nothing in here imports Cinder, Nova, Glance or os-brick.
"""
