# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of pages: what is typed, and what may come of it."""

import pathlib

import fixtures
import testtools

from tests.stack import errors
from tests.stack import page
from tests.stack import pages
from tests.stack import report

PAGE = """\
Try
===

.. not-run: it is a cloud of its own

.. code-block:: console

   # echo one
   one

.. not-run: it needs a cloud

.. code-block:: console

   # echo two
   two
"""


class SessionsTest(testtools.TestCase):
    def test_those_of_a_cloud_of_their_own_and_none_twice(self):
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in ("a.rst", "b.rst"):
            (root / name).write_text(PAGE)
        self.assertEqual(
            [pages.Session("a.rst, Try", [page.Step("echo one", "one\n")])],
            list(pages.sessions([root / "a.rst", root / "b.rst"])),
        )

    def test_the_pages_begin_with_the_demo(self):
        first, *others = pages.sessions()
        self.assertEqual(["bin/demo"], [step.command for step in first.steps])
        self.assertIn("done after", first.steps[0].promised)
        self.assertIn(
            "bin/stack up --computes 2",
            [step.command for one in others for step in one.steps],
        )


class TypeTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def type_out(self, *steps):
        session = pages.Session("a page", [page.Step(*one) for one in steps])
        pages.type_out(session, report.Report(), self.root)

    def refused(self, *steps):
        return str(self.assertRaises(errors.StackError, self.type_out, *steps))

    def test_one_shell_in_the_checkout(self):
        (self.root / "env").write_text("export WORD='two words'\n")
        self.type_out(
            (". ./env", ""),
            ('echo "$WORD" >&2', "two words\n"),
            ("pwd", "..."),
        )

    def test_a_command_that_fails(self):
        said = self.refused(("echo why; false", "...\n"))
        self.assertIn("a page: echo why; false: exit 1:\nwhy", said)

    def test_what_is_not_promised(self):
        said = self.refused(("echo one", "two\n"))
        self.assertIn("promises\ntwo\nand what came ends with\none", said)

    def test_nothing_where_something_is_promised(self):
        self.refused(("true", "one\n"))
