# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Count the outcomes in a subunit stream on standard input.

Runs inside the environment, where subunit is installed; prints a line
``outcome number`` for each outcome.
"""

import collections
import sys
from typing import Any

import subunit
import testtools

#: What a test says before it has ended.
UNFINISHED = (None, "exists", "inprogress")


class Outcomes(testtools.StreamResult):
    """Counts how tests ended."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = collections.Counter[str]()

    def status(
        self,
        test_id: str | None = None,
        test_status: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Take one event of the stream."""
        if test_id and test_status and test_status not in UNFINISHED:
            self.counts[test_status] += 1


def main() -> None:
    """Read the stream and print the counts."""
    outcomes = Outcomes()
    subunit.ByteStreamToStreamResult(sys.stdin.buffer).run(outcomes)
    for name, number in outcomes.counts.items():
        print(name, number)


if __name__ == "__main__":
    main()
