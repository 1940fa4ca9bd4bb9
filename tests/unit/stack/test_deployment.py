# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a page tells to do, and what becomes of a service's files."""

import configparser
import inspect
import re

import fixtures
import testtools

from tests.stack import configuration
from tests.stack import deployment
from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import page
from tests.stack import report
from tests.stack.scenarios import documented
from tests.stack.scenarios import switching

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

SECTIONS = (
    "Before",
    "Each compute",
    "Each controller",
    "When all are changed",
    "Let Cinder insist no more",
    "Each compute, back",
    "Before Cinder goes back",
    "Volumes that were migrated",
    "Each controller, back",
)


class PageTest(testtools.TestCase):
    def test_blocks_are_below_their_titles(self):
        lines, typed = page.blocks(PAGE)
        self.assertEqual(("Title", "ini"), (lines.section, lines.language))
        self.assertEqual("[DEFAULT]\none = 1\n", lines.text)
        self.assertEqual("Below", typed.section)
        first, third = typed.steps()
        self.assertEqual("first --second", first.command)
        self.assertEqual(page.Step("third", ""), third)
        self.assertEqual(page.IN_A_CLOUD, typed.reason)
        self.assertEqual("", lines.reason)

    def test_the_migration_page_has_every_section(self):
        for title in SECTIONS:
            self.assertNotEqual([], page.section(title))

    def test_what_is_promised(self):
        step = page.Step("list", "+----+\n| a ... |\n")
        self.assertTrue(step.fits("+-------+\n| a   b |\n"))
        self.assertFalse(step.fits("+-------+\n| c     |\n"))
        self.assertFalse(page.Step("list", "").fits("anything"))
        self.assertTrue(page.Step("list", "...\n").fits("anything"))

    def test_what_a_page_leaves_open(self):
        step = page.Step("show ID", "| id | ID |\n").filled({"ID": "7"})
        self.assertEqual(page.Step("show 7", "| id | 7 |\n"), step)

    def test_every_back_end_is_up(self):
        (promised,) = deployment.UP.values()
        self.assertTrue(page.is_like(promised, "a@one up\na@two up\n"))
        self.assertFalse(page.is_like(promised, "a@one down\na@two up\n"))

    def test_the_pages_have_something_for_a_cloud(self):
        for path in (documented.INSTALL, documented.CINDER):
            reasons = [one.reason for one in page.blocks(path.read_text())]
            self.assertNotEqual(
                set(), documented.REASONS.intersection(reasons)
            )

    def test_what_needs_a_cloud_is_typed_in_one(self):
        followed = re.findall(
            r'follow\(\s*"([^"]+)"', inspect.getsource(switching)
        )
        typed = {
            page.MIGRATION: set(followed),
            documented.DEMO: {"Two compute hosts"},
        }
        whole = {documented.INSTALL, documented.COMMAND}
        left = [
            (path.name, block.section)
            for path in page.SOURCE.rglob("*.rst")
            if path not in whole
            for block in page.blocks(path.read_text())
            if block.reason == page.IN_A_CLOUD
            and block.section not in typed.get(path, ())
        ]
        self.assertEqual([], left)

    def test_a_section_that_is_not_there(self):
        self.assertRaises(errors.StackError, page.section, "Nowhere")


class FilesTest(testtools.TestCase):
    """There and back, the files say what they said."""

    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.place = layout.Layout.at(path)
        self.ports = layout.choose_ports(31000, {})
        self.here, self.there = hosts.choose(self.place, 2)

    def configure(self, chosen):
        common = {
            **configuration.values(self.place, self.ports, "qemu"),
            **chosen.values,
        }
        self.place.conf.mkdir(parents=True)
        for name in ("cinder.conf", "nova.conf"):
            text = configuration.for_service(name, common)
            (self.place.conf / name).write_text(text)
        for host in (self.here, self.there):
            (host.libvirt / "etc").mkdir(parents=True)
        configuration.write_hosts(self.place, common, [self.here, self.there])
        hosts.keep(self.place, [self.here, self.there])
        return deployment.Deployment(self.place, self.ports, report.Report())

    def read(self, name):
        parser = configparser.RawConfigParser(default_section="")
        parser.read(self.place.conf / name)
        return {section: dict(parser[section]) for section in parser}

    def merge_all(self, work, *titles):
        for title in titles:
            service = "nova" if "compute" in title else "cinder"
            for block in page.section(title):
                if block.language == "ini":
                    work.merge(block.text, service, self.there)

    def test_what_the_page_adds_is_what_a_cloud_of_ours_has(self):
        work = self.configure(drivers.IN_TREE)
        self.merge_all(work, "Each compute", "Each controller")
        self.merge_all(work, "When all are changed")
        cinder = self.read("cinder.conf")
        for backend in ("hybrid", "nvme"):
            self.assertEqual(
                {
                    "volume_driver": drivers.OURS.values["volume_driver"],
                    "volume_backend_name": backend,
                    "storpool_template": backend,
                    "storpool_require_connector": "true",
                },
                cinder[backend],
            )
        for found in (cinder, self.read("peer-2.conf")):
            self.assertEqual(
                "storpool_conf", found["DEFAULT"]["config_source"]
            )
            self.assertEqual({"driver": "storpool"}, found["storpool_conf"])
        self.assertNotIn("config_source", self.read("peer.conf")["DEFAULT"])
        self.assertNotIn("storpool", cinder)

    def test_what_the_page_takes_away_leaves_nothing_of_ours(self):
        work = self.configure(drivers.OURS)
        for host in (self.here, self.there):
            work.take_out(switching.OF_NOVA, "nova", host)
            work.unregister("nova", host)
        work.take_out(switching.OF_CINDER, "cinder", self.here)
        work.unregister("cinder", self.here)
        self.merge_all(work, "Each controller, back")
        changed = {path.name: self.read(path.name) for path in work.saved()}
        self.assertEqual(
            drivers.IN_TREE.values["volume_driver"],
            changed["cinder.conf"]["nvme"]["volume_driver"],
        )
        for name, found in changed.items():
            self.assertNotIn("config_source", found["DEFAULT"], name)
            self.assertNotIn("storpool_conf", found, name)
            self.assertNotIn("storpool_exclusive", str(found), name)
            self.assertNotIn("storpool_require_connector", str(found), name)

    def test_a_command_that_nobody_knows(self):
        work = self.configure(drivers.OURS)
        error = self.assertRaises(
            errors.StackError, work.type, "rm -r /", self.here
        )
        self.assertIn("rm -r /", str(error))
