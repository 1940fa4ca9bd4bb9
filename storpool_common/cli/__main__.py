# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m storpool_common.cli``."""

import sys

from storpool_common.cli.main import main

sys.exit(main())
