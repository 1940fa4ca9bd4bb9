# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Requests for what is attached to this host and has none recorded."""

from collections.abc import Collection
import time

from storpool_common.attachments.requests import FORMER
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject


def guest_requests(
    stored: StoredObject, mode: Mode, guests: Collection[str]
) -> list[Request]:
    """The requests that our Nova driver would have made.

    :param guests: UUIDs of instances.
    """
    volume = stored.name.rpartition("--volume-")[2]
    return [
        _request(f"nova:{uuid}:{volume}", stored, mode)
        for uuid in sorted(guests)
    ]


def former_request(stored: StoredObject, mode: Mode, name: str) -> Request:
    """A request that stands for owners who are not known.

    :param name: tells it from others of the kind.
    """
    return _request(f"{FORMER}:{name}", stored, mode)


def _request(key: str, stored: StoredObject, mode: Mode) -> Request:
    return Request(
        key=key,
        wanted=stored,
        mode="ro" if stored.snapshot else mode,
        process=Process.current(),
        created=time.time(),
    )
