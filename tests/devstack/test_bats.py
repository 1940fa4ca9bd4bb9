# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every test of the bats files is a test here.

So they run in parallel and are counted one by one. ``bats tests/devstack``
runs them as well, with CONTRACT_COMMANDS naming the directory that
storpool-simulator is installed in.
"""

from collections.abc import Callable
import os
import pathlib
import re
import subprocess
import sys

import testtools

HERE = pathlib.Path(__file__).parent
NAMES = re.compile(r'^@test "(.+)" \{$', re.MULTILINE)
SKIPPED = re.compile(r"^ok 1 .* # skip ?(.*)$", re.MULTILINE)
#: Seconds; the slowest takes four on a busy machine.
PATIENCE = 300


class BatsTest(testtools.TestCase):
    """Filled with a method for each test of each file."""

    def bats(self, file: pathlib.Path, name: str) -> None:
        commands = str(pathlib.Path(sys.executable).parent)
        done = subprocess.run(
            ["bats", "--tap", "--filter", f"^{re.escape(name)}$", str(file)],
            env={**os.environ, "CONTRACT_COMMANDS": commands},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        skipped = SKIPPED.search(done.stdout)
        if skipped:
            self.skipTest(skipped[1])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("1..1\nok 1 ", done.stdout)


def _method(file: pathlib.Path, name: str) -> Callable[[BatsTest], None]:
    def method(self: BatsTest) -> None:
        self.bats(file, name)

    return method


for _file in sorted(HERE.glob("*.bats")):
    for _name in NAMES.findall(_file.read_text()):
        _words = re.sub(r"\W+", "_", _name)
        setattr(BatsTest, f"test_{_file.stem}_{_words}", _method(_file, _name))
