# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The commands about attachments, on a host of their own."""

import dataclasses
import json
import pathlib
import uuid

import fixtures
import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB
from tests.unit.common import typed

NAME = "os--volume-1"


class CommandTestCase(testtools.TestCase):
    """The commands of a host whose storpool.conf is a file."""

    def setUp(self):
        super().setUp()
        self.fixture = self.useFixture(HostFixture())
        self.home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        conf = self.home / "storpool.conf"
        values = self.fixture.configuration.values
        conf.write_text(
            "".join(f"{name}={value}\n" for name, value in values.items())
            + "SP_OPENSTACK_STATE_DIR="
            + self.fixture.configuration.state_dir
        )
        for name in ("STORPOOL_CONF", "STORPOOL_CONF_DIR"):
            value = str(conf) if name == "STORPOOL_CONF" else str(self.home)
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        self.useFixture(
            fixtures.MonkeyPatch(
                "storpool_common.cli.attachments.Devices",
                lambda: self.fixture.devices,
            )
        )
        self.know()
        self.host = self.fixture.open()
        self.records = Records(self.fixture.configuration.state_dir)
        self.addCleanup(self.records.close)
        self.volume = self.make(1)

    def know(self, *guests):
        """Let libvirt have these guests, and nothing on the machine's."""
        command = self.home / "virsh"
        listing = "".join(f"echo {one}\n" for one in guests)
        command.write_text(f"#!/bin/sh\n{listing}")
        command.chmod(0o755)
        self.useFixture(fixtures.EnvironmentVariable("PATH", str(self.home)))

    def make(self, number):
        name = f"os--volume-{number}"
        return Target(self.fixture.make_volume(name), name, size=MIB)

    def run_command(self, *arguments):
        """Run one; returns its exit code, its output and what it says."""
        return typed.run(self, "attachments", *map(str, arguments))

    def rows(self, *arguments, code=0):
        """What one shows, of one that says nothing else."""
        ended, out, said = self.run_command(*arguments, "-f", "json")
        self.assertEqual((code, ""), (ended, said), out)
        return json.loads(out)

    def add_ended(self, key, target=None):
        """Record a request of a process that has ended."""
        target = target or self.volume
        process = dataclasses.replace(Process.current(), boot_id="former")
        stored = StoredObject(target.global_id, target.name)
        self.records.add(Request(key, stored, "rw", process, 1.0))

    def start_guest(self, target):
        """Run what looks like a guest with a volume."""
        guest = str(uuid.uuid4())
        disk = f"/dev/storpool-byid/{target.global_id}"
        typed.start_guest(self, "qemu-system-x86_64", "-uuid", guest, disk)
        self.know(guest)
        return guest

    def attached(self):
        return {global_id for global_id, _ in self.fixture.attached()}
