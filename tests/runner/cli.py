# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of bin/test."""

import argparse
import collections
import pathlib
import shutil
import sys
import tempfile
import time

from tests.runner import environment
from tests.runner import execute
from tests.runner import suites

LOGS = environment.ROOT / ".cache" / "test"


def main() -> int:
    """Run what was asked for; 0 when all of it passed."""
    arguments = _parser().parse_args()
    if arguments.list:
        print("\n".join(_names()))
        return 0
    wanted = arguments.only or _names()
    unknown = sorted(set(wanted) - set(_names()))
    if unknown:
        print(
            f"bin/test: no suite {', '.join(unknown)}; "
            "bin/test --list names them",
            file=sys.stderr,
        )
        return 2
    return _run(wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/test",
        description="Run every test that needs no cloud, the checks, the "
        "types and the documentation. Makes its own environment in .venv.",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="SUITE",
        help="run these suites and checks only",
    )
    parser.add_argument(
        "--list", action="store_true", help="name the suites and checks"
    )
    return parser


def _names() -> list[str]:
    return [
        *(check.name for check in suites.CHECKS),
        *(suite.name for suite in suites.present()),
        "leftovers",
    ]


def _run(wanted: list[str]) -> int:
    started = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        _prepare()
    except environment.EnvironmentFailed as failure:
        print(f"bin/test: {failure}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1
    total = collections.Counter[str]()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="storpool-test-"))
    scratch.chmod(0o755)  # other users pass through, as through /tmp
    runner = execute.Runner(
        environment.ROOT, environment.python(), LOGS, scratch
    )
    for check in suites.CHECKS:
        if check.name in wanted:
            total += _show(check.name, started, runner.check(check))
    for suite in suites.present():
        if suite.name in wanted:
            total += _show(suite.name, started, runner.suite(suite))
    left = runner.leftovers()
    if "leftovers" in wanted:
        total += _show("leftovers", started, left)
    if not left.failed:
        shutil.rmtree(scratch)
    if total["skipped"]:
        print(f"{total['skipped']} skipped; the logs say why: {LOGS}")
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] else 0


def _prepare() -> None:
    log = LOGS / "environment.log"
    log.unlink(missing_ok=True)
    started = time.monotonic()
    print("environment ...", flush=True)
    if environment.prepare(log):
        print(f"  made in {time.monotonic() - started:.0f} s: {_short()}")


def _short() -> pathlib.Path:
    return environment.DIRECTORY.relative_to(environment.ROOT)


def _show(
    name: str, started: float, outcome: execute.Outcome
) -> collections.Counter[str]:
    elapsed = int(time.monotonic() - started)
    words = f"{outcome.passed} passed"
    if outcome.failed:
        words += f", {outcome.failed} FAILED"
    if outcome.skipped:
        words += f", {outcome.skipped} skipped"
    print(
        f"{elapsed // 60:2}:{elapsed % 60:02}  {name:24} {words}", flush=True
    )
    if outcome.failed:
        print("\n".join(f"    {line}" for line in outcome.output), flush=True)
    return collections.Counter(
        passed=outcome.passed,
        failed=outcome.failed,
        skipped=outcome.skipped,
    )
