# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Hand over to the command line of bin/conformance."""

import sys

from tests.conformance import cli

sys.exit(cli.main())
