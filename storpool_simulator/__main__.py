# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m storpool_simulator``."""

import sys

from storpool_simulator import cli

sys.exit(cli.main())
