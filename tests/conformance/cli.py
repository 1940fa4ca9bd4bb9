# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of bin/conformance."""

import argparse
import collections
from collections.abc import Iterator
from collections.abc import Sequence
import dataclasses
import pathlib
import sys
import unittest

from storpool_common import api
from storpool_common.cli import output
from storpool_common.errors import ConfigurationError
from tests.conformance import clusters
from tests.conformance import report

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
COLUMNS = ["call", "statement", "basis", "result", "remark"]

_RIGHTS = "\n".join(
    f"  {name:17} {text}" for name, text in clusters.RIGHTS.items()
)
_EPILOG = f"""\
Without a word it runs against simulators of its own. A real cluster is the
one that storpool.conf, SP_API_HTTP_HOST, SP_API_HTTP_PORT and SP_AUTH_TOKEN
name, and it is touched only when the environment says so:

  {clusters.KIND}=cluster
  {clusters.TEMPLATES}=NAME[,NAME]
                     templates in which volumes may be made
  {clusters.CLIENTS}=ID[,ID]
                     clients to which volumes may be attached
  {clusters.REMOTE}=LOCATION/CLUSTER
                     another cluster that volumes may go to
  {clusters.ALLOW}=RIGHT[,RIGHT]
                     what else may be changed:

{_RIGHTS}

Scenarios that need more than is given are skipped, and say so. Every object
is called conformance-..., and is deleted by the scenario that made it.

It ends with 0 when all scenarios that ran are as expected, 1 when one is
not, and 2 when there is something to correct.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run scenarios and show what was found; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        kind = clusters.chosen().kind
    except ConfigurationError as error:
        print(f"bin/conformance: {error}", file=sys.stderr)
        return 2
    wanted = [test for test in _tests() if _fits(test, options.scenarios)]
    if not wanted:
        print("bin/conformance: no scenario fits", file=sys.stderr)
        return 2
    result = report.Result()
    unittest.TestSuite(wanted).run(result)
    _show(result.rows, options)
    print(_summary(kind, result.rows), file=sys.stderr)
    return 0 if result.wasSuccessful() else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/conformance",
        description="Ask a cluster whether the StorPool API does what this"
        " project takes it to do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="TEXT",
        help="run only scenarios with one of these in their ids",
    )
    output.add_options(parser)
    return parser


def _tests() -> Iterator[unittest.TestCase]:
    loader = unittest.TestLoader()
    return _flat(loader.discover(str(HERE), top_level_dir=str(ROOT)))


def _flat(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _flat(each)
        else:
            yield each


def _fits(test: unittest.TestCase, texts: list[str]) -> bool:
    return not texts or any(text in test.id() for text in texts)


def _show(rows: list[report.Row], options: argparse.Namespace) -> None:
    ordered = sorted(rows, key=lambda row: (row.call, row.scenario))
    if options.format == "table" and not options.column:
        options.column = COLUMNS
    output.show([dataclasses.asdict(row) for row in ordered], options)


def _summary(kind: str, rows: list[report.Row]) -> str:
    results = collections.Counter(row.result for row in rows)
    counted = ", ".join(
        f"{results[name]} {name}"
        for name in (report.PASSED, report.FAILED, report.SKIPPED)
    )
    left = report.unasked(rows)
    lines = [
        f"{kind}: {len(rows)} scenarios: {counted};"
        f" {len(api.CALLS) - len(left)} of {len(api.CALLS)} calls made",
    ]
    if left:
        lines.append(f"not made: {', '.join(left)}")
    return "\n".join(lines)
