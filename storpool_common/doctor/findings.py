# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What was looked at, and what is to be done about it."""

import enum

import msgspec


class Status(enum.Enum):
    """How good or bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    :ivar check: what was looked at.
    :ivar found: what was seen; it has no secrets.
    :ivar advice: what to do; empty where nothing is to be done.
    """

    check: str
    status: Status
    found: str
    advice: str = ""


def ok(check: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(check, Status.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """It works, or may not matter, and should be looked at."""
    return Finding(check, Status.WARNING, found, advice)


def failed(check: str, found: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check, Status.FAILED, found, advice)
