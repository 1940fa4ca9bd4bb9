# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Nova's exceptions for what the connector raises.

What a server shows as its fault is the message of an exception that is
Nova's; of any other it is the name of the class, and of all of them the first
255 characters (seen in 34.0.0). So each is one of Nova's, and short: the
volume, the client, and what is the matter. The log has the connector's own
words too.
"""

from collections.abc import Iterator
import contextlib
from typing import Any

from nova.exception import NovaException

from os_brick_storpool.errors import StorPoolFailed


@contextlib.contextmanager
def translated(
    kind: type[NovaException], connection_info: dict[str, Any]
) -> Iterator[None]:
    """Raise what the connector raises in the context as Nova's.

    :param kind: takes ``volume_id`` and ``reason``.
    """
    try:
        yield
    except StorPoolFailed as error:
        raise kind(
            volume_id=_volume(connection_info), reason=_reason(error)
        ) from error


def _volume(connection_info: dict[str, Any]) -> str:
    volume = connection_info.get("serial")
    return str(volume or connection_info["data"].get("volume"))


def _reason(error: StorPoolFailed) -> str:
    client = error.work.client_id
    who = f"StorPool client {client}" if client else "StorPool on this host"
    cause = error.__cause__ or error
    notes = getattr(cause, "__notes__", [])
    return "; ".join([f"{who}: {cause}", *notes])
