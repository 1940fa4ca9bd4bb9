# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What we compare with, where it is installed."""

import importlib
import logging
from typing import Any


class Absent(Exception):
    """It is not installed; the message says how to have it."""


def module(name: str, distribution: str) -> Any:
    """A module that we compare with.

    :param distribution: what to install for it, with its version.
    :raises Absent: it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Absent(
            f"no {name} here ({error}): install {distribution} in a virtual"
            " environment of its own, and put that one's site-packages on"
            " PYTHONPATH"
        ) from error


def bindings() -> Any:
    """The vendor's client, ``storpool.spapi``."""
    return module("storpool.spapi", "storpool==7.3.0")


def in_tree() -> Any:
    """The client that os-brick brings."""
    return module("os_brick.initiator.storpool_utils", "os-brick==7.1.1")


def attachments(path: str) -> Any:
    """The vendor's record of a host's attachments.

    :param path: its file.
    """
    helper = module(
        "storpool.spopenstack.spattachdb", "storpool.spopenstack==3.2.0"
    )
    return helper.AttachDB(logging.getLogger(__name__), path)
