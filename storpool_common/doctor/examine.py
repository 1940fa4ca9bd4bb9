# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m storpool_common.doctor.examine [SERVICE [ARGUMENT ...]]``.

Looks at this host, and at what a service would use that is started with this
interpreter, these arguments and this environment; prints findings as JSON.
The service decides in its first imports how it does threads, and what it
loads stays loaded, so this is a process of its own.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import importlib.metadata
import os
import sys

import msgspec

from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.host import examine
from storpool_common.version import NOT_INSTALLED
from storpool_common.version import version

#: The entry points of those who know a service.
GROUP = "storpool_openstack.doctor"


def main(arguments: Sequence[str]) -> None:
    """Write all findings to where the standard output went at the start."""
    with os.fdopen(os.dup(1), "wb") as answer:
        # A service's modules may print; nobody is to read that as findings.
        os.dup2(2, 1)
        answer.write(msgspec.json.encode(list(_findings(arguments))))


def _findings(arguments: Sequence[str]) -> Iterator[Finding]:
    yield _interpreter()
    if arguments:
        yield from _service(arguments[0], arguments[1:])
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


def _service(name: str, arguments: Sequence[str]) -> Iterator[Finding]:
    found = importlib.metadata.entry_points(group=GROUP, name=name)
    if not found:
        yield failed(
            f"{name} service",
            f"no entry point {name} of {GROUP}",
            "install storpool-openstack for this interpreter",
        )
        return
    try:
        look = next(iter(found)).load()
    except ImportError as error:
        yield failed(
            f"{name} service",
            f"{sys.executable} cannot load what {name} needs: {error}",
            "name the service's own interpreter with --python",
        )
        return
    yield from look(list(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
