# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever has a message of ours finds it on one page, with what to do."""

import ast
import re
import textwrap

import testtools

from storpool_common import errors
from tests.functional.docs import blocks
from tests.unit.docs import messages

PAGE = blocks.SOURCE / "admin" / "troubleshooting.rst"
#: Letters that an entry has at least, not to fit everything.
LEAST = 4


def entries() -> list[str]:
    """The messages that the page explains: its terms."""
    found = re.findall(
        r"^``([^`]+)``\n    \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [" ".join(each.split()) for each in found]


def explains(entry: str, message: messages.Message) -> bool:
    """Whether all that an entry says is in the message, in that order."""
    parts = [part.strip() for part in entry.split("...")]
    pattern = ".*".join(re.escape(part) for part in parts if part)
    return re.search(pattern, message.text) is not None


class TroubleshootingTest(testtools.TestCase):
    def test_no_message_is_missing(self) -> None:
        known = entries()
        missing = {
            str(message)
            for message in messages.messages()
            if not any(explains(entry, message) for entry in known)
        }
        self.assertEqual(set(), missing)

    def test_no_entry_is_of_yesterday(self) -> None:
        found = messages.messages()
        words = {kind.api_name for kind in self.answers()}
        stale = [
            entry
            for entry in entries()
            if entry not in words
            and not any(explains(entry, message) for message in found)
        ]
        self.assertEqual([], stale)

    def test_every_word_of_the_api(self) -> None:
        words = {kind.api_name for kind in self.answers()} - {None}
        self.assertEqual(set(), words - set(entries()))

    def test_entries_say_enough(self) -> None:
        vague = [
            entry
            for entry in entries()
            if len(re.findall("[A-Za-z]", entry.replace("...", ""))) < LEAST
        ]
        self.assertEqual([], vague)

    def answers(self) -> list[type[errors.ApiError]]:
        return errors.ApiError.__subclasses__()


class MessagesTest(testtools.TestCase):
    """What is read out of the code."""

    def texts(self, code: str) -> list[str]:
        module = messages.Module("made up", ast.parse(textwrap.dedent(code)))
        return [message.text for message in module.messages()]

    def test_of_an_error(self) -> None:
        found = self.texts("""
            def work(name):
                raise errors.Busy("Call", f"{name} is in"
                                  " use")
        """)
        self.assertEqual(["\0 is in use"], found)

    def test_of_a_log(self) -> None:
        found = self.texts("""
            def work(name):
                LOG.warning("%(name)s is gone: %s", name)
                LOG.info("this is none")
        """)
        self.assertEqual(["\0 is gone: \0"], found)

    def test_by_a_name_or_a_function(self) -> None:
        found = self.texts("""
            def reason(name):
                return f"{name} has it"

            def work(name):
                why = "it is " + name
                raise AnswerLost(why) from Busy(reason(name))
        """)
        self.assertEqual(["it is \0", "\0 has it"], found)

    def test_of_what_nobody_sees(self) -> None:
        found = self.texts("""
            def work(name):
                raise ValueError("that is no name")
        """)
        self.assertEqual([], found)
