# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What bin/test does: an environment, the suites in it, and their sum."""
