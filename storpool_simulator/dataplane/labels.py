# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Names of files and labels of devices, by which both are found again."""

from storpool_simulator.model.records import StoredObject

#: An attachment: client and global id.
Key = tuple[int, str]


def contents(target: StoredObject) -> str:
    """The name of the file with an object's bytes."""
    return f"{target.global_id}-{target.revision}"


def label(client: int, name: str) -> str:
    """What a client's device with these contents is labelled."""
    return f"{client} {name}"


def labelled(text: str) -> tuple[Key, str]:
    """The attachment and the contents that a device's label tells."""
    client, _, name = text.partition(" ")
    number = int(client) if client.isdecimal() else 0
    return (number, name.rpartition("-")[0]), name
