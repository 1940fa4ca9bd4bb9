# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Asking a service's own interpreter, as the service's user."""

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

#: Seconds; a service's modules are slow to load on a busy host.
_PATIENCE = 300


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command be told how a service is started, and what to print."""
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


def show(found: list[Finding], options: argparse.Namespace) -> None:
    """Print findings.

    :raises SystemExit: with 1, as something has failed.
    """
    output.show([_row(each) for each in found], options)
    if any(each.status is Status.FAILED for each in found):
        raise SystemExit(1)


def findings(module: str, options: argparse.Namespace) -> list[Finding]:
    """What a module prints that is run as the service would be.

    :raises Mistake: the interpreter or the user is none.
    """
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
