# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The environment that these tests run in has everything installed."""

from collections.abc import Iterator
import importlib.metadata
import pathlib
import subprocess
import sys
import tempfile

import ddt
from packaging import requirements
import testtools

from tests.packaging import building
from tests.packaging import extras

OURS = "storpool-openstack"


@ddt.ddt
class EntryPointsTest(testtools.TestCase):
    def test_they_are_those_that_operators_are_told_of(self) -> None:
        found = importlib.metadata.distribution(OURS).entry_points
        self.assertEqual(
            [
                ("console_scripts", "storpool-openstack"),
                ("console_scripts", "storpool-simulator"),
                ("oslo.config.driver", "storpool"),
                ("oslo.config.opts", "storpool.cinder"),
                ("oslo.config.opts", "storpool.nova"),
                ("storpool_openstack.departure", "cinder"),
                ("storpool_openstack.doctor", "cinder"),
                ("storpool_openstack.doctor", "glance"),
                ("storpool_openstack.doctor", "nova"),
            ],
            sorted((entry.group, entry.name) for entry in found),
        )

    @ddt.data(
        *(
            (entry.group, entry.name)
            for entry in importlib.metadata.distribution(OURS).entry_points
        )
    )
    @ddt.unpack
    def test_each_loads(self, group: str, name: str) -> None:
        program = (
            "import importlib.metadata as m, sys; e, = ["
            f"e for e in m.distribution({OURS!r}).entry_points"
            f" if (e.group, e.name) == {(group, name)!r}];"
            " assert callable(e.load())"
        )
        done = subprocess.run(
            # Cinder and Nova warn of eventlet.
            [sys.executable, "-W", "ignore", "-c", program],
            capture_output=True,
            text=True,
        )
        self.assertEqual((0, ""), (done.returncode, done.stderr))


@ddt.ddt
class ExtrasTest(testtools.TestCase):
    """What an extra would install, by what is installed here."""

    def closure(self, extra: str) -> set[str]:
        seen: set[tuple[str, str]] = set()
        waiting = [(OURS, extra)]
        while waiting:
            found = waiting.pop()
            if found not in seen:
                seen.add(found)
                waiting += self.required(*found)
        return {name for name, _ in seen}

    def required(self, name: str, extra: str) -> Iterator[tuple[str, str]]:
        for line in importlib.metadata.requires(name) or ():
            wanted = requirements.Requirement(line)
            if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
                continue
            needed = wanted.name.lower().replace("_", "-")
            yield needed, ""
            for each in wanted.extras:
                yield needed, each

    # What docs brings is not in this environment.
    @ddt.data(*sorted(set(extras.EXTRAS) - {"docs"}))
    def test_it_brings_its_service_and_no_other(self, name: str) -> None:
        extra = extras.EXTRAS[name]
        found = self.closure(name)
        self.assertEqual(set(), set(extra.brings) - found)
        self.assertEqual(set(), set(extra.without) & found)


class SamplesTest(testtools.TestCase):
    def test_they_are_what_the_options_say(self) -> None:
        with tempfile.TemporaryDirectory(prefix="packaging-") as scratch:
            subprocess.run(
                [sys.executable, building.ROOT / "tools/samples", scratch],
                check=True,
            )
            for path in pathlib.Path(scratch).iterdir():
                committed = building.ROOT / "etc" / path.name
                self.assertEqual(
                    path.read_text(),
                    committed.read_text(),
                    "run tools/samples",
                )
