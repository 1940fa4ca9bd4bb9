# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The import line between the rooms holds, and this would see if not."""

import pathlib

import ddt
import fixtures
import testtools

from tests.unit.common import rooms

ROOT = pathlib.Path(__file__).parents[3]


class TreeTest(testtools.TestCase):
    def test_the_line_holds(self) -> None:
        self.assertEqual([], rooms.violations(ROOT))

    def test_there_is_something_to_look_at(self) -> None:
        self.assertTrue((ROOT / "storpool_common" / "client.py").is_file())

    def test_every_package_is_a_room(self) -> None:
        packages = {
            path.parent.name
            for path in ROOT.glob("*_*/__init__.py")
            if "storpool" in path.parent.name
        }
        self.assertEqual(set(), packages - set(rooms.PACKAGES))


@ddt.ddt
class CheckerTest(testtools.TestCase):
    """A made-up tree with one import in it."""

    def found(self, file: str, text: str) -> list[str]:
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        path = root / file
        path.parent.mkdir(parents=True)
        path.write_text(f'"""A module."""\n{text}\n')
        return rooms.violations(root)

    @ddt.data(
        ("storpool_common/client.py", "import cinder"),
        ("storpool_common/client.py", "import nova.conf"),
        ("storpool_common/client.py", "from os_brick import initiator"),
        ("storpool_common/client.py", "from oslo_config import cfg"),
        ("storpool_common/client.py", "import oslo_utils.units"),
        ("storpool_common/client.py", "import eventlet"),
        ("storpool_common/client.py", "import yaml"),
        ("storpool_common/config_source.py", "import prettytable"),
        ("storpool_common/client.py", "import os_brick_storpool"),
        ("storpool_common/client.py", "from storpool_simulator import cli"),
        ("storpool_common/config_source.py", "import cinder"),
        ("storpool_common/a/b.py", "def f():\n    import nova"),
        ("storpool_common/a.py", "__import__('cinder.volume')"),
        ("storpool_common/a.py", "importlib.import_module('nova.conf')"),
        ("os_brick_storpool/connector.py", "from cinder import utils"),
        ("os_brick_storpool/connector.py", "import nova_storpool.volume"),
        ("os_brick_storpool/connector.py", "import glance.api"),
        ("cinder_storpool/driver.py", "from nova import objects"),
        ("cinder_storpool/driver.py", "from nova_storpool import volume"),
        ("cinder_storpool/driver.py", "import storpool_simulator"),
        ("nova_storpool/volume.py", "import cinder.volume"),
        ("nova_storpool/volume.py", "from cinder_storpool import driver"),
        ("glance_storpool/store.py", "import nova"),
        ("storpool_simulator/http.py", "from storpool_common import client"),
        ("storpool_simulator/http.py", "from storpool_common import config"),
        ("storpool_simulator/http.py", "import storpool_common"),
        ("storpool_simulator/http.py", "import oslo_log.log"),
        ("storpool_simulator/testing.py", "import storpool_common.client"),
        ("storpool_common/a/b.py", "from ...cinder_storpool import driver"),
    )
    @ddt.unpack
    def test_what_is_not_on_the_map(self, file: str, text: str) -> None:
        (found,) = self.found(file, text)
        self.assertTrue(found.startswith(f"{file}:"), found)
        self.assertIn("may not import", found)

    @ddt.data(
        ("storpool_common/client.py", "import urllib3\nimport msgspec"),
        ("storpool_common/client.py", "from storpool_common import errors"),
        ("storpool_common/config_source.py", "from oslo_config import cfg"),
        ("storpool_common/cli/main.py", "import oslo_config.cfg"),
        ("storpool_common/cli/output.py", "import prettytable\nimport yaml"),
        ("storpool_common/a/b.py", "from . import c\nfrom .. import errors"),
        ("storpool_common/a/__init__.py", "from .b import c"),
        ("os_brick_storpool/connector.py", "from os_brick import utils"),
        ("os_brick_storpool/connector.py", "import storpool_common.client"),
        ("cinder_storpool/driver.py", "import cinder\nimport oslo_log.log"),
        ("cinder_storpool/driver.py", "import os_brick_storpool.connector"),
        ("nova_storpool/volume.py", "from nova.virt.libvirt import driver"),
        ("storpool_simulator/http.py", "from storpool_common import api"),
        ("storpool_simulator/http.py", "import storpool_common.api.volumes"),
        ("storpool_simulator/testing.py", "import storpool_common.config"),
        ("storpool_simulator/http.py", "import cheroot.wsgi"),
        ("storpool_common/client.py", "import cinderclient"),
        ("tests/unit/test_x.py", "import cinder\nimport nova"),
    )
    @ddt.unpack
    def test_what_is(self, file: str, text: str) -> None:
        self.assertEqual([], self.found(file, text))
