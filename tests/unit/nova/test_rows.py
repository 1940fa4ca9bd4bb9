# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The documentation names tests that are there."""

import ast
import pathlib
import re

import testtools

ROOT = pathlib.Path(__file__).parents[3]
PAGE = ROOT / "doc" / "source" / "contributor" / "nova.rst"
DIRECTORIES = {
    "functional.": ROOT / "tests" / "functional" / "nova",
    "": ROOT / "tests" / "unit" / "nova",
}
_NAME = re.compile(r"``((?:functional\.)?test_\w+\.\w+\.test_\w+)``")


def tests(name):
    """The names of the tests in a module, as the page writes them."""
    prefix = "functional." if name.startswith("functional.") else ""
    module = name.removeprefix(prefix).partition(".")[0]
    text = (DIRECTORIES[prefix] / f"{module}.py").read_text()
    return {
        f"{prefix}{module}.{made.name}.{method.name}"
        for made in ast.parse(text).body
        if isinstance(made, ast.ClassDef)
        for method in made.body
        if isinstance(method, ast.FunctionDef)
    }


class RowsTest(testtools.TestCase):
    def test_each_name_is_one_of_a_test(self):
        names = _NAME.findall(PAGE.read_text())
        self.assertGreater(len(names), 40)
        self.assertEqual(
            [], [name for name in names if name not in tests(name)]
        )

    def test_each_row_is_there(self):
        rows = re.findall(r"\* - (N\d+)\n", PAGE.read_text())
        self.assertEqual([f"N{number}" for number in range(1, 29)], rows)
