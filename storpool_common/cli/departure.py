# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack departure``: before going back to another driver."""

import argparse
from typing import Any

from storpool_common.cli import services

_MODULE = "storpool_common.doctor.departure"

_DESCRIPTION = """
Before a service goes back to the driver that it comes with: what that driver
would not find or understand, and what to do about it. Nothing is changed. Ends
with 0 when nothing is to be done first, 1 when something is.
"""

_EXAMPLES = """examples:
  storpool-openstack departure --service cinder
  storpool-openstack departure --service cinder -f json \\
      --config-file /etc/cinder/cinder.conf --user cinder
"""


def add_command(commands: Any) -> None:
    """Add the command to a program's."""
    parser = commands.add_parser(
        "departure",
        help="what to do before going back to a service's own driver",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--service", required=True, help="which service, for instance cinder"
    )
    services.add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    services.show(services.findings(_MODULE, options), options)
