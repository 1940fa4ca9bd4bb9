# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of bin/packaging: each extra on each Python, clean."""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

from tests.packaging import building
from tests.packaging import environments
from tests.packaging import extras
from tests.packaging import pythons


def main() -> int:
    """Build, install and look; 0 when nothing was wrong."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="storpool-packaging-") as scratch:
        matrix = Matrix(pathlib.Path(scratch))
        try:
            matrix.build()
        except (building.BuildFailed, subprocess.CalledProcessError) as error:
            print(f"bin/packaging: cannot build: {error}", file=sys.stderr)
            print("0 passed, 1 failed")
            return 1
        for version in options.python:
            matrix.run(version, options.extra)
    print(f"{matrix.passed} passed, {matrix.failed} failed")
    return 1 if matrix.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/packaging",
        description="Build the distribution and install it into a clean"
        " environment for each extra and each Python: no conflict, no other"
        " service dragged in, every entry point loads.",
    )
    parser.add_argument(
        "--python",
        nargs="+",
        default=pythons.VERSIONS,
        metavar="VERSION",
        help="default: %(default)s",
    )
    parser.add_argument(
        "--extra",
        nargs="+",
        default=list(extras.EXTRAS),
        choices=list(extras.EXTRAS),
        help="'' stands for none; default: each",
    )
    return parser


class Matrix:
    """Everything that is tried with one build.

    :param scratch: a directory for the build and for the environments.
    """

    def __init__(self, scratch: pathlib.Path) -> None:
        self._scratch = scratch
        self._started = time.monotonic()
        self.passed = 0
        self.failed = 0

    def build(self) -> None:
        """Make a wheel and an sdist of the tree.

        :raises BuildFailed: and there is nothing to try.
        """
        tools = environments.Environment(self._scratch / "tools")
        tools.create(sys.executable)
        problems = tools.install("build")
        if problems:
            raise building.BuildFailed("\n".join(problems))
        target = self._scratch / "dist"
        self._sdist, self._wheel = sorted(
            building.build(
                building.copy(self._scratch / "tree"), target, tools.python
            ),
            key=lambda path: path.suffix == ".whl",
        )
        version = building.wheel_metadata(self._wheel)["Version"]
        self._show("build", f"{self._wheel.name}, version {version}", [])

    def run(self, version: str, names: list[str]) -> None:
        """Try the wheel with each extra, and the sdist without any."""
        python = pythons.find(version)
        if python is None:
            self._show(version, "", ["no such Python with venv was found"])
            return
        for name in names:
            wanted = f"{self._wheel}[{name}]" if name else str(self._wheel)
            self._try(version, python, name, wanted)
        self._try(version, python, "", str(self._sdist))

    def _try(self, version: str, python: str, name: str, wanted: str) -> None:
        environment = environments.Environment(self._scratch / "environment")
        try:
            environment.create(python)
            problems = environment.install(wanted) or environment.problems(
                extras.EXTRAS[name]
            )
        except subprocess.CalledProcessError as error:
            problems = [str(error), str(error.stdout)]
        finally:
            environment.remove()
        kind = "sdist" if wanted == str(self._sdist) else "wheel"
        self._show(f"{version} {kind}", f"[{name}]", problems)

    def _show(self, what: str, detail: str, problems: list[str]) -> None:
        seconds = int(time.monotonic() - self._started)
        word = "FAILED" if problems else "ok"
        print(
            f"{seconds // 60:2}:{seconds % 60:02}  {what:12} {detail} {word}",
            flush=True,
        )
        for line in problems:
            print(f"    {line}", flush=True)
        if problems:
            self.failed += 1
        else:
            self.passed += 1
