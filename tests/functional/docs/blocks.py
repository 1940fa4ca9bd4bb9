# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The literal blocks of a page, and what is to be done with each.

A session is a block ``.. code-block:: console``: lines that begin with a
prompt, ``$`` or ``#``, are typed; what stands below one is what comes of it,
and ``...`` in there is anything. A line that ends with a backslash goes on in
the next one. ``.. code-block:: python`` is a program, and a block whose name
is a path is that file. What cannot run on one machine has a comment before it:
``.. not-run: REASON``, with one of the reasons that are known.
"""

from collections.abc import Iterator
import dataclasses
import pathlib
import re

from docutils import frontend
from docutils import nodes
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from docutils.utils import Reporter

ROOT = pathlib.Path(__file__).parents[3]
SOURCE = ROOT / "doc" / "source"
CONSOLE = "console"
PYTHON = "python"
_PROMPTS = ("$ ", "# ")
_REASON = re.compile(r"not-run:\s+(\S.*)", re.DOTALL)
_SESSION = re.compile(r"^ *\.\. code-block:: console$", re.MULTILINE)
_INCLUDED = re.compile(r"^\.\. include:: (\S+)$", re.MULTILINE)
#: What is not typed on one host, and what types it instead.
REASONS = {
    "it needs Cinder": "tests.functional.docs.test_cinder",
    "it needs a cloud": "bin/stack scenarios documented switching",
    "it is a cloud of its own": "bin/pages, and the programs themselves",
    "it is what a module has": "nothing: it is to be read",
    "it is what a service writes": "nothing: it is to be read",
    "it is what runs this page": "bin/test itself",
    "it is what runs these pages": "bin/test itself",
    "it needs StorPool's patches": "nothing",
    "it needs a cluster": "nothing",
    "it needs a guest with a network": "bin/tempest, in a way of its own",
    "it needs a package registry": "tests.packaging, with a wheel of ours",
    "it takes long": "bin/test, with fewer rounds",
    "it takes minutes and a quiet machine": "the command itself, by hand",
}
#: What a block may be in.
LANGUAGES = {CONSOLE, PYTHON, "ini", "rst", "text"}
#: How a line begins that somebody is to type.
_TYPED = re.compile(
    r"(?:[$#] )?(?:bin/|/tmp/\S+/bin/|python3? -m|pip |openstack |cinder "
    r"|nova |storpool-|curl |systemctl |install -d|chown |chmod |ls |kill "
    r"|export )"
)


@dataclasses.dataclass(frozen=True)
class Step:
    """One command of a session, and what it is to print."""

    command: str
    output: str


@dataclasses.dataclass(frozen=True)
class Block:
    """A literal block of a page.

    :ivar language: empty where the page does not say it.
    :ivar file: which file it is to be, empty for none.
    :ivar reason: why it is not run, None where it is.
    """

    language: str
    text: str
    reason: str | None
    file: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is to be run, or written."""
        if self.reason is not None:
            return False
        return self.language in (CONSOLE, PYTHON) or bool(self.file)

    @property
    def is_forgotten(self) -> bool:
        """Whether it is something to type that nobody would try."""
        if self.reason is not None:
            return self.reason not in REASONS
        if self.language in (CONSOLE, PYTHON):
            return False
        if self.language not in LANGUAGES:
            # What only Sphinx knows has no language, and is no text either.
            return not self.text.startswith(".. ")
        return any(_TYPED.match(line) for line in self.text.splitlines())

    def steps(self) -> list[Step]:
        """The commands of a session, or what comes to the same."""
        if self.file:
            directory = pathlib.Path(self.file).parent
            write = f"cat >{self.file} <<'END'\n{self.text}\nEND"
            return [Step(f"mkdir -p {directory}\n{write}", "")]
        if self.language == PYTHON:
            return [Step(f"python - <<'END'\n{self.text}\nEND", "")]
        found: list[Step] = []
        for line in self.text.splitlines():
            last = found[-1] if found else None
            if last and not last.output and last.command.endswith("\\"):
                found[-1] = Step(f"{last.command}\n{line}", "")
            elif line.startswith(_PROMPTS):
                found.append(Step(line[2:], ""))
            elif last:
                output = f"{last.output}{line}\n"
                found[-1] = Step(last.command, output)
            else:
                raise ValueError(f"no prompt before {line!r}")
        return found


def pages() -> dict[str, pathlib.Path]:
    """Everything that is written for readers, by its name."""
    written = [
        *(ROOT / name for name in ("README.rst", "CONTRIBUTING.rst")),
        *SOURCE.rglob("*.rst"),
    ]
    return {
        str(path.relative_to(SOURCE if SOURCE in path.parents else ROOT)): path
        for path in sorted(written)
        if SOURCE / "reference" / "api" not in path.parents
    }


def sessions(path: pathlib.Path) -> int:
    """How many sessions a page has by its text; none may get lost."""
    shown = "\n".join(each.text for each in blocks(path))
    text = path.read_text(encoding="utf-8")
    for name in _INCLUDED.findall(text):
        text += (path.parent / name).read_text(encoding="utf-8")
    return len(_SESSION.findall(text)) - len(_SESSION.findall(shown))


def blocks(path: pathlib.Path) -> list[Block]:
    """The literal blocks of a page, in order."""
    return list(_blocks(_document(path)))


def literals(path: pathlib.Path) -> list[str]:
    """What sentences of a page show as code, on one line each."""
    found = _document(path).findall(nodes.literal)
    return [" ".join(node.astext().split()) for node in found]


def _document(path: pathlib.Path) -> nodes.document:
    """Read a page; what only Sphinx knows is left out."""
    settings = frontend.get_default_settings(Parser)
    settings.report_level = Reporter.SEVERE_LEVEL + 1
    document = new_document(str(path), settings)
    Parser().parse(path.read_text(encoding="utf-8"), document)
    return document


def _blocks(document: nodes.document) -> Iterator[Block]:
    for node in document.findall(nodes.literal_block):
        languages = [kind for kind in node["classes"] if kind != "code"]
        yield Block(
            language=languages[0] if languages else "",
            text=node.astext(),
            reason=_reason(node),
            file=next(
                (name for name in node["names"] if name.startswith("/")), ""
            ),
        )


def _reason(node: nodes.Node) -> str | None:
    before = node.previous_sibling()
    if not isinstance(before, nodes.comment):
        return None
    found = _REASON.fullmatch(before.astext())
    return " ".join(found[1].split()) if found else None
