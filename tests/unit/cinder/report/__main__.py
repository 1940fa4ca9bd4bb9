# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.unit.cinder.report``."""

import sys

from tests.unit.cinder.report import cli

sys.exit(cli.main())
