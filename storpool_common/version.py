# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which release of us is running."""

import importlib.metadata

DISTRIBUTION = "storpool-openstack"
#: What a source tree on the path calls itself: lower than every release.
NOT_INSTALLED = "0+not.installed"


def version() -> str:
    """The version of the installed distribution.

    :returns: ``0+not.installed`` where the modules are found on the path
        and the distribution is not.
    """
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return NOT_INSTALLED
