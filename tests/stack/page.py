# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a page of the documentation tells an operator to do, in order."""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import pathlib
import re
import textwrap

from tests.stack import errors
from tests.stack import layout

SOURCE = layout.ROOT / "doc/source"
MIGRATION = SOURCE / "admin/migration.rst"
IN_A_CLOUD = "it needs a cloud"
IN_CINDER = "it needs Cinder"
"""Why a block is not run on a host that has neither."""

ANYTHING = "..."

_BLOCK = re.compile(r"( *)\.\. code-block:: (\w+)")
_REASON = re.compile(r" *\.\. not-run: (.*)")
_RULE = re.compile("-{3,}")
_LINE = re.compile(r"[=-]+")
_PROMPTS = ("$ ", "# ")


@dataclasses.dataclass(frozen=True)
class Step:
    """A command on one line, and what the page says that it prints."""

    command: str
    promised: str

    def filled(self, instead: Mapping[str, str]) -> "Step":
        """The same with what is meant by words that a page leaves open."""
        command, promised = self.command, self.promised
        for word, value in instead.items():
            command = command.replace(word, value)
            promised = promised.replace(word, value)
        return Step(command, promised)

    def fits(self, printed: str) -> bool:
        """Whether that is what came."""
        return is_like(self.promised, printed)


@dataclasses.dataclass(frozen=True)
class Block:
    """Something to type, or lines of a file.

    :ivar section: the title above it
    :ivar language: ``console`` or ``ini``, as the page says
    :ivar reason: why it is not run on one machine; empty where it is
    """

    section: str
    language: str
    text: str
    reason: str = ""

    def steps(self) -> list[Step]:
        """What is to be typed, and what comes of it."""
        joined = re.sub(r" *\\\n *", " ", self.text)
        found: list[Step] = []
        for line in joined.splitlines():
            if line.startswith(_PROMPTS):
                found.append(Step(line[2:], ""))
            elif found:
                last = found.pop()
                found.append(Step(last.command, f"{last.promised}{line}\n"))
        return found


def is_like(promised: str, printed: str) -> bool:
    """Whether that came which a page shows.

    ``...`` is anything in its line, and any lines where it stands alone.
    Tables are as wide as what is in them.
    """
    pattern = "".join(map(_pattern, _lines(promised)))
    came = "".join(f"{_narrow(line)}\n" for line in _lines(printed))
    return re.fullmatch(pattern, came) is not None


def _lines(text: str) -> list[str]:
    """The lines, without empty ones at the end."""
    return text.rstrip().splitlines()


def _narrow(line: str) -> str:
    """A line with one blank for several, and one dash."""
    return " ".join(_RULE.sub("---", line).split())


def _pattern(line: str) -> str:
    if line.strip() == ANYTHING:
        return r"(?:.*\n)*?"
    parts = _narrow(line).split(ANYTHING)
    return ".*".join(re.escape(part.strip()) for part in parts) + r"\n"


def section(title: str, path: pathlib.Path = MIGRATION) -> list[Block]:
    """The blocks below a title, in order.

    :raises StackError: there are none, or the title is not there
    """
    found = [one for one in blocks(path.read_text()) if one.section == title]
    if not found:
        raise errors.StackError(f"{path.name}: nothing to do below {title!r}")
    return found


def blocks(text: str) -> Iterator[Block]:
    """Every block of a page that says its language."""
    lines = text.splitlines()
    title = reason = ""
    for number, line in enumerate(lines[:-1]):
        if line and _LINE.fullmatch(lines[number + 1]):
            title = line.strip()
        if told := _REASON.fullmatch(line):
            reason = told[1]
        if found := _BLOCK.fullmatch(line):
            body = _body(lines[number + 1 :], len(found[1]))
            yield Block(title, found[2], body, reason)
            reason = ""


def _body(lines: list[str], depth: int) -> str:
    """The lines that are deeper than a directive."""
    body = []
    for line in lines:
        if line and len(line) - len(line.lstrip()) <= depth:
            break
        body.append(line)
    return textwrap.dedent("\n".join(body)).strip("\n") + "\n"
