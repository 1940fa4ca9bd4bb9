# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The commands about a host's attachments."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import time
import uuid

import ddt
import fixtures
import testtools
import yaml

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.overview import Problem
from storpool_common.attachments.records import Records
from storpool_common.attachments.requests import Process
from storpool_common.attachments.requests import Request
from storpool_common.attachments.requests import StoredObject
from storpool_common.attachments.upkeep import Step
from storpool_common.cli.main import main
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB

NAME = "os--volume-1"
OPEN = {
    "call": "VolumesReassignWait",
    "action": "device_busy",
    "count": None,
}
GUEST = "import sys; print('up', flush=True); sys.stdin.read()"


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
        out = self.useFixture(fixtures.StringStream("out"))
        err = self.useFixture(fixtures.StringStream("err"))
        with (
            fixtures.MonkeyPatch("sys.stdout", out.stream),
            fixtures.MonkeyPatch("sys.stderr", err.stream),
        ):
            try:
                code = main(["attachments", *map(str, arguments)])
            except SystemExit as leaving:
                code = leaving.code
            out.stream.flush()
            err.stream.flush()
        return code, *(
            stream.getDetails()[name].as_text()
            for stream, name in ((out, "out"), (err, "err"))
        )

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
        process = subprocess.Popen(
            ["qemu-system-x86_64", "-c", GUEST, "-uuid", guest, disk],
            executable=sys.executable,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        process.stdout.readline()
        self.know(guest)
        return guest

    def attached(self):
        return {global_id for global_id, _ in self.fixture.attached()}


@ddt.ddt
class ListTest(CommandTestCase):
    def test_nothing(self):
        self.assertEqual([], self.rows("list"))

    def test_a_volume_in_use(self):
        self.host.attach("cinder-volume:x", self.volume, "rw")
        [row] = self.rows("list")
        self.assertEqual(
            {
                "name": NAME,
                "id": self.volume.global_id,
                "kind": "volume",
                "attached": "rw",
                "device": self.host.path(self.volume.global_id),
                "request": "cinder-volume:x",
                "mode": "rw",
                "owner": f"process {Process.current().pid}",
                "problems": [],
            },
            {name: row[name] for name in row if name != "since"},
        )
        self.assertIn("T", row["since"])

    def test_guests(self):
        guest = self.start_guest(self.volume)
        self.host.attach(f"nova:{guest}:1", self.volume, "rw")
        self.host.attach("nova:i:1", self.volume, "rw")
        self.host.attach("nova-compute:x", self.volume, "rw")
        self.assertEqual(
            ["running guest", "no guest is seen", "unknown"],
            [row["owner"] for row in self.rows("list")],
        )

    def test_attached_by_others(self):
        self.fixture.reassign(volume=NAME, ro=[1])
        [row] = self.rows("list")
        self.assertEqual(("unrecorded", "ro"), (row["owner"], row["attached"]))

    @ddt.data("table", "yaml")
    def test_formats(self, name):
        self.host.attach("nova:i:1", self.volume, "rw")
        code, out, said = self.run_command("list", "-f", name)
        self.assertEqual((0, ""), (code, said))
        self.assertIn("nova:i:1", out)
        if name == "yaml":
            self.assertEqual(self.rows("list"), yaml.safe_load(out))

    def problems(self):
        return [row["problems"] for row in self.rows("list", code=1)]

    def test_owner_that_has_ended(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.add_ended("cinder-volume:x")
        self.assertEqual(
            ["ended", "no guest is seen"],
            [row["owner"] for row in self.rows("list", code=1)],
        )
        self.assertIn("has ended", self.problems()[0][0])

    def test_not_attached(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.assertIn("not attached", self.problems()[0][0])

    def test_too_few_rights(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, ro=[1])
        self.assertIn("less than the rights", self.problems()[0][0])

    def test_no_device(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.devices.absent.add(self.volume.global_id)
        self.assertIn("device", self.problems()[0][0])

    def test_deleted(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.assertIn("no such object", self.problems()[0][0])

    def test_the_api_is_away(self):
        self.fixture.simulator.add_fault(
            call="AttachmentsList", action="error", count=None
        )
        code, out, said = self.run_command("list")
        self.assertEqual((1, "", 1), (code, out, said.count("\n")))

    def test_wrong_configuration(self):
        (self.home / "storpool.conf").unlink()
        code, out, said = self.run_command("list")
        self.assertEqual((2, "", 1), (code, out, said.count("\n")))


class ReconcileTest(CommandTestCase):
    def test_nothing_to_do(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.assertEqual([], self.rows("reconcile"))
        self.assertEqual([], self.rows("reconcile", "--apply"))

    def expect_mended(self, *, attached, keys):
        """Only --apply changes anything, and it changes all."""
        before = (self.attached(), self.records.all())
        steps = self.rows("reconcile", code=1)
        self.assertEqual(before, (self.attached(), self.records.all()))
        done = self.rows("reconcile", "--apply")
        self.assertEqual(len(steps), len(done))
        self.assertEqual({"done"}, {row["result"] for row in done})
        self.assertEqual(attached, self.attached())
        self.assertEqual(keys, {one.key for one in self.records.requests()})
        self.assertEqual([], self.rows("reconcile"))

    def test_left_over(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.add_ended("cinder-volume:x")
        self.expect_mended(attached=set(), keys=set())

    def test_others_stay(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.add_ended("cinder-volume:x")
        self.expect_mended(attached={self.volume.global_id}, keys={"nova:i:1"})

    def test_deleted(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        self.fixture.api.volume_delete(NAME)
        self.expect_mended(attached=set(), keys=set())

    def test_guests_without_requests(self):
        guest = self.start_guest(self.volume)
        self.fixture.reassign(volume=NAME, rw=[1])
        self.expect_mended(
            attached={self.volume.global_id}, keys={f"nova:{guest}:1"}
        )
        self.host.detach(f"nova:{guest}:1")
        self.assertEqual(set(), self.attached())

    def test_a_second_guest_without_a_request(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        guest = self.start_guest(self.volume)
        self.expect_mended(
            attached={self.volume.global_id},
            keys={"nova:i:1", f"nova:{guest}:1"},
        )

    def test_what_others_attached_is_left_alone(self):
        self.fixture.reassign(volume=NAME, rw=[1])
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_nothing_is_attached_again(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.fixture.reassign(volume=NAME, detach=[1])
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertEqual("none from here", row["step"])
        self.assertEqual(set(), self.attached())

    def test_one_that_fails_does_not_stop_the_others(self):
        other = self.make(2)
        for target in (self.volume, other):
            self.fixture.reassign(volume=target.name, rw=[1])
            self.add_ended(f"cinder-volume:{target.name}", target)
        self.fixture.simulator.add_fault(
            call="VolumesReassignWait", action="error"
        )
        rows = self.rows("reconcile", "--apply", code=1)
        self.assertIn("failed", rows[0]["result"])
        self.assertEqual({self.volume.global_id}, self.attached())
        self.rows("reconcile", "--apply")
        self.assertEqual(set(), self.attached())

    def test_records_that_are_damaged(self):
        self.host.attach("nova:i:1", self.volume, "rw")
        self.useFixture(fixtures.FakeLogger())
        self.host.close()
        self.records.close()
        state = pathlib.Path(self.fixture.configuration.state_dir)
        for file in state.glob("attachments.sqlite*"):
            file.unlink()
        (state / "attachments.sqlite").write_text("lost" * 999)
        [row] = self.rows("list")
        self.assertEqual(f"former:{self.volume.global_id}", row["request"])


class AbsentGuestTest(CommandTestCase):
    """A guest has gone and its request stays."""

    GONE = "5f0c1b7e-94d2-4a63-8e1f-2b7d90c3a5e8"

    def setUp(self):
        super().setUp()
        self.key = f"nova:{self.GONE}:1"
        self.fixture.reassign(volume=NAME, rw=[1])
        self.ask()

    def ask(self, created=1.0):
        stored = StoredObject(self.volume.global_id, NAME)
        self.records.add(
            Request(self.key, stored, "rw", Process.current(), created)
        )

    def keys(self):
        return {one.key for one in self.records.requests()}

    def test_it_is_shown(self):
        [row] = self.rows("list", code=1)
        self.assertEqual("no guest is seen", row["owner"])
        self.assertEqual(
            ["a guest asks for it that is not on this host"], row["problems"]
        )

    def test_it_is_withdrawn(self):
        [row] = self.rows("reconcile", code=1)
        self.assertEqual("withdraw the guest's request", row["step"])
        self.assertEqual({self.key}, self.keys())
        [row] = self.rows("reconcile", "--apply")
        self.assertEqual("done", row["result"])
        self.assertEqual((set(), set()), (self.keys(), self.attached()))
        self.assertEqual([], self.rows("list"))

    def test_it_is_not_attached_any_more(self):
        self.fixture.reassign(volume=NAME, detach=[1])
        [row] = self.rows("reconcile", "--apply")
        self.assertEqual("withdraw the guest's request", row["step"])
        self.assertEqual(set(), self.keys())

    def test_others_keep_it(self):
        self.host.attach("cinder-volume:x", self.volume, "rw")
        self.rows("reconcile", "--apply")
        self.assertEqual({"cinder-volume:x"}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_a_guest_that_runs(self):
        running = self.start_guest(self.volume)
        self.host.attach(f"nova:{running}:1", self.volume, "rw")
        self.rows("reconcile", "--apply")
        self.assertEqual({f"nova:{running}:1"}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def test_a_guest_that_is_stopped(self):
        self.know(self.GONE)
        [row] = self.rows("list")
        self.assertEqual(
            ("stopped guest", []), (row["owner"], row["problems"])
        )
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.key}, self.keys())

    def test_a_guest_that_is_being_started(self):
        self.ask(created=time.time())
        self.assertEqual([], self.rows("reconcile", "--apply"))
        self.assertEqual({self.key}, self.keys())

    def test_another_host_has_it(self):
        self.fixture.reassign(volume=NAME, rw=[2])
        [row] = self.rows("list", code=1)
        self.assertIn("another host", row["problems"][0])
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertIn("let its migration end", row["step"])
        self.assertEqual({self.key}, self.keys())

    def test_it_is_open(self):
        self.fixture.simulator.add_fault(**OPEN)
        [row] = self.rows("reconcile", "--apply", code=1)
        self.assertIn("in use", row["result"])
        self.assertEqual({self.key}, self.keys())

    def test_it_has_come_since(self):
        """Between the look and the work."""
        with fixtures.MonkeyPatch(
            "storpool_common.cli.attachments.Upkeep.plan", self.come_late
        ):
            self.rows("reconcile", "--apply")
        self.assertEqual({self.key}, self.keys())
        self.assertEqual({self.volume.global_id}, self.attached())

    def come_late(self, upkeep, found):
        self.know(self.GONE)
        [entry] = found
        return [Step(entry, Problem.ABSENT, "withdraw")]

    def expect_untold(self):
        code, out, said = self.run_command(
            "reconcile", "--apply", "-f", "json"
        )
        self.assertEqual((0, []), (code, json.loads(out)))
        self.assertEqual(1, said.count("\n"))
        self.assertIn(self.key, said)
        self.assertIn("virsh list --all", said)
        self.assertIn(self.key, self.keys())

    def test_there_is_no_libvirt(self):
        (self.home / "virsh").unlink()
        self.expect_untold()

    def test_libvirt_does_not_answer(self):
        (self.home / "virsh").write_text("#!/bin/sh\nexit 1\n")
        self.expect_untold()

    def test_it_is_another_libvirt(self):
        """One that does not know the guests that run."""
        other = self.make(2)
        guest = self.start_guest(other)
        self.host.attach(f"nova:{guest}:2", other, "rw")
        self.know()
        self.expect_untold()


@ddt.ddt
class ImportTest(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.file = self.home / "openstack-attach.json"
        self.fixture.reassign(volume=NAME, rw=[1])

    def old(self, key, volume=NAME, rights=2, **others):
        return {
            "volume": volume,
            "type": "brick",
            "id": key,
            "rights": rights,
            "volsnap": False,
            **others,
        }

    def write(self, *requests):
        text = json.dumps({one["id"]: one for one in requests})
        self.file.write_text(text)
        return text

    def results(self, code=0):
        rows = self.rows("import", self.file, code=code)
        return {row["old request"]: row["result"] for row in rows}

    def keys(self):
        return {one.key for one in self.records.requests()}

    def test_one(self):
        before = self.write(self.old("brick-1-1"))
        [row] = self.rows("import", self.file)
        key = f"former:{self.volume.global_id}"
        self.assertEqual(("imported", [key]), (row["result"], row["requests"]))
        self.assertEqual({key}, self.keys())
        self.assertEqual(before, self.file.read_text())
        self.host.detach_unnamed(self.volume, owner="nova:i")
        self.assertEqual(set(), self.attached())

    def test_again(self):
        self.write(self.old("brick-1-1"))
        self.results()
        self.assertIn("already", self.results()["brick-1-1"])
        self.assertEqual(1, len(self.keys()))

    def test_several_for_one_volume(self):
        self.write(self.old("a", rights=1), self.old("b", rights=2))
        self.assertEqual({"a": "imported", "b": "imported"}, self.results())
        [request] = self.records.requests()
        self.assertEqual("rw", request.mode)

    def test_the_guest_that_runs(self):
        guest = self.start_guest(self.volume)
        self.write(self.old("brick-1-1"))
        self.results()
        self.assertEqual({f"nova:{guest}:1"}, self.keys())

    def test_snapshot(self):
        name = "os--snap--none--snapshot-1"
        snapshot = self.fixture.make_snapshot(NAME, name)
        self.fixture.reassign(snapshot=name, ro=[1])
        self.write(self.old("s", name, volsnap=True))
        self.assertEqual({"s": "imported"}, self.results())
        [request] = self.records.requests()
        self.assertEqual(
            (snapshot, True, "ro"),
            (request.wanted.global_id, request.wanted.snapshot, request.mode),
        )

    def test_what_is_left_out(self):
        self.make(2)
        self.write(
            self.old("a", "os--volume-2"), self.old("b", "os--volume-3")
        )
        results = self.results()
        self.assertIn("not attached", results["a"])
        self.assertIn("not in the cluster", results["b"])
        self.assertEqual(set(), self.keys())

    def test_foreign(self):
        self.fixture.make_volume("osaka-db")
        self.write(self.old("a", "osaka-db"))
        self.assertIn("not of this", self.results(code=1)["a"])

    def test_no_requests(self):
        self.file.write_text("{}")
        self.assertEqual({}, self.results())

    def test_no_file(self):
        code, out, said = self.run_command("import", self.file)
        self.assertEqual((2, ""), (code, out))
        self.assertIn(str(self.file), said)

    @ddt.data(
        ("", 0),
        ("  \n", 0),
        ("null", 0),
        ("[1, 2]", 0),
        ("\x00" * 50, 0),
        ('{"a": 7}', 0),
        ('{"a": {"volume": "os--volume-1", "id": "a", "rights": 9}}', 0),
    )
    @ddt.unpack
    def test_damaged(self, text, count):
        self.file.write_text(text)
        code, _, said = self.run_command("import", self.file, "-f", "json")
        self.assertEqual(1, code)
        self.assertIn(str(self.file), said)
        self.assertEqual(count, len(self.keys()))

    def test_cut_off_anywhere(self):
        """What is whole is imported, and the rest is told."""
        text = self.write(
            self.old("a"), self.old("b", "os--volume-2"), self.old("c", "x")
        )
        whole = text.index("}") + 1
        for length in range(1, len(text)):
            self.file.write_text(text[:length])
            code, out, said = self.run_command(
                "import", self.file, "-f", "json"
            )
            self.assertEqual((1, 1), (code, said.count("\n")))
            found = {row["old request"] for row in json.loads(out)}
            self.assertEqual(length >= whole, "a" in found)

    def test_damaged_in_the_middle(self):
        text = self.write(self.old("a"), self.old("b"), self.old("c"))
        middle = len(text) // 2
        self.file.write_text(text[:middle] + "\x00\x00" + text[middle + 2 :])
        code, out, _ = self.run_command("import", self.file, "-f", "json")
        self.assertEqual(1, code)
        self.assertEqual(
            {"a", "c"}, {row["old request"] for row in json.loads(out)}
        )
