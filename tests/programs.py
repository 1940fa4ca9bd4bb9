# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that run in a process of their own, as the services do."""

import configparser
import json
import os
import pathlib
import subprocess
import sys
import textwrap

import fixtures

ROOT = pathlib.Path(__file__).parents[1]

#: What a process does before anything else, by the way it does threads.
MODES = {
    "threads": "",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
    "forbidden": "from tests import concurrency; concurrency.forbidden()",
}


class Programs(fixtures.Fixture):
    """Runs Python programs with modules, files and an installed us.

    :ivar path: a directory on their module path.
    """

    def _setUp(self) -> None:  # noqa: N802
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf = self.path / "storpool.conf"
        self.conf.write_text("SP_AUTH_TOKEN=70537053\nSP_OURID=7\n")

    def module(self, name: str, text: str) -> None:
        """Put a module on the path, and its packages."""
        file = self.path.joinpath(*name.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        for package in file.relative_to(self.path).parents[:-1]:
            (self.path / package / "__init__.py").touch()
        file.write_text(textwrap.dedent(text))

    def install(self) -> None:
        """Make the entry points of setup.cfg known, as pip would."""
        directory = self.path / "storpool_openstack-1.2.3.dist-info"
        directory.mkdir()
        (directory / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: storpool-openstack\nVersion: 1.2.3\n"
        )
        setup = configparser.ConfigParser()
        setup.read(ROOT / "setup.cfg")
        (directory / "entry_points.txt").write_text(
            "".join(
                f"[{group}]{text}\n"
                for group, text in setup["entry_points"].items()
            )
        )

    def run(self, program: str, mode: str = "threads"):
        """Run a program.

        :returns: what it gave to ``show()``, and its output, which is its log.
        """
        text = textwrap.dedent(program)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", f"{PRELUDE}\n{text}"],
            env=self._environment(mode),
            cwd=self.path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise AssertionError(done.stderr)
        shown = (self.path / "shown.json").read_text()
        return json.loads(shown), done.stdout + done.stderr

    def _environment(self, mode: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SP_", "STORPOOL_", "OS_"))
        }
        return kept | {
            "PROGRAM_MODE": mode,
            "PYTHONPATH": f"{self.path}:{ROOT}",
            "STORPOOL_CONF": str(self.conf),
            "STORPOOL_CONF_DIR": str(self.path / "storpool.conf.d"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
        }


PRELUDE = """
import os
from tests import programs
exec(programs.MODES[os.environ["PROGRAM_MODE"]])
import json
import logging
import sys

def show(*things):
    with open("shown.json", "w") as file:
        json.dump(things, file)
"""
