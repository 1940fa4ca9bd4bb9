# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every page: what can be typed is typed, and what is promised comes."""

import ddt
import testtools

from tests.functional.docs import blocks
from tests.functional.docs import session
from tests.stack import page

PAGES = blocks.pages()
#: Characters of an output that a failure shows.
_SHOWN = 2000


def ran(name: str) -> bool:
    """Whether a page has anything to run."""
    return any(block.runs for block in blocks.blocks(PAGES[name]))


def unlike(step: blocks.Step, came: session.Result, shown: bool) -> str:
    """How a command went other than promised; empty where it did not.

    :param shown: the page shows the exit status itself, by the next command.
    """
    if came.status is None:
        return f"$ {step.command}\nwas not reached"
    if came.status and not shown:
        return f"$ {step.command}\nended with {came.status}: {came.output}"
    if page.is_like(step.output, came.output):
        return ""
    printed = came.output[-_SHOWN:]
    return (
        f"$ {step.command}\nis to print\n{step.output}and printed\n{printed}"
    )


@ddt.ddt
class PagesTest(testtools.TestCase):
    @ddt.data(*filter(ran, PAGES))
    def test_what_is_promised_comes(self, name: str) -> None:
        session.require_root(self)
        host = self.useFixture(session.Host())
        steps = [
            step
            for block in blocks.blocks(PAGES[name])
            if block.runs
            for step in block.steps()
        ]
        shown = [each.command.startswith("echo $?") for each in steps[1:]]
        wrong = [
            unlike(step, came, tells)
            for step, came, tells in zip(
                steps, host.run(steps), [*shown, False], strict=True
            )
        ]
        self.assertEqual("", "\n".join(filter(None, wrong)))

    @ddt.data(*PAGES)
    def test_promises_say_something(self, name: str) -> None:
        vague = [
            step.command
            for block in blocks.blocks(PAGES[name])
            if block.runs
            for step in block.steps()
            if step.output.strip() == "..."
        ]
        self.assertEqual([], vague)

    @ddt.data(*PAGES)
    def test_nothing_is_forgotten(self, name: str) -> None:
        found = blocks.blocks(PAGES[name])
        forgotten = [block.text for block in found if block.is_forgotten]
        self.assertEqual([], forgotten)
        read = [block for block in found if block.language == blocks.CONSOLE]
        self.assertEqual(blocks.sessions(PAGES[name]), len(read))
