# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Run a suite or a check, and count."""

import collections
import dataclasses
import os
import pathlib
import subprocess

from tests.runner import environment
from tests.runner import suites

#: Lines of a failed command's output to show; the log has all of it.
TAIL = 120


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a suite or a check ended, and what it said when it failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: list[str] = dataclasses.field(default_factory=list)


def check(wanted: suites.Check, logs: pathlib.Path) -> Outcome:
    """Run a check; its exit status says all."""
    log = logs / f"{wanted.name}.log"
    if _run(list(wanted.command), log, {}) == 0:
        return Outcome(passed=1)
    return Outcome(failed=1, output=_tail(log))


def suite(wanted: suites.Suite, logs: pathlib.Path) -> Outcome:
    """Run a suite of tests; one that runs nothing has failed."""
    log = logs / f"{wanted.name.replace('/', '-')}.log"
    environ = suites.environ(wanted)
    command = [str(environment.python()), "-m", "stestr", "run"]
    if wanted.serial:
        command.append("--serial")
    status = _run(command, log, environ)
    counts = _count(environ)
    failed = counts["fail"] + counts["uxsuccess"]
    passed = counts["success"] + counts["xfail"]
    if status != 0 and failed == 0:
        failed = 1
    if passed + failed + counts["skip"] == 0:
        failed = 1
    return Outcome(
        passed=passed,
        failed=failed,
        skipped=counts["skip"],
        output=_tail(log) if failed else [],
    )


def _count(environ: dict[str, str]) -> collections.Counter[str]:
    stored = subprocess.run(
        [str(environment.python()), "-m", "stestr", "last", "--subunit"],
        cwd=environment.ROOT,
        env={**os.environ, **environ},
        capture_output=True,
    )
    counted = subprocess.run(
        [str(environment.python()), "-m", "tests.runner.count"],
        cwd=environment.ROOT,
        input=stored.stdout,
        capture_output=True,
    )
    lines = (line.split() for line in counted.stdout.decode().splitlines())
    return collections.Counter({name: int(number) for name, number in lines})


def _run(
    command: list[str], log: pathlib.Path, environ: dict[str, str]
) -> int:
    with log.open("wb") as output:
        return subprocess.run(
            command,
            cwd=environment.ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ).returncode


def _tail(log: pathlib.Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines()
    return [*lines[-TAIL:], f"the whole output: {log}"]
