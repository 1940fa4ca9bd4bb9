# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The network of the guests, when there is one and when not."""

import ipaddress
import os

import fixtures
import testtools

from tests.stack import commands
from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import namespaces
from tests.stack import network
from tests.stack import processes
from tests.stack import report
from tests.stack import services


class NetworkTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.place = layout.Layout.at(path)
        self.ports = layout.choose_ports(31000, {})
        self.table = processes.Table(self.place.run / "pids", self.place.log)
        (self.host,) = hosts.choose(self.place, 1)
        self.network = network.Network(
            self.place,
            self.ports,
            self.table,
            namespaces.Namespace(self.place, self.table, self.host),
        )

    def test_without_one_a_command_runs_where_it_did(self):
        self.assertFalse(self.network.exists)
        self.assertEqual(["true"], self.network.enter(["true"]))

    def test_with_one_it_runs_inside(self):
        self.table.record("network", processes.Identity.of(os.getpid()))
        self.assertTrue(self.network.exists)
        self.assertEqual(
            ["nsenter", f"--net=/proc/{os.getpid()}/ns/net", "--", "true"],
            self.network.enter(["true"]),
        )

    def test_doors_are_of_what_is_asked_from_inside(self):
        names = {port: name for name, port in self.ports.items()}
        self.assertEqual(
            [
                "cinder",
                "glance",
                "keystone",
                "neutron",
                "nova",
                "placement",
                "rabbitmq",
                "simulator",
            ],
            sorted(names[port] for port in network.doors(self.ports)),
        )

    def test_one_that_has_ended_is_not_passed_over(self):
        self.table.record("network", processes.Identity(os.getpid(), 0))
        error = self.assertRaises(
            errors.StackError, self.network.enter, ["true"]
        )
        self.assertIn("bin/stack down", str(error))

    def test_guests_do_not_get_the_address_of_the_bridge(self):
        gate = ipaddress.ip_interface(network.GATE)
        self.assertEqual(gate.network, ipaddress.ip_network(network.CIDR))
        first = ipaddress.ip_address(network.FIRST)
        self.assertIn(first, gate.network)
        self.assertLess(gate.ip, first)

    def test_who_makes_taps_runs_near_the_guests(self):
        known = services.Services(
            self.place, self.ports, self.table, [self.host]
        )
        self.assertTrue(known.compute(self.host).near_guests)
        self.assertTrue(known.libvirtd(self.host).near_guests)
        self.assertFalse(any(one.near_guests for one in known.rest()))

    def test_it_is_for_one_compute_host(self):
        self.assertRaisesRegex(
            errors.StackError,
            "one compute host",
            commands.up,
            self.place,
            self.ports,
            report.Report(),
            2,
            drivers.OURS,
            True,
        )
