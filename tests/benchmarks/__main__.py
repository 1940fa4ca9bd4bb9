# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.benchmarks``."""

import sys

from tests.benchmarks import cli

if __name__ == "__main__":
    sys.exit(cli.main())
