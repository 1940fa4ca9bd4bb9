# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The templates of the configuration files."""

import configparser
import pathlib

import fixtures
import testtools

from tests.stack import configuration
from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout


class TemplatesTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.place = layout.Layout.at(path)
        self.ports = layout.choose_ports(31000, {"glance": 9292})
        common = configuration.values(self.place, self.ports, "qemu")
        self.values = {**common, **drivers.OURS.values}
        self.in_tree = {**common, **drivers.IN_TREE.values}

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
            "libvirtd-host.conf", "libvirtd-peer.conf", "qemu-host.conf",
            "qemu-peer.conf", "nova-peer.conf", "env", "cinder-alone.conf",
            "tempest.conf", *configuration.OTHERS, *configuration.SERVICES,
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

    def test_a_cloud_with_the_drivers_of_the_trees(self):
        cinder = self.parse(
            configuration.for_service("cinder.conf", self.in_tree)
        )
        nova = self.parse(configuration.for_service("nova.conf", self.in_tree))
        for parsed in (cinder, nova):
            self.assertNotIn("config_source", parsed["DEFAULT"])
            self.assertNotIn("storpool_conf", parsed)
        for backend in cinder["DEFAULT"]["enabled_backends"].split(","):
            self.assertEqual(
                "cinder.volume.drivers.storpool.StorPoolDriver",
                cinder[backend]["volume_driver"],
            )
            self.assertNotIn("storpool_require_connector", cinder[backend])

    def test_whose_drivers_are_remembered(self):
        self.assertEqual(drivers.OURS, drivers.kept(self.place))
        self.place.run.mkdir(parents=True)
        drivers.keep(self.place, drivers.IN_TREE)
        self.assertEqual(drivers.IN_TREE, drivers.kept(self.place))

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

    def write_hosts(self, count):
        machines = hosts.choose(self.place, count)
        self.place.conf.mkdir(parents=True)
        for host in machines:
            (host.libvirt / "etc").mkdir(parents=True)
        configuration.write_hosts(self.place, self.values, machines)
        return machines

    def test_a_host_alone_listens_for_no_other(self):
        (host,) = self.write_hosts(1)
        text = (host.libvirt / "etc/libvirtd.conf").read_text()
        self.assertNotIn("listen_tcp", text)
        self.assertEqual([], list(self.place.conf.iterdir()))

    def test_two_hosts_share_nothing_but_the_path_of_guests(self):
        machines = self.write_hosts(2)
        parsed = [
            self.parse((self.place.conf / name).read_text())
            for name in ("peer.conf", "peer-2.conf")
        ]
        for section, option in (
            ("DEFAULT", "host"), ("DEFAULT", "my_ip"),
            ("DEFAULT", "state_path"), ("DEFAULT", "log_file"),
            ("oslo_concurrency", "lock_path"), ("libvirt", "connection_uri"),
            ("libvirt", "live_migration_inbound_addr"),
        ):  # fmt: skip
            first, second = (one[section][option] for one in parsed)
            self.assertNotEqual(first, second, option)
        self.assertEqual(*(one["DEFAULT"]["instances_path"] for one in parsed))
        texts = [
            (host.libvirt / "etc/libvirtd.conf").read_text()
            for host in machines
        ]
        uuids = [
            line
            for text in texts
            for line in text.splitlines()
            if line.startswith("host_uuid")
        ]
        self.assertEqual(2, len(set(uuids)))

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
