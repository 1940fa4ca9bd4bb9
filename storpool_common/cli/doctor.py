# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack doctor``: what is wrong, and what to do."""

import argparse
from typing import Any

from storpool_common.cli.parser import Mistake
from storpool_common.cli.services import add_options
from storpool_common.cli.services import findings
from storpool_common.cli.services import show

SERVICES = ("cinder", "glance", "nova")
_MODULE = "storpool_common.doctor.examine"

_DESCRIPTION = """
Look at this host, and with --service at what a service on it will use: its
configuration files, whether our classes are registered, what os-brick and
Nova will load. A line each says what was seen and what to do about it.
Nothing is changed. Ends with 0 when nothing has failed, 1 when something has.
"""

_EXAMPLES = """examples:
  storpool-openstack doctor
  storpool-openstack doctor --service nova
  storpool-openstack doctor --service cinder -f json \\
      --config-file /etc/cinder/cinder.conf --user cinder
  storpool-openstack doctor --service nova --python /opt/nova/bin/python3

The environment counts too: where a service gets OS_DEFAULT__CONFIG_SOURCE
from its unit, give it to this command as well.
"""


def add_command(commands: Any) -> None:
    """Add the command to a program's."""
    parser = commands.add_parser(
        "doctor",
        help="what is wrong with this host, and what to do",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--service",
        choices=SERVICES,
        help="look at what this service will use, too",
    )
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    if options.service is None and (options.config_file or options.config_dir):
        raise Mistake("--config-file and --config-dir go with --service")
    show(findings(_MODULE, options), options)
