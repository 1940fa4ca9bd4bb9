# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the guests are made of, and what one of them reads."""

import json
import pathlib
import re
import subprocess

import fixtures
import testtools

from tests.stack import image
from tests.stack import layout

META = {
    "uuid": "0",
    "public_keys": {"mine": "other"},
    "keys": [{"name": "mine", "type": "ssh", "data": "ecdsa AAAA= it\n"}],
    "hostname": "vm-one.novalocal",
    "name": "vm one, {the first}",
}
NETWORK = {
    "links": [{"id": "tap0", "ethernet_mac_address": "fa:16:3e:00:00:01"}],
    "networks": [
        {
            "id": "network0",
            "type": "ipv4",
            "ip_address": "10.77.1.5",
            "netmask": "255.255.0.0",
            "routes": [],
        }
    ],
}


class RecipesTest(testtools.TestCase):
    def test_their_files_are_there(self):
        for recipe in (image.TICKING, image.SPOKEN_TO):
            for path in recipe.sources:
                self.assertTrue(path.exists(), path)

    def test_they_do_not_share_an_image(self):
        place = layout.Layout.at("/somewhere")
        self.assertNotEqual(
            image.TICKING.where(place), image.SPOKEN_TO.where(place)
        )

    def test_what_both_can_do_comes_first(self):
        self.assertEqual(
            image.TICKING.modules,
            image.SPOKEN_TO.modules[: len(image.TICKING.modules)],
        )


class SessionTest(testtools.TestCase):
    """The functions of the guest's script, run by a shell of this machine."""

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        text = (image.GUEST / "session").read_text()
        self.functions = "\n".join(
            re.search(rf"^{name}\(\) {{\n.*?^}}$", text, re.M | re.S)[0]
            for name in ("pairs_of", "value_of")
        ).replace("/config/openstack/latest", str(self.directory))

    def value(self, name, described):
        (self.directory / "data.json").write_text(json.dumps(described))
        script = f"{self.functions}\npairs_of data.json >pairs\n"
        return subprocess.run(
            ["sh", "-euc", f"{script}value_of {name} pairs"],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def test_the_key_without_its_end_of_line(self):
        self.assertEqual("ecdsa AAAA= it", self.value("data", META))

    def test_the_name(self):
        self.assertEqual("vm-one.novalocal", self.value("hostname", META))

    def test_the_address(self):
        self.assertEqual("10.77.1.5", self.value("ip_address", NETWORK))
        self.assertEqual("255.255.0.0", self.value("netmask", NETWORK))

    def test_nothing_to_find(self):
        self.assertEqual("", self.value("ip_address", META))
