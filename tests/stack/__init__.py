# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""bin/stack and bin/demo: a cloud from wheels around the simulator."""
