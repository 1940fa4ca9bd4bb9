# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the packages for services have to say, each in a new process.

A service decides in its first imports how it does threads, and what it loads
stays loaded. So whoever asks a package for a service is a process of its own,
which prints findings as JSON.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import importlib.metadata
import os
import sys

import msgspec

from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding


def write(findings: Iterable[Finding]) -> None:
    """Write findings to where the standard output went at the start."""
    with os.fdopen(os.dup(1), "wb") as answer:
        # A service's modules may print; nobody is to read that as findings.
        os.dup2(2, 1)
        answer.write(msgspec.json.encode(list(findings)))


def findings_of(
    group: str, name: str, arguments: Sequence[str]
) -> Iterator[Finding]:
    """What the package for a service finds.

    :param group: of entry points.
    :param name: the service.
    :param arguments: those that the service is started with.
    """
    found = importlib.metadata.entry_points(group=group, name=name)
    if not found:
        yield failed(
            f"{name} service",
            f"no entry point {name} of {group}",
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
