# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The program behind bin/stack and bin/demo."""

import sys

from tests.stack import cli

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
