# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The ways in which we come to lie beside a service's modules."""

import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig

import fixtures

from tests import programs

#: What a distribution is built from, beside its packages.
FILES = (
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    "README.rst",
    "requirements.txt",
)
VERSION = "7.8.9"


def _packages():
    setup = configparser.ConfigParser()
    setup.read(programs.ROOT / "setup.cfg")
    return setup["files"]["packages"].split()


def _run(*command, **options):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, **options
    )
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")


class Layout(fixtures.Fixture):
    """An interpreter that has the services, and us.

    :ivar python: the interpreter.
    :ivar environ: what its processes need in their environment.
    """

    def __init__(self, kind):
        self._kind = kind
        self.environ = {}

    def _setUp(self):  # noqa: N802
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._source = self.path / "source"
        self._source.mkdir()
        for name in (*_packages(), *FILES):
            path = programs.ROOT / name
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, self._source / name)
        self._make_venv()
        getattr(self, f"_{self._kind}")()

    def _make_venv(self):
        home = self.path / "venv"
        _run(sys.executable, "-m", "venv", "--without-pip", str(home))
        self.python = home / "bin" / "python"
        site = pathlib.Path(
            sysconfig.get_path("purelib", "venv", {"base": str(home)})
        )
        # The services themselves, which take minutes to install.
        (site / "services.pth").write_text(sysconfig.get_path("purelib"))

    def _wheel(self):
        self._pip("install", self._built())

    def _editable(self):
        self._pip("install", "--no-build-isolation", "-e", self._source)

    def _split(self):
        """As distributions and containers may have it."""
        beside = self.path / "beside"
        self._pip("install", "--target", beside, self._built())
        self.environ["PYTHONPATH"] = str(beside)

    def _built(self):
        wheels = self.path / "wheels"
        self._pip("wheel", "--no-build-isolation", "-w", wheels, self._source)
        (wheel,) = wheels.glob("*.whl")
        return wheel

    def _pip(self, command, *arguments):
        _run(
            sys.executable,
            "-m",
            "pip",
            *("--python", str(self.python)),
            command,
            *("-q", "--no-deps", "--no-index"),
            *map(str, arguments),
            env=os.environ | {"PBR_VERSION": VERSION},
        )
