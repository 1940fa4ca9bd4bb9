# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Hand over to the command line of bin/packaging."""

import sys

from tests.packaging import cli

sys.exit(cli.main())
