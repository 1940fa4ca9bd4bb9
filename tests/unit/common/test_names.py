# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Names are those that StorPool's own integration gives."""

import importlib.metadata

import fixtures
import testtools

from storpool_common import names
from storpool_common import version

UUID = "0a7c5c2e-1c39-4f5b-a4f1-7e6d5a1f2b3c"


class NamesTest(testtools.TestCase):
    def test_volume(self) -> None:
        self.assertEqual(f"os--volume-{UUID}", names.volume_name("os", UUID))

    def test_snapshot(self) -> None:
        self.assertEqual(
            f"os--snap--none--snapshot-{UUID}",
            names.snapshot_name("os", UUID),
        )

    def test_ours(self) -> None:
        self.assertTrue(names.is_ours("os", names.volume_name("os", UUID)))
        self.assertTrue(names.is_ours("os", names.snapshot_name("os", UUID)))

    def test_not_ours(self) -> None:
        for name in ("os-volume-1", "os2--volume-1", "~a.b.c", "", "os"):
            self.assertFalse(names.is_ours("os", name), name)

    def test_global_id(self) -> None:
        self.assertEqual("~a.b.c", names.by_global_id("a.b.c"))
        self.assertEqual(
            "/dev/storpool-byid/a.b.c", names.device_path("a.b.c")
        )


class VersionTest(testtools.TestCase):
    def test_of_the_distribution(self) -> None:
        self.patch_metadata(lambda name: f"1.2.3 of {name}")
        self.assertEqual("1.2.3 of storpool-openstack", version.version())

    def test_not_installed(self) -> None:
        def absent(name: str) -> str:
            raise importlib.metadata.PackageNotFoundError(name)

        self.patch_metadata(absent)
        self.assertEqual("0+not.installed", version.version())

    def patch_metadata(self, function) -> None:
        self.useFixture(
            fixtures.MonkeyPatch("importlib.metadata.version", function)
        )
