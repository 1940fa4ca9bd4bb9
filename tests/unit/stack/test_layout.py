# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Ports and directories."""

import os
import pathlib
import socket

import fixtures
import testtools

from tests.stack import errors
from tests.stack import layout


class PortsTest(testtools.TestCase):
    def test_every_service_has_its_own(self):
        ports = layout.choose_ports(30000, {})
        self.assertEqual(set(layout.PORTS), set(ports))
        self.assertEqual(30000, min(ports.values()))
        self.assertEqual(len(ports), len(set(ports.values())))

    def test_an_override_wins(self):
        ports = layout.choose_ports(30000, {"nova": 8774})
        self.assertEqual(8774, ports["nova"])

    def test_unknown_service(self):
        error = self.assertRaises(
            errors.StackError, layout.choose_ports, 30000, {"swift": 1234}
        )
        self.assertIn("swift", str(error))
        self.assertIn("keystone", str(error))

    def test_out_of_range(self):
        for first, overrides in ((65530, {}), (30000, {"nova": 80})):
            self.assertRaises(
                errors.StackError, layout.choose_ports, first, overrides
            )

    def test_twice_the_same(self):
        self.assertRaises(
            errors.StackError,
            layout.choose_ports,
            30000,
            {"nova": 30000},
        )

    def test_a_taken_port_names_the_options(self):
        holder = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(holder.close)
        port = holder.getsockname()[1]
        self.assertFalse(layout.is_free(port))
        error = self.assertRaises(
            errors.StackError, layout.require_free, {"nova": port}
        )
        for expected in (f"port {port} for nova", "--port nova=N"):
            self.assertIn(expected, str(error))

    def test_a_free_port(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            port = holder.getsockname()[1]
        layout.require_free({"nova": port})


class LayoutTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.path = self.useFixture(fixtures.TempDir()).path

    def test_too_long_for_sockets(self):
        error = self.assertRaises(
            errors.StackError, layout.Layout.at, f"/tmp/{'x' * 90}"
        )
        self.assertIn("--dir", str(error))

    def test_secrets_stay_the_same_and_private(self):
        first = layout.Layout.at(self.path).secrets
        self.assertEqual(first, layout.Layout.at(self.path).secrets)
        mode = os.stat(os.path.join(self.path, "secrets.json")).st_mode
        self.assertEqual(0o600, mode & 0o777)

    def test_logs_of_the_installation_stay(self):
        place = layout.Layout.at(self.path)
        place.make()
        for name in ("pip.log", "nova-api.log", "rabbitmq/x.log"):
            (place.log / name).parent.mkdir(exist_ok=True)
            (place.log / name).touch()
        place.forget_logs()
        self.assertEqual(["pip.log"], os.listdir(place.log))


class DefaultDirectoryTest(testtools.TestCase):
    def test_inside_the_checkout(self):
        root = pathlib.Path("/srv/storpool-openstack")
        self.assertEqual(root / ".stack", layout.default_directory(root))

    def test_a_checkout_far_down_in_a_tree(self):
        deep = pathlib.Path("/srv/" + "somewhere/" * 8)
        other = deep / "else"
        found = layout.default_directory(deep)
        layout.Layout.at(found / layout.NO_VM)
        self.assertEqual(found, layout.default_directory(deep))
        self.assertNotEqual(found, layout.default_directory(other))
