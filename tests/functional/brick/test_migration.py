# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The code of the page for those who come from the vendor's helper."""

import functools
import pathlib
import re
import textwrap

import fixtures
import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.devices import Devices
from storpool_common.errors import UnknownRequest
from storpool_common.errors import ValidationError
from storpool_common.names import volume_name
from tests.functional.brick.base import LoopTestCase
from tests.functional.brick.base import SIZE

ROOT = pathlib.Path(__file__).parents[3]
_PYTHON = r"code-block:: python\n\n((?:   .*\n|\n)+)"
PAGE = ROOT / "doc" / "source" / "admin" / "migration.rst"


class MigrationPageTest(LoopTestCase):
    def setUp(self):
        super().setUp()
        self.make_volume()
        path = self.directory.join("storpool.conf")
        with open(path, "w", encoding="utf-8") as conf:
            for variable in self.values().items():
                print("=".join(variable), file=conf)
        for name, value in (
            ("STORPOOL_CONF", path),
            ("STORPOOL_CONF_DIR", self.directory.join("none")),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        self.useFixture(
            fixtures.MonkeyPatch(
                "storpool_common.attachments.opening.Devices",
                functools.partial(Devices, self.by_id(1)),
            )
        )

    def run_page(self):
        text = PAGE.read_text(encoding="utf-8")
        block = re.search(_PYTHON, _section(text))[1]
        found = {}
        exec(compile(textwrap.dedent(block), PAGE, "exec"), found)
        self.addCleanup(found["host"].close)
        return found

    def test_example(self):
        found = self.run_page()
        self.assertEqual(SIZE, found["attached"].size)
        self.assertEqual({}, self.attached())
        self.assertEqual([], found["host"].requests())

    def test_table(self):
        host = self.run_page()["host"]
        prefix = host.volume_prefix
        volume = Target(name=volume_name(prefix, "1"))
        snapshot = Target(name=f"{prefix}--volsnap-1--req-2", snapshot=True)
        self.api.snapshot_create(volume.name, {"name": snapshot.name})

        host.attach("mine:1", volume, "ro")
        host.attach("mine:2", snapshot, "ro")
        self.assertEqual(
            {(volume.name, 1): "ro", (snapshot.name, 1): "ro"},
            self.attached(),
        )
        self.assertEqual(
            ["mine:1", "mine:2"], [one.key for one in host.requests()]
        )
        self.assertRaises(
            ValidationError, host.attach, "mine:3", snapshot, "rw"
        )
        host.detach_unnamed(snapshot)
        host.detach("mine:1")
        with testtools.ExpectedException(UnknownRequest):
            host.detach("mine:1")
        self.assertEqual({}, self.attached())

        host.attach("mine:1", volume, "rw")
        self.api.volumes_reassign_wait(
            {"reassign": [{"volume": volume.name, "detach": "all"}]}
        )
        self.api.volume_delete(volume.name)
        host.detach("mine:1")
        self.assertEqual([], host.requests())


def _section(text):
    """What follows the heading of this section."""
    return text.partition("Code that used the vendor's helper\n")[2]
