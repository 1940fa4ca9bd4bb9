# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What README and the page on the demo tell to type, typed in order.

Each of their sessions begins without a cloud, in the checkout, as it does for
a reader; the cloud that a session leaves running is stopped after it.
"""

import argparse
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile

from tests.stack import errors
from tests.stack import layout
from tests.stack import page
from tests.stack import report

REASON = "it is a cloud of its own"
PAGES = (layout.ROOT / "README.rst", page.SOURCE / "user/demo.rst")
DOWN = page.Step("bin/stack down", f"{page.ANYTHING}\n")
LAST_LINES = 15

Variables = Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Session:
    """What is typed into one shell.

    :ivar where: the page, and the title above it
    """

    where: str
    steps: Sequence[page.Step]


def sessions(paths: Sequence[pathlib.Path] = PAGES) -> Iterator[Session]:
    """Those of a cloud of their own; one that two pages have comes once."""
    seen: set[str] = set()
    for path in paths:
        for block in page.blocks(path.read_text()):
            steps = block.steps()
            typed = "\n".join(step.command for step in steps)
            if block.reason == REASON and typed not in seen:
                seen.add(typed)
                yield Session(f"{path.name}, {block.section}", steps)


def type_out(
    session: Session,
    progress: report.Report,
    directory: pathlib.Path = layout.ROOT,
) -> None:
    """Type a session, and see that what the page promises comes.

    :param directory: where it begins
    :raises StackError: a command failed, or printed something else
    """
    variables: Variables = os.environ
    for step in session.steps:
        with progress.step(step.command):
            variables = _typed(session, step, variables, directory)


def _typed(
    session: Session,
    step: page.Step,
    variables: Variables,
    directory: pathlib.Path,
) -> Variables:
    """Type one command.

    :return: the variables that a next one in the same shell finds
    """
    with tempfile.NamedTemporaryFile(prefix="storpool-pages-") as left:
        ended = subprocess.run(
            ["bash", "-ec", f"{step.command}\nenv -0 >{left.name}"],
            cwd=directory,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = left.read().decode()
    last = "\n".join(ended.stdout.splitlines()[-LAST_LINES:])
    where = f"{session.where}: {step.command}"
    if ended.returncode:
        raise errors.StackError(f"{where}: exit {ended.returncode}:\n{last}")
    if not step.fits(ended.stdout):
        raise errors.StackError(
            f"{where}: the page promises\n{step.promised}and what came ends"
            f" with\n{last}"
        )
    return dict(one.split("=", 1) for one in said.split("\0") if one)


def main(arguments: Sequence[str]) -> int:
    """Type them all.

    :return: the exit status: 0 when all came as it is promised
    """
    argparse.ArgumentParser(
        prog="bin/pages",
        description="Type what README and the page on the demo tell to type: "
        "bin/demo, and clouds of each kind, in .stack. It takes four minutes, "
        "and more where Debian packages are to be installed.",
    ).parse_args(arguments)
    progress = report.Report()
    try:
        for session in sessions():
            try:
                type_out(session, progress)
            finally:
                type_out(Session(session.where, [DOWN]), progress)
    except errors.StackError as error:
        progress.fail(error)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; bin/stack down removes what has started")
        return 130
    progress.say(f"typed after {progress.elapsed:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
