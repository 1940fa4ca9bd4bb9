# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The wheel and the sdist of this tree, built once."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

from packaging import requirements
import testtools

from tests.functional.docs import blocks
from tests.packaging import building
from tests.packaging import extras
from tests.runner import suites

#: The environment of the tests has what a build needs.
OPTIONS = ("--no-isolation", "--skip-dependency-check")
INSTALL = "pip install 'storpool-openstack"


class DistributionTest(testtools.TestCase):
    """What is in them, and what they say of themselves."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        scratch = tempfile.TemporaryDirectory(prefix="packaging-")
        cls.addClassCleanup(scratch.cleanup)
        root = pathlib.Path(scratch.name)
        cls.sdist, cls.wheel = sorted(
            building.build(
                building.copy(root / "tree"),
                root / "dist",
                sys.executable,
                *OPTIONS,
            ),
            key=lambda path: path.suffix == ".whl",
        )
        cls.metadata = building.wheel_metadata(cls.wheel)

    def test_the_wheel_has_the_packages_and_nothing_else(self) -> None:
        tops = {
            name.partition("/")[0]
            for name in building.wheel_files(self.wheel)
            if ".dist-info/" not in name
        }
        self.assertEqual(set(suites.PACKAGES), tops)

    def test_what_pages_tell_to_install_is_there(self) -> None:
        commands = {
            step.command
            for path in blocks.pages().values()
            for block in blocks.blocks(path)
            if block.language == blocks.CONSOLE
            for step in block.steps()
            if step.command.startswith(INSTALL)
        }
        self.assertEqual(3, len(commands))
        known = set(self.metadata.get_all("Provides-Extra"))
        for command in commands:
            said = self.install(command)
            self.assertIn("Would install storpool-openstack-", said)
            # Without requirements pip says nothing of an unknown extra.
            wanted = requirements.Requirement(shlex.split(command)[2])
            self.assertEqual(set(), wanted.extras - known)

    def install(self, command: str) -> str:
        """Type it where the wheel is what there is, and nothing is done."""
        here = {
            "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/bin:/bin",
            "PIP_DRY_RUN": "1",
            "PIP_FIND_LINKS": str(self.wheel.parent),
            "PIP_IGNORE_INSTALLED": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_INDEX": "1",
        }
        return subprocess.run(
            ["sh", "-c", command],
            env=os.environ | here,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ).stdout

    def test_every_module_is_in_the_wheel(self) -> None:
        here = {
            str(path.relative_to(building.ROOT))
            for package in suites.PACKAGES
            for path in (building.ROOT / package).rglob("*.py")
        }
        self.assertEqual(set(), here - building.wheel_files(self.wheel))

    def test_every_package_says_that_it_is_typed(self) -> None:
        files = building.wheel_files(self.wheel)
        for package in suites.PACKAGES:
            self.assertIn(f"{package}/py.typed", files)

    def test_the_page_of_the_simulator_is_in_the_wheel(self) -> None:
        self.assertIn(
            "storpool_simulator/page.html", building.wheel_files(self.wheel)
        )

    def test_the_sdist_has_the_tree(self) -> None:
        wanted = {
            "LICENSE",
            "README.rst",
            "devstack/plugin.sh",
            "doc/source/index.rst",
            "etc/storpool-cinder.conf.sample",
            "setup.cfg",
            "tests/packaging/inside.py",
            "upper-constraints.txt",
            "zuul.d/jobs.yaml",
        }
        self.assertEqual(set(), wanted - building.sdist_files(self.sdist))

    def test_the_metadata(self) -> None:
        self.assertEqual("storpool-openstack", self.metadata["Name"])
        self.assertEqual(">=3.11", self.metadata["Requires-Python"])
        self.assertEqual("Apache-2.0", self.metadata["License"])
        self.assertEqual(
            sorted(filter(None, extras.EXTRAS)),
            sorted(self.metadata.get_all("Provides-Extra", [])),
        )

    def test_without_extras_no_service_is_required(self) -> None:
        plain = [
            line
            for line in self.metadata.get_all("Requires-Dist", [])
            if "extra ==" not in line
        ]
        self.assertNotEqual([], plain)
        for name in (*extras.SERVICES, "os-brick"):
            self.assertEqual(
                [], [line for line in plain if line.startswith(name)]
            )


class VersionTest(testtools.TestCase):
    """The version comes from git."""

    def setUp(self) -> None:
        super().setUp()
        scratch = tempfile.TemporaryDirectory(prefix="packaging-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.tree = building.copy(self.scratch / "tree")
        self.git("commit", "--allow-empty", "--quiet", "--message", "x")
        self.git("tag", "--annotate", "--message", "x", "9.8.0")

    def git(self, *words: str) -> None:
        building.git("-C", str(self.tree), *words)

    def version(self) -> str:
        target = self.scratch / "dist"
        (wheel,) = building.build(
            self.tree, target, sys.executable, "--wheel", *OPTIONS
        )
        return str(building.wheel_metadata(wheel)["Version"])

    def test_a_tag_is_the_version(self) -> None:
        self.assertEqual("9.8.0", self.version())

    def test_a_commit_behind_a_tag_is_before_the_next_version(self) -> None:
        self.git("commit", "--allow-empty", "--quiet", "--message", "y")
        self.assertEqual("9.8.1.dev1", self.version())
