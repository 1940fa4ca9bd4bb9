# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack doctor``: what is wrong, and what to do."""

import argparse
import os
import pwd
import subprocess  # nosec B404
import sys
from typing import Any

import msgspec

from storpool_common.cli import output
from storpool_common.cli.parser import Mistake
from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import Status

SERVICES = ("cinder", "glance", "nova")
#: Seconds; a service's modules are slow to load on a busy host.
_PATIENCE = 300

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
    parser.add_argument(
        "--config-file",
        action="append",
        default=[],
        metavar="FILE",
        help="as for the service; may be given again",
    )
    parser.add_argument(
        "--config-dir",
        action="append",
        default=[],
        metavar="DIRECTORY",
        help="as for the service; may be given again",
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        metavar="PATH",
        help="the interpreter of the service, where it is another one",
    )
    parser.add_argument(
        "--user",
        help="look as this user; by default the service's, if this is run by"
        " root and there is a user of the service's name",
    )
    parser.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as -f json",
    )
    output.add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    if options.service is None and (options.config_file or options.config_dir):
        raise Mistake("--config-file and --config-dir go with --service")
    found = _findings(options)
    output.show([_row(each) for each in found], options)
    if any(each.status is Status.FAILED for each in found):
        raise SystemExit(1)


def _findings(options: argparse.Namespace) -> list[Finding]:
    module = "storpool_common.doctor.examine"
    # Not from the directory that this happens to be run in.
    command = [options.python, "-P", "-m", module, *_arguments(options)]
    try:
        done = subprocess.run(  # nosec B603
            command,
            capture_output=True,
            timeout=_PATIENCE,
            **_identity(options),
        )
    except subprocess.TimeoutExpired:
        return [_unfinished(f"it has not ended after {_PATIENCE} s")]
    except OSError as error:
        raise Mistake(f"--python {options.python}: {error.strerror}") from (
            error
        )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        return [_unfinished(lines[-1] if lines else "it says nothing")]
    return msgspec.json.decode(done.stdout, type=list[Finding])


def _arguments(options: argparse.Namespace) -> list[str]:
    if options.service is None:
        return []
    files = [f"--config-file={one}" for one in options.config_file]
    directories = [f"--config-dir={one}" for one in options.config_dir]
    return [options.service, *files, *directories]


def _identity(options: argparse.Namespace) -> dict[str, Any]:
    """Whom to run as: arguments of a new process."""
    if options.user is None and (os.geteuid() or options.service is None):
        return {}
    name = options.user or options.service
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        if options.user is None:
            return {}
        raise Mistake(f"--user {name}: there is no such user") from None
    if user.pw_uid == os.geteuid():
        return {}
    if os.geteuid():
        raise Mistake(f"--user {name}: only root may look as another user")
    return {
        "user": user.pw_uid,
        "group": user.pw_gid,
        "extra_groups": os.getgrouplist(name, user.pw_gid),
    }


def _unfinished(why: str) -> Finding:
    return failed(
        "examination",
        why,
        "give the service's interpreter (--python) and files (--config-file)",
    )


def _row(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "status": finding.status.value,
        "found": finding.found,
        "what to do": finding.advice,
    }
