# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Counters in a file, which outlive who counts."""

import os

_WIDTH = 8


class Counter:
    """The counter of one slot."""

    def __init__(self, path: str, slot: int) -> None:
        self._path = path
        self._slot = slot

    @property
    def value(self) -> int:
        """How far it is; nothing counted is 0."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CREAT, 0o600)
        try:
            raw = os.pread(descriptor, _WIDTH, self._slot * _WIDTH)
        finally:
            os.close(descriptor)
        return int.from_bytes(raw, "big")

    def add_one(self) -> None:
        """Count one more."""
        value = self.value + 1
        descriptor = os.open(self._path, os.O_WRONLY)
        try:
            raw = value.to_bytes(_WIDTH, "big")
            os.pwrite(descriptor, raw, self._slot * _WIDTH)
        finally:
            os.close(descriptor)
