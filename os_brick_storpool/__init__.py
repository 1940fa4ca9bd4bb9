# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attach, detach and extend on this host, as os-brick's callers do it."""
