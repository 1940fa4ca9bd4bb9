# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every text with which our code tells somebody that something is wrong.

They are read out of the source: what is raised, what is handed to an error's
class or to one of the helpers that make errors, and what is logged as a
warning or an error. What a text says only at run time is a gap in it.
"""

import ast
from collections.abc import Iterator
import dataclasses
import pathlib
import re

from tests.runner import suites

ROOT = pathlib.Path(__file__).parents[3]
#: The simulator speaks as a cluster does; what it says is the API's.
PACKAGES = tuple(
    package for package in suites.PACKAGES if package != "storpool_simulator"
)
#: What stands for a part that is not known before the code runs.
GAP = "\0"
#: Functions that take a text and make an error or a warning of it.
HELPERS = {"_bad", "_taken", "add_note", "malformed", "refused", "say"}
#: Functions whose answer becomes part of a message.
ANSWERS = {"_hint"}
#: Raised for code that calls ours wrongly, or caught before anybody sees it.
INTERNAL = {"ValueError", "OSError", "_UnknownShape", "NotImplementedError"}
_OURS = re.compile(r"^class (\w+)\(", re.MULTILINE)
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdrg]")
_LEVELS = {"warning", "error", "exception"}


@dataclasses.dataclass(frozen=True)
class Message:
    """A text, and where the code has it."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text.replace(GAP, '...')}"


def messages() -> list[Message]:
    """All of them."""
    files = [
        file
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
    ]
    return [
        message
        for file in files
        for message in Module(
            str(file.relative_to(ROOT)),
            ast.parse(file.read_text(encoding="utf-8")),
        ).messages()
    ]


def errors() -> set[str]:
    """The names of our errors."""
    tree = (ROOT / "storpool_common" / "errors.py").read_text()
    return {"Mistake", *_OURS.findall(tree)}


class Module:
    """One file of ours."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._name = name
        self._errors = errors()
        self._functions = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        ]

    def messages(self) -> Iterator[Message]:
        """Its texts, function by function."""
        for function in self._functions:
            if function.name in ANSWERS:
                yield from self._answered(function)
            raised = _raised(function)
            for call in _calls(function):
                if self._tells(call) or _is_ours(raised.get(id(call))):
                    yield from self._said(call, function)

    def _answered(self, function: ast.FunctionDef) -> Iterator[Message]:
        for value in _returned(function):
            text = _text(value)
            if _is_sentence(text):
                yield Message(f"{self._name}:{value.lineno}", text)

    def _tells(self, call: ast.Call) -> bool:
        name = ast.unparse(call.func)
        last = name.rpartition(".")[2]
        if name.startswith("LOG."):
            return last in _LEVELS
        if name.startswith("exception."):
            return True
        return last in self._errors | HELPERS

    def _said(
        self, call: ast.Call, function: ast.FunctionDef
    ) -> Iterator[Message]:
        where = f"{self._name}:{call.lineno}"
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        for argument in given:
            for text in self._texts(argument, function):
                if _is_sentence(text):
                    yield Message(where, " ".join(text.split()))

    def _texts(
        self, node: ast.expr, function: ast.FunctionDef
    ) -> Iterator[str]:
        """What an argument may be: text, or a name or call that gives it."""
        if isinstance(node, ast.Name):
            for value in _assigned(node.id, function):
                yield from self._texts(value, function)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            for other in self._functions:
                if other.name == called:
                    yield from map(_text, _returned(other))
        else:
            yield _text(node)


def _raised(function: ast.FunctionDef) -> dict[int, str]:
    """What is called in a ``raise``, by the number of the call."""
    return {
        id(node.exc): ast.unparse(node.exc.func)
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }


def _is_ours(raised: str | None) -> bool:
    if raised is None or raised.startswith("http.client."):
        return False
    return raised not in INTERNAL


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """The calls of a function, without those of functions inside it."""
    inner = {
        id(node)
        for child in ast.walk(function)
        if isinstance(child, ast.FunctionDef) and child is not function
        for node in ast.walk(child)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and id(node) not in inner:
            yield node


def _assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and name in map(
            ast.unparse, node.targets
        ):
            yield node.value


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _PLACEHOLDER.sub(GAP, node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) for value in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    return GAP


def _is_sentence(text: str) -> bool:
    return len(re.findall(r"[A-Za-z']{2,}", text)) >= 2
