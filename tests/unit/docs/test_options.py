# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What readers are told to configure is there to be configured."""

import re

import ddt
import testtools

from cinder_storpool import opts as cinder_options
from nova_storpool import opts as nova_options
from tests.functional.docs import blocks
from tests.unit.docs import messages

PAGES = blocks.pages()
_SETTING = re.compile(r"^(storpool_\w+) = ", re.MULTILINE)
_VARIABLE = re.compile(r"\bSP_[A-Z_]+[A-Z]\b")
OPTIONS = {
    option.name for option in (*cinder_options.OPTIONS, *nova_options.OPTIONS)
}


@ddt.ddt
class OptionsTest(testtools.TestCase):
    @ddt.data(*PAGES)
    def test_options_in_files(self, page: str) -> None:
        text = "\n".join(each.text for each in blocks.blocks(PAGES[page]))
        self.assertEqual(set(), set(_SETTING.findall(text)) - OPTIONS)

    def test_some_are_shown(self) -> None:
        shown = {
            name
            for path in PAGES.values()
            for block in blocks.blocks(path)
            for name in _SETTING.findall(block.text)
        }
        self.assertIn("storpool_template", shown)

    def test_every_variable_of_a_host(self) -> None:
        told = "\n".join(
            PAGES[page].read_text(encoding="utf-8")
            for page in (
                "reference/configuration.rst",
                "reference/attachments.rst",
            )
        )
        used = {
            name
            for package in messages.PACKAGES
            for file in (messages.ROOT / package).rglob("*.py")
            for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))
        }
        self.assertEqual(set(), used - set(_VARIABLE.findall(told)))
