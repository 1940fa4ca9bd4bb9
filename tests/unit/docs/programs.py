# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a program would take what a page tells to type.

A program is read as far as its options are: nothing is done.
"""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import contextlib
import importlib
from importlib import metadata
import io
import re
import shlex
import sys
from unittest import mock

from cinderclient import shell as cinder

#: Programs whose ``main`` reads ``sys.argv``, with their first argument.
OURS = {
    "storpool-openstack": ("storpool_common.cli.main", ()),
    "storpool-simulator": ("storpool_simulator.cli", ()),
    "bin/conformance": ("tests.conformance.cli", ()),
    "bin/packaging": ("tests.packaging.cli", ()),
    "bin/test": ("tests.runner.cli", ()),
    "bin/demo": ("tests.stack.cli", ("demo",)),
    "bin/stack": ("tests.stack.cli", ("stack",)),
    "bin/tempest": ("tests.stack.cli", ("tempest",)),
    "python -m tests.benchmarks": ("tests.benchmarks.cli", ()),
    "python -m tests.fuzz": ("tests.fuzz.__main__", ()),
    "python -m tests.fuzz.openapi": ("tests.fuzz.openapi", ()),
    "python -m tests.soak": ("tests.soak.__main__", ()),
}
#: These want the arguments, not what stands in ``sys.argv``.
WITH_ARGUMENTS = {"tests.stack.cli"}
CINDER = "cinder"
OPENSTACK = "openstack"
PROGRAMS = sorted((*OURS, CINDER, OPENSTACK), key=len, reverse=True)

_GROUPS = tuple(
    f"openstack.{name}"
    for name in ("volume.v3", "compute.v2", "image.v2", "network.v2")
)
_VERSIONS = re.compile(r"--os-[a-z]+-api-version \S+")
_REDIRECTED = re.compile(r" [<>].*")


class Taken(Exception):
    """The options were read."""


def program_of(text: str) -> str | None:
    """The program that a text tells to type, None for none of these."""
    for name in PROGRAMS:
        if text == name or text.startswith(f"{name} "):
            return name
    return None


def refusal(text: str) -> str:
    """What a program says against a command, empty where it takes it."""
    name = program_of(text)
    if name is None or text == name:
        return ""
    typed = _REDIRECTED.sub("", _VERSIONS.sub("", text))
    words = shlex.split(typed.removeprefix(name))
    if name == OPENSTACK:
        return _said(lambda: _openstack(words))
    if name == CINDER:
        shell = cinder.OpenStackCinderShell()
        return _said(lambda: shell.main(words))
    return _said(lambda: _ours(name, words))


def _said(call: Callable[[], object]) -> str:
    """Read options, and no more than that."""
    read = argparse.ArgumentParser.parse_args

    def parse_args(
        parser: argparse.ArgumentParser, *arguments: object, **more: object
    ) -> None:
        read(parser, *arguments, **more)
        raise Taken

    said = io.StringIO()
    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", parse_args),
        contextlib.redirect_stderr(said),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(Taken),
    ):
        try:
            call()
        except SystemExit as ended:
            return (said.getvalue() or str(ended.code)) if ended.code else ""
        return "its options were not read"
    return ""


def _ours(name: str, words: Sequence[str]) -> None:
    module, first = OURS[name]
    main = importlib.import_module(module).main
    arguments = [*first, *words]
    with mock.patch.object(sys, "argv", [name, *arguments]):
        main(arguments) if module in WITH_ARGUMENTS else main()


def _openstack(words: Sequence[str]) -> None:
    """Read a command of python-openstackclient; a name alone may stand."""
    known = {
        point.name: point
        for group in _GROUPS
        for point in metadata.entry_points(group=group)
    }
    for count in range(len(words), 0, -1):
        point = known.get("_".join(words[:count]).replace("-", "_"))
        if point is None:
            continue
        if count == len(words):
            raise Taken
        command = point.load()(mock.Mock(), None)
        command.get_parser(point.name).parse_args(words[count:])
    sys.exit(f"openstack has no command {words}")
