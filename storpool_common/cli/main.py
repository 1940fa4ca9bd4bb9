# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The program: its commands, and how it ends.

It ends with 0 when all went well, 1 when the API refused or could not be
asked, and 2 when there is something to correct: an argument, a request or
the configuration. Everything but 0 is explained by one line.
"""

from collections.abc import Sequence
import os
import sys

from storpool_common.cli import attachments
from storpool_common.cli import calls
from storpool_common.cli import departure
from storpool_common.cli import doctor
from storpool_common.cli.parser import Mistake
from storpool_common.cli.parser import Parser
from storpool_common.errors import ConfigurationError
from storpool_common.errors import StorPoolError
from storpool_common.errors import ValidationError
from storpool_common.version import version

PROGRAM = "storpool-openstack"
_TO_CORRECT = (Mistake, ConfigurationError, ValidationError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except _TO_CORRECT as error:
        return _explained(error, 2)
    except StorPoolError as error:
        return _explained(error, 1)
    except BrokenPipeError:
        # Whoever read the output has enough of it; nothing may be written
        # when Python closes it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _explained(error: Exception, code: int) -> int:
    line = " ".join(str(error).split())
    print(f"{PROGRAM}: {line}", file=sys.stderr)
    return code


def _parser() -> Parser:
    parser = Parser(
        prog=PROGRAM, description="StorPool storage for OpenStack."
    )
    parser.add_argument("--version", action="version", version=version())
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=Parser
    )
    calls.add_command(commands)
    attachments.add_command(commands)
    doctor.add_command(commands)
    departure.add_command(commands)
    return parser
