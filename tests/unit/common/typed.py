# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a test types, and a process that looks like a guest."""

import subprocess
import sys
from typing import Any

import fixtures

from storpool_common.cli.main import main

#: Says that it runs, and lives until its standard input is closed.
_GUEST = "import sys; print('up', flush=True); sys.stdin.read()"


def run(test: Any, *arguments: str) -> tuple[int, str, str]:
    """Run ``storpool-openstack``: its exit code, output and errors."""
    out = test.useFixture(fixtures.StringStream("out"))
    err = test.useFixture(fixtures.StringStream("err"))
    with (
        fixtures.MonkeyPatch("sys.stdout", out.stream),
        fixtures.MonkeyPatch("sys.stderr", err.stream),
    ):
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = int(end.code or 0)
        out.stream.flush()
        err.stream.flush()
    return (
        code,
        out.getDetails()["out"].as_text(),
        err.getDetails()["err"].as_text(),
    )


def start_guest(test: Any, program: str, *arguments: str) -> None:
    """Start a process that is called so, until the test ends."""
    process = subprocess.Popen(
        [program, "-c", _GUEST, *arguments],
        executable=sys.executable,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    test.addCleanup(process.wait)
    test.addCleanup(process.stdin.close)
    test.addCleanup(process.stdout.close)
    process.stdout.readline()
