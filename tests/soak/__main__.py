# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.soak cycles|kills``: prints what happened, as JSON.

It ends with 1 when anything was left behind or lost.
"""

import argparse
import dataclasses
import json
import sys


def main() -> int:
    """Run what was asked for."""
    options = _parser().parse_args()
    if options.mode == "eventlet":
        from tests import concurrency

        concurrency.eventlet()
    report, is_bad = options.run(options)
    print(json.dumps(dataclasses.asdict(report), indent=2))
    return int(is_bad)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    commands = parser.add_subparsers(required=True)
    cycles = commands.add_parser(
        "cycles", help="attach, write, read and detach on loop devices"
    )
    cycles.add_argument("--cycles", type=int, default=20_000)
    cycles.add_argument("--kills", type=int, default=200)
    cycles.add_argument("--restarts", type=int, default=20)
    cycles.add_argument("--damages", type=int, default=0)
    cycles.set_defaults(run=_cycles)
    kills = commands.add_parser("kills", help="kill writers of the records")
    kills.add_argument("--kills", type=int, default=1000)
    kills.set_defaults(run=_kills)
    for each in (cycles, kills):
        each.add_argument("--workers", type=int, default=8)
        each.add_argument(
            "--mode", choices=("native", "eventlet"), default="native"
        )
    return parser


def _cycles(options):
    from tests.soak import cycles

    report = cycles.run(
        cycles.Options(
            cycles=options.cycles,
            workers=options.workers,
            kills=options.kills,
            restarts=options.restarts,
            damages=options.damages,
            mode=options.mode,
        )
    )
    return report, bool(report.left)


def _kills(options):
    from tests.soak import kills

    report = kills.run(options.kills, options.workers)
    return report, bool(report.lost or report.kept)


if __name__ == "__main__":
    sys.exit(main())
