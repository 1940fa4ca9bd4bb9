# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts, and how one reaches another."""

import os
import pathlib
import subprocess

import fixtures
import testtools

from tests.stack import hosts
from tests.stack import layout
from tests.stack import processes
from tests.stack import services


class HostsTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).path
        self.place = layout.Layout.at(path)

    def test_the_first_is_the_machine_itself(self):
        (only,) = hosts.choose(self.place, 1)
        self.assertTrue(only.is_machine)
        self.assertEqual("nova-compute", only.label("nova-compute"))
        self.assertEqual(pathlib.Path("/dev"), only.devices)

    def test_the_second_has_everything_of_its_own(self):
        first, second = hosts.choose(self.place, 2)
        for name in (
            "number", "name", "address", "devices", "libvirt", "instances",
            "records", "libvirt_uri",
        ):  # fmt: skip
            self.assertNotEqual(getattr(first, name), getattr(second, name))
        self.assertEqual("libvirtd-2", second.label("libvirtd"))

    def test_how_many_is_remembered(self):
        self.assertEqual(1, len(hosts.kept(self.place)))
        self.place.run.mkdir()
        hosts.keep(self.place, hosts.choose(self.place, 2))
        self.assertEqual(2, len(hosts.kept(self.place)))

    def test_a_socket_in_the_longest_directory(self):
        longest = layout.Layout(pathlib.Path("/" + (layout.LONGEST - 1) * "d"))
        for host in hosts.choose(longest, max(hosts.COUNTS)):
            path = host.libvirt_uri.partition("=")[2]
            self.assertThat(len(path), testtools.matchers.LessThan(108), path)


class ShimTest(testtools.TestCase):
    """What stands for ssh and scp refuses who is no host of ours."""

    def run_shim(self, name, *arguments):
        path = self.useFixture(fixtures.TempDir()).path
        return subprocess.run(
            [services.SHIM / name, *arguments],
            env=dict(os.environ) | {processes.MARK: path},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_ssh_to_a_stranger(self):
        done = self.run_shim("ssh", "-o", "BatchMode=yes", "192.0.2.7", "true")
        self.assertEqual(255, done.returncode)
        self.assertIn("192.0.2.7", done.stderr)

    def test_scp_between_two_files_here(self):
        done = self.run_shim("scp", "-C", "-r", "/a", "/b")
        self.assertEqual(1, done.returncode)
        self.assertIn("/a", done.stderr)
