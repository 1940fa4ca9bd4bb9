# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tables on a terminal, whose lines have an end."""

import argparse
import contextlib
import io

import ddt
import fixtures
import testtools

from storpool_common.cli import output

LONG = "word " * 40


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@ddt.ddt
class TerminalTest(testtools.TestCase):
    def shown(self, data, screen: io.StringIO, width: int) -> list[str]:
        self.useFixture(fixtures.EnvironmentVariable("COLUMNS", str(width)))
        options = argparse.Namespace(format="table", column=[])
        with contextlib.redirect_stdout(screen):
            output.show(data, options)
        return screen.getvalue().splitlines()

    @ddt.data(60, 80, 200)
    def test_long_cells_are_wrapped(self, width: int) -> None:
        rows = [{"check": "a", "found": LONG}, {"check": "b", "found": "c"}]
        lines = self.shown(rows, Terminal(), width)
        self.assertLessEqual(max(map(len, lines)), width)
        self.assertIn("| check |", lines[1])
        self.assertEqual(40, sum(line.count("word") for line in lines))

    def test_nothing_is_wrapped_that_fits(self) -> None:
        lines = self.shown([{"a": 1}, {"a": 2}], Terminal(), 80)
        self.assertEqual(
            ["+---+", "| a |", "+---+", "| 1 |", "| 2 |", "+---+"], lines
        )

    def test_too_many_columns(self) -> None:
        row = {f"column{number}": LONG.strip() for number in range(9)}
        lines = self.shown([row, row], Terminal(), 80)
        self.assertEqual(6, len(lines))

    def test_a_file_has_no_end(self) -> None:
        lines = self.shown([{"a": LONG}, {"a": "b"}], io.StringIO(), 80)
        self.assertEqual(6, len(lines))
