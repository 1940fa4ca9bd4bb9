# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What stops the stack, with the file that tells more."""

import pathlib


class StackError(Exception):
    """A step that failed, in one sentence with the way out.

    :param message: what happened, to what, and what to do
    :param log: the file whose last lines explain it
    """

    def __init__(self, message: str, log: pathlib.Path | None = None) -> None:
        super().__init__(message)
        self.log = log

    def tail(self, lines: int = 15) -> list[str]:
        """The last lines of the log; nothing when there is none."""
        if self.log is None or not self.log.exists():
            return []
        text = self.log.read_text(errors="replace")
        return text.splitlines()[-lines:]
