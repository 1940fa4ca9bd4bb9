# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""bin/conformance: make the environment of the tests, and go on in it."""

import os
import sys
from typing import NoReturn

from tests.runner import environment

LOG = environment.ROOT / ".cache" / "test" / "environment.log"


def main() -> NoReturn:
    """Become tests.conformance."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    try:
        environment.prepare(LOG)
    except environment.EnvironmentFailed as failure:
        print(f"bin/conformance: {failure}", file=sys.stderr)
        sys.exit(2)
    python = str(environment.python())
    os.execv(python, [python, "-m", "tests.conformance", *sys.argv[1:]])


if __name__ == "__main__":
    main()
