# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What is read out of a page, and what is a promise kept."""

import pathlib

import fixtures
import testtools

from tests.functional.docs import blocks
from tests.functional.docs import session
from tests.functional.docs import test_pages
from tests.stack import page

PAGE = """
Page
====

.. code-block:: console

   $ first \\
         --more
   one
   ...
   # second

.. not-run: it needs
   a cloud

.. code-block:: console

   $ third

::

    openstack volume list

.. not-run: it is too much

.. code-block:: console

   $ fourth

.. code-block:: sh

   second --again

.. code-block:: ini
   :name: /etc/some/service.conf

   [DEFAULT]
   debug = true
"""


class BlocksTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.page = directory / "page.rst"
        self.page.write_text(PAGE)

    def test_session(self) -> None:
        first, second = blocks.blocks(self.page)[0].steps()
        self.assertEqual("first \\\n      --more", first.command)
        self.assertEqual("one\n...\n", first.output)
        self.assertEqual(blocks.Step("second", ""), second)

    def test_reason(self) -> None:
        found = blocks.blocks(self.page)
        self.assertEqual(
            [None, "it needs a cloud", None, "it is too much", None, None],
            [each.reason for each in found],
        )
        self.assertEqual(
            [True, False, False, False, False, True],
            [each.runs for each in found],
        )

    def test_forgotten(self) -> None:
        found = blocks.blocks(self.page)
        self.assertEqual(
            [False, False, True, True, True, False],
            [each.is_forgotten for each in found],
        )

    def test_file(self) -> None:
        [step] = blocks.blocks(self.page)[-1].steps()
        self.assertIn("mkdir -p /etc/some\n", step.command)
        self.assertIn("\n[DEFAULT]\ndebug = true\n", step.command)

    def test_output_without_a_command(self) -> None:
        self.page.write_text(".. code-block:: console\n\n   lost\n")
        [block] = blocks.blocks(self.page)
        self.assertRaises(ValueError, block.steps)


class BothReadersTest(testtools.TestCase):
    """Scenarios in a cloud read pages with a reader of their own."""

    def test_they_see_the_same(self) -> None:
        for path in (
            page.MIGRATION,
            page.SOURCE / "admin/cinder.rst",
            page.SOURCE / "admin/troubleshooting.rst",
            page.SOURCE / "install/index.rst",
            page.SOURCE / "user/command.rst",
            page.SOURCE / "user/demo.rst",
        ):
            seen = [
                (block.reason or None, len(block.steps()))
                for block in page.blocks(path.read_text())
                if block.language == blocks.CONSOLE
            ]
            self.assertEqual(
                [
                    (block.reason, len(block.steps()))
                    for block in blocks.blocks(path)
                    if block.language == blocks.CONSOLE
                ],
                seen,
            )


class PromisesTest(testtools.TestCase):
    def judge(self, promised, printed, status=0, shown=False):
        step = blocks.Step("command", promised)
        came = session.Result(printed, status)
        return test_pages.unlike(step, came, shown)

    def test_kept(self) -> None:
        self.assertEqual("", self.judge("a ... c\n", "a b  b c\n"))
        self.assertEqual("", self.judge("a\n...\nc\n", "a\nc\n"))
        self.assertEqual("", self.judge("...\nc\n...\n", "a\nb\nc\nd\n"))
        self.assertEqual("", self.judge("+---+\n", "+-------+\n"))
        self.assertEqual("", self.judge("no\n", "no\n", 2, shown=True))

    def test_broken(self) -> None:
        self.assertIn("printed", self.judge("a\n", "b\n"))
        self.assertIn("printed", self.judge("a ... c\n", "a b\nb c\n"))
        self.assertIn("printed", self.judge("...\nb\n", "a\nb\nc\n"))
        self.assertIn("printed", self.judge("a.\n", "ab\n"))
        self.assertIn("printed", self.judge("", "b\n"))
        self.assertIn("printed", self.judge("a\n", ""))
        self.assertIn("ended with 2", self.judge("no\n", "no\n", 2))
        self.assertIn("not reached", self.judge("", "", None))


class HostTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        session.require_root(self)

    def test_one_shell(self) -> None:
        host = self.useFixture(session.Host())
        commands = ["cd /", "pwd", "uname -n", "false", "echo $?", "exit 3"]
        results = host.run([blocks.Step(each, "") for each in commands])
        self.assertEqual(
            ["", "/\n", "comp1\n", "", "1\n", ""],
            [each.output for each in results],
        )
        self.assertEqual([0, 0, 0, 1, 0, None], [e.status for e in results])
