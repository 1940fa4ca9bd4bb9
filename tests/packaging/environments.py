# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Clean virtual environments, one for each thing to try."""

import dataclasses
import json
import pathlib
import shutil
import subprocess

from tests.packaging import building
from tests.packaging import extras
from tests.runner import suites

INSIDE = pathlib.Path(__file__).with_name("inside.py")
CONSTRAINTS = building.ROOT / "upper-constraints.txt"
#: Lines of a failed command to show.
TAIL = 8


@dataclasses.dataclass(frozen=True)
class Environment:
    """A virtual environment of one Python with our distribution in it."""

    directory: pathlib.Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.directory / "bin" / "python")

    def create(self, python: str) -> None:
        """Make it, with the pip of that Python.

        :raises subprocess.CalledProcessError: with the output.
        """
        _run(python, "-m", "venv", "--clear", str(self.directory))

    def install(self, what: str) -> list[str]:
        """Install under our constraints; returns what went wrong."""
        return _said(
            self.python, *_INSTALL, "--constraint", str(CONSTRAINTS), what
        )

    def problems(self, extra: extras.Extra) -> list[str]:
        """What pip check, and a look from within, find wrong."""
        wanted = dataclasses.asdict(extra) | {
            "modules": extras.EVERYWHERE + extra.modules,
            "packages": suites.PACKAGES,
        }
        found = subprocess.run(
            [self.python, "-I", str(INSIDE), json.dumps(wanted)],
            capture_output=True,
            text=True,
        )
        return [
            *_said(self.python, *_PIP, "check"),
            *(found.stdout + found.stderr).splitlines(),
        ]

    def remove(self) -> None:
        """Take it away."""
        shutil.rmtree(self.directory, ignore_errors=True)


# Isolated: PYTHONPATH names this tree, and pip would find us installed there.
_PIP = ("-I", "-m", "pip", "--disable-pip-version-check")
_INSTALL = (*_PIP, "install", "--quiet")


def _run(*command: str) -> None:
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _said(*command: str) -> list[str]:
    try:
        _run(*command)
    except subprocess.CalledProcessError as error:
        return str(error.stdout).strip().splitlines()[-TAIL:]
    return []
