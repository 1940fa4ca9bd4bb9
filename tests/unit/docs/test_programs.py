# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What pages tell to type, in sessions and in sentences, can be typed."""

from collections.abc import Iterable
import shlex

import ddt
import testtools

from tests.functional.docs import blocks
from tests.runner import suites
from tests.stack.scenarios import registry
from tests.unit.docs import programs

PAGES = blocks.pages()


#: What a sentence leaves out that only names a command.
SHORT = "the following arguments are required"


def typed(page: str) -> list[str]:
    """What sessions ask one of the programs that no test types here."""
    return _asked(
        step.command.replace("\\\n", " ")
        for block in blocks.blocks(PAGES[page])
        if block.language == blocks.CONSOLE and not block.runs
        for step in block.steps()
    )


def told(page: str) -> list[str]:
    """What sentences do."""
    return _asked(blocks.literals(PAGES[page]))


def _asked(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if programs.program_of(text)]


@ddt.ddt
class ProgramsTest(testtools.TestCase):
    @ddt.data(*PAGES)
    def test_programs_take_what_is_typed(self, page: str) -> None:
        refused = [(text, programs.refusal(text)) for text in typed(page)]
        refused += [
            (text, said)
            for text in told(page)
            if SHORT not in (said := programs.refusal(text))
        ]
        self.assertEqual([], [each for each in refused if each[1]])


class NamesTest(testtools.TestCase):
    """Names that a program looks for after it has read its options."""

    def names(self, command: str) -> set[str]:
        """What stands behind a command on any page."""
        return {
            name
            for page in PAGES
            for text in (*typed(page), *told(page))
            if text.startswith(f"{command} ")
            for name in shlex.split(text.removeprefix(command))
            if not name.startswith("-")
        }

    def test_suites(self) -> None:
        known = {each.name for each in (*suites.SUITES, *suites.CHECKS)}
        named = self.names("bin/test --only") - {"SUITE"}
        self.assertIn("functional/docs", named)
        self.assertEqual(set(), named - known)

    def test_scenarios(self) -> None:
        named = self.names("bin/stack scenarios")
        self.assertIn("switching", named)
        self.assertNotEqual([], registry.choose(sorted(named)))


class RefusalTest(testtools.TestCase):
    def assert_refused(self, text: str) -> None:
        self.assertNotEqual("", programs.refusal(text))

    def test_of_a_command(self) -> None:
        self.assert_refused("cinder force-detach VOLUME")
        self.assert_refused("openstack volume detach VOLUME")
        self.assert_refused("bin/stack sideways")
        self.assert_refused("storpool-openstack repair")

    def test_of_an_option(self) -> None:
        self.assert_refused("cinder work-cleanup --all")
        self.assert_refused("openstack volume create --template hybrid one")
        self.assert_refused("bin/tempest --most")
        self.assert_refused("python -m tests.soak cycles --for-ever")

    def test_every_program_is_shown(self) -> None:
        shown = {
            programs.program_of(text)
            for page in PAGES
            for text in (*typed(page), *told(page))
        }
        self.assertEqual(set(programs.PROGRAMS), shown)
