# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m storpool_common.doctor.examine [SERVICE [ARGUMENT ...]]``.

Looks at this host, and at what a service would use that is started with this
interpreter, these arguments and this environment; prints findings as JSON.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import sys

from storpool_common.doctor.contributed import findings_of
from storpool_common.doctor.contributed import write
from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.host import examine
from storpool_common.version import NOT_INSTALLED
from storpool_common.version import version

#: The entry points of those who know a service.
GROUP = "storpool_openstack.doctor"


def _findings(arguments: Sequence[str]) -> Iterator[Finding]:
    yield _interpreter()
    if arguments:
        yield from findings_of(GROUP, arguments[0], arguments[1:])
    yield from examine()


def _interpreter() -> Finding:
    found = f"{sys.executable} has storpool-openstack {version()}"
    if version() == NOT_INSTALLED:
        return failed(
            "interpreter",
            found,
            "install storpool-openstack for this interpreter, or name the"
            " service's own with --python",
        )
    return ok("interpreter", found)


if __name__ == "__main__":
    write(_findings(sys.argv[1:]))
