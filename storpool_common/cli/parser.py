# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How arguments are read, and what is said of wrong ones."""

import argparse
from typing import NoReturn


class Mistake(Exception):
    """Arguments that cannot be carried out; the message says which."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with one line, and where to read more."""
        self.exit(2, f"{self.prog}: {message} (try {self.prog} --help)\n")
