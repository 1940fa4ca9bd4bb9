# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The templates of the configuration files."""

import configparser
import pathlib

import fixtures
import testtools

from tests.stack import configuration
from tests.stack import errors
from tests.stack import layout


class TemplatesTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.place = layout.Layout.at(path)
        self.ports = layout.choose_ports(31000, {"glance": 9292})
        self.values = configuration.values(self.place, self.ports, "qemu")

    def parse(self, text):
        parser = configparser.ConfigParser(
            interpolation=None, strict=False, allow_no_value=True
        )
        parser.read_string(text)
        return parser

    def test_every_service_authenticates_as_itself(self):
        for name, user in configuration.SERVICES.items():
            text = configuration.for_service(name, self.values)
            parsed = self.parse(text)
            if user != "keystone":
                section = parsed["keystone_authtoken"]
                self.assertEqual(user, section["username"], name)
                self.assertEqual(
                    "http://127.0.0.1:31000/v3", section["auth_url"]
                )
            self.assertNotIn("${", text)

    def test_every_template_is_used(self):
        parts = {"authtoken.conf", "credentials.conf"}
        others = {
            "libvirtd.conf", "qemu.conf", "env", "cinder-alone.conf",
            *configuration.OTHERS, *configuration.SERVICES,
        }  # fmt: skip
        self.assertEqual(
            parts | others,
            {path.name for path in layout.TEMPLATES.iterdir()},
        )

    def test_our_drivers_are_configured(self):
        cinder = self.parse(
            configuration.for_service("cinder.conf", self.values)
        )
        nova = self.parse(configuration.for_service("nova.conf", self.values))
        for parsed in (cinder, nova):
            source = parsed["DEFAULT"]["config_source"]
            self.assertEqual("storpool", parsed[source]["driver"])
        for backend in cinder["DEFAULT"]["enabled_backends"].split(","):
            self.assertEqual(
                "cinder_storpool.driver.StorPoolDriver",
                cinder[backend]["volume_driver"],
            )
            self.assertEqual(
                "true", cinder[backend]["storpool_require_connector"]
            )

    def test_both_services_decrypt_with_one_key(self):
        keys = {
            self.parse(configuration.for_service(name, self.values))[
                "key_manager"
            ]["fixed_key"]
            for name in ("cinder.conf", "nova.conf")
        }
        self.assertEqual({self.place.secrets["fixed_key"]}, keys)

    def test_a_port_reaches_its_users(self):
        text = configuration.for_service("nova.conf", self.values)
        self.assertEqual(
            "http://127.0.0.1:9292", self.parse(text)["glance"]["api_servers"]
        )

    def test_a_value_that_is_missing(self):
        error = self.assertRaises(
            errors.StackError, configuration.render, "my.cnf", {}
        )
        self.assertIn("my.cnf", str(error))

    def test_the_environment_names_our_directory(self):
        environment = configuration.environment(self.place)
        for value in (
            environment["STORPOOL_CONF"], environment["OS_NOVA_CONFIG_DIR"]
        ):  # fmt: skip
            self.assertTrue(
                pathlib.Path(value).is_relative_to(self.place.directory)
            )
        self.assertIn("127.0.0.1", environment["no_proxy"])
