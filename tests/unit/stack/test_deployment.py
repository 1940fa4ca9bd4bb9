# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a page tells to do."""

import fixtures
import testtools

from tests.stack import deployment
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import page
from tests.stack import report
from tests.stack.scenarios import documented

PAGE = """\
Title
=====

.. code-block:: ini

   [DEFAULT]
   one = 1

Below
-----

1. Do it:

   .. not-run: it needs a cloud

   .. code-block:: console

      # first \\
            --second
      what is printed
      $ third

   and go on.
"""


class PageTest(testtools.TestCase):
    def test_blocks_are_below_their_titles(self):
        lines, typed = page.blocks(PAGE)
        self.assertEqual(("Title", "ini"), (lines.section, lines.language))
        self.assertEqual("[DEFAULT]\none = 1\n", lines.text)
        self.assertEqual("Below", typed.section)
        self.assertEqual(["first --second", "third"], typed.commands())
        self.assertEqual(page.IN_A_CLOUD, typed.reason)
        self.assertEqual("", lines.reason)

    def test_what_is_promised(self):
        step = page.Step("list", "+----+\n| a ... |\n")
        self.assertTrue(step.fits("+-------+\n| a   b |\n"))
        self.assertFalse(step.fits("+-------+\n| c     |\n"))
        self.assertTrue(page.Step("list", "").fits("anything"))

    def test_the_pages_have_something_for_a_cloud(self):
        for path in (documented.INSTALL, documented.CINDER):
            reasons = [one.reason for one in page.blocks(path.read_text())]
            self.assertIn(page.IN_A_CLOUD, reasons)

    def test_a_section_that_is_not_there(self):
        self.assertRaises(errors.StackError, page.section, "Nowhere")


class DeploymentTest(testtools.TestCase):
    def test_a_command_that_nobody_knows(self):
        path = self.useFixture(fixtures.TempDir()).path
        place = layout.Layout.at(path)
        work = deployment.Deployment(
            place, layout.choose_ports(31000, {}), report.Report()
        )
        error = self.assertRaises(
            errors.StackError, work.type, "rm -r /", hosts.kept(place)[0]
        )
        self.assertIn("rm -r /", str(error))
