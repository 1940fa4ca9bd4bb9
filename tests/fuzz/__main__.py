# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Try many sequences of calls, and show which calls they made.

``python -m tests.fuzz --sequences 10000``. The exit code is 0 when every one
held, and 1 with the shortest that did not.
"""

import argparse
import sys

from tests.fuzz import progress
from tests.fuzz import sequences
from tests.fuzz import settings


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument(
        "--sequences", type=int, default=1000, help="how many (1000)"
    )
    wanted: int = parser.parse_args().sequences
    tally = progress.Tally(wanted, sys.stdout)
    sequences.try_sequences(settings.any_sequences(wanted), tally)
    print("\n".join(tally.table()))
    tally.tell()
    return 0


if __name__ == "__main__":
    sys.exit(main())
