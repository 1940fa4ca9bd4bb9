# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command: any call, in any format, and one line for what goes wrong."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
from unittest import mock

import ddt
import fixtures
import testtools
import yaml

from storpool_common import api
from storpool_common.cli import main
from storpool_common.cli import output
from storpool_simulator import testing
from tests.unit.common import server

COMMAND = (sys.executable, "-m", "storpool_common.cli")
ROOT = pathlib.Path(__file__).parents[3]


class CommandCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf = home / "storpool.conf"
        for name, value in (
            ("STORPOOL_CONF", str(self.conf)),
            ("STORPOOL_CONF_DIR", str(home / "storpool.conf.d")),
            ("SP_AUTH_TOKEN", None),
            ("SP_API_HTTP_HOST", None),
            ("SP_API_HTTP_PORT", None),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))

    def use(self, address: str, token: str) -> None:
        self.conf.write_text(
            f"SP_API_HTTP_HOST={address}\nSP_AUTH_TOKEN={token}\nSP_OURID=1\n"
        )

    def simulate(self) -> testing.SimulatorFixture:
        simulator = self.useFixture(testing.SimulatorFixture())
        self.use(f"{simulator.host}:{simulator.port}", simulator.token)
        return simulator

    def serve(self, *acts: server.Act) -> server.ScriptedServer:
        peer = self.useFixture(server.ScriptedServer(*acts))
        self.use(str(peer.address), server.TOKEN)
        return peer

    def run_command(self, *arguments: str) -> tuple[int, str, str]:
        """Run it; returns its exit code, its output and what it says."""
        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                code = main.main(arguments)
            except SystemExit as leaving:
                code = leaving.code
        return code, out.getvalue(), said.getvalue()

    def succeed(self, *arguments: str) -> str:
        code, out, said = self.run_command(*arguments)
        self.assertEqual((0, ""), (code, said))
        return out

    def call(self, *arguments: str):
        return json.loads(self.succeed("api", *arguments, "-f", "json"))

    def fail_with(self, code: int, *arguments: str) -> str:
        """Run it; returns the one line that it says."""
        ended, out, said = self.run_command(*arguments)
        self.assertEqual((code, ""), (ended, out), said)
        self.assertEqual(1, said.count("\n"), said)
        self.assertTrue(said.startswith("storpool-openstack"), said)
        return said


class CallTest(CommandCase):
    BODY = '{"name": "v", "size": 1024, "template": "hybrid"}'

    def test_what_a_volume_goes_through(self) -> None:
        self.simulate()
        made = self.call("VolumeCreate", "--json", self.BODY)
        self.assertTrue(made["ok"])
        self.call("volume_update", "v", "--json", '{"tags": {"a": "b"}}')
        (volume,) = self.call("Volume", f"~{made['globalId']}")
        self.assertEqual(("v", {"a": "b"}), (volume["name"], volume["tags"]))
        self.call("VolumeDelete", "v")
        self.assertEqual([], self.call("VolumesList"))

    def test_a_request_from_the_standard_input(self) -> None:
        self.simulate()
        with mock.patch("sys.stdin", io.StringIO(self.BODY)):
            made = self.call("VolumeCreate", "--json", "-")
        self.assertIn("globalId", made)

    def test_numbers_in_a_path(self) -> None:
        simulator = self.simulate()
        self.call("ClientConfigWait", "1")
        (request,) = simulator.requests()
        self.assertEqual("/ctrl/1.0/ClientConfigWait/1", request["path"])

    def test_an_answer_is_not_changed(self) -> None:
        answer = {"unheard": ["of", {"\u20ac": None}]}
        self.serve(server.ok(answer), server.ok(answer))
        self.assertEqual(answer, self.call("VolumesList"))
        shown = self.succeed("api", "-f", "yaml", "VolumesList")
        self.assertEqual(answer, yaml.safe_load(shown))

    def test_another_cluster(self) -> None:
        peer = self.serve(server.ok([]), server.ok([]))
        self.call("VolumesList", "--remote", "~nzkr.b")
        self.call("VolumesList", "--remote", "lab", "--single-cluster")
        self.assertEqual(
            [
                "/ctrl/1.0/RemoteCommand/~nzkr.b/MultiCluster/VolumesList",
                "/ctrl/1.0/RemoteCommand/lab/VolumesList",
            ],
            [seen.path for seen in peer.requests],
        )

    def test_a_name_of_a_question_and_a_change(self) -> None:
        peer = self.serve(server.ok({"iscsi": {}}))
        self.call("iSCSIConfig")
        self.call("iSCSIConfig", "--json", '{"commands": []}')
        self.assertEqual(
            ["GET", "POST"], [seen.method for seen in peer.requests]
        )

    def test_a_question_with_a_request(self) -> None:
        peer = self.serve(server.ok({"sessions": []}))
        self.call("iSCSISessionsInfo", "--json", '{"controllerIds": [1]}')
        (seen,) = peer.requests
        self.assertIn("?json=%7B%22controllerIds", seen.path)


@ddt.ddt
class MistakeTest(CommandCase):
    """Exit code 2: there is something to correct, and nothing is sent."""

    @ddt.data(
        ((), "COMMAND"),
        (("dance",), "dance"),
        (("api",), "name a CALL"),
        (
            ("api", "Volumeupdate"),
            "no call 'Volumeupdate'; is it VolumeUpdate",
        ),
        (("api", "dance"), "no call 'dance'; see api --list"),
        (("api", "VolumeAbandonDisk", "v"), "say volume_abandon_disk or sn"),
        (("api", "Volume"), "Volume takes VOLUME_NAME; 0 were given"),
        (("api", "VolumesList", "v"), "takes no arguments; 1 were given"),
        (("api", "Volume", "a b"), "Volume: volume_name 'a b': "),
        (("api", "DiskEject", "x"), "DiskEject: disk_id 'x': "),
        (("api", "VolumeCreate"), "--json BODY, see api --help volume_create"),
        (("api", "VolumesList", "--json", "{}"), "takes no request"),
        (("api", "VolumeCreate", "--json", "{"), "--json: this is not JSON"),
        (("api", "VolumeCreate", "--json", '{"nmae": "v"}'), "`nmae`"),
        (("api", "VolumesList", "-f", "xml"), "invalid choice: 'xml'"),
        (("api", "VolumesList", "--remote", "a b"), "cluster='a b'"),
        (("api", "--help", "dance"), "no call 'dance'"),
    )
    @ddt.unpack
    def test_arguments(self, arguments: tuple[str, ...], text: str) -> None:
        simulator = self.simulate()
        self.assertIn(text, self.fail_with(2, *arguments))
        self.assertEqual([], simulator.requests())

    def test_a_configuration_that_is_missing(self) -> None:
        said = self.fail_with(2, "api", "VolumesList")
        self.assertIn(str(self.conf), said)


class FailureTest(CommandCase):
    """Exit code 1: the API refused, or could not be asked."""

    def test_a_refusal(self) -> None:
        self.simulate()
        said = self.fail_with(1, "api", "Volume", "nobody")
        self.assertIn("Volume: objectDoesNotExist: ", said)

    def test_an_answer_of_several_lines(self) -> None:
        self.serve(server.error("busy", "one\ntwo"))
        self.assertIn("one two", self.fail_with(1, "api", "VolumesList"))

    def test_a_server_without_the_call(self) -> None:
        self.serve(server.error("unknownCall", "what?"))
        said = self.fail_with(1, "api", "KV")
        self.assertIn("in API 19.01 (bindings 7.2.0) and later", said)

    def test_a_token_that_is_not_accepted(self) -> None:
        simulator = self.simulate()
        self.use(f"{simulator.host}:{simulator.port}", "4711471147114711")
        said = self.fail_with(1, "api", "VolumesList")
        self.assertIn(str(self.conf), said)
        self.assertNotIn("4711471147114711", said)

    def test_output_that_nobody_reads(self) -> None:
        self.serve(server.ok([{"name": "x" * 100}] * 2000))
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "w") as closed:
            ended = subprocess.run(
                [*COMMAND, "api", "VolumesList"],
                stdout=closed,
                stderr=subprocess.PIPE,
                cwd=ROOT,
                check=False,
            )
        self.assertEqual((1, b""), (ended.returncode, ended.stderr))


@ddt.ddt
class HelpTest(CommandCase):
    def test_all_calls_are_listed(self) -> None:
        calls = self.call("--list")
        self.assertEqual(len(api.CALLS), len(calls))
        (kv,) = (call for call in calls if call["call"] == "KV/Get")
        self.assertEqual(
            {
                "call": "KV/Get",
                "arguments": "BUCKET_NAME KEY_NAME",
                "request": "no",
                "versions": "API 19.01 (bindings 7.2.0) and later",
                "description": "One pair of a bucket.",
            },
            kv,
        )

    def test_every_call_is_described(self) -> None:
        for name, call in api.CALLS.items():
            shown = self.succeed("api", "--help", name)
            self.assertIn(call.path, shown)

    @ddt.data(
        ("api", "--help", "VolumeUpdate"), ("api", "VolumeUpdate", "--help")
    )
    def test_a_call(self, arguments: tuple[str, ...]) -> None:
        shown = self.succeed(*arguments)
        for text in (
            "storpool-openstack api VolumeUpdate VOLUME_NAME --json BODY",
            "POST /ctrl/1.0/[MultiCluster/]VolumeUpdate/{volume_name}",
            "Client.volume_update",
            "shrinkOk:",
            "description: new size in bytes.",
        ):
            self.assertIn(text, shown)
        self.assertNotIn(":ivar", shown)

    @ddt.data(("api", "--help"), ("--help",), ("--version",))
    def test_the_program(self, arguments: tuple[str, ...]) -> None:
        code, out, said = self.run_command(*arguments)
        self.assertEqual((0, ""), (code, said))
        self.assertNotEqual("", out)


class TableTest(CommandCase):
    def table(self, answer, *arguments: str) -> list[list[str]]:
        """The cells of the table that an answer is shown as."""
        self.serve(server.ok(answer))
        shown = self.succeed("api", "VolumesList", *arguments)
        return [
            [cell.strip() for cell in line.split("|")[1:-1]]
            for line in shown.splitlines()
            if line.startswith("|")
        ]

    def test_objects_row_by_row(self) -> None:
        answer = [{"name": "a", "size": 1}, {"name": "b", "tags": {"x": "y"}}]
        self.assertEqual(
            [
                ["name", "size", "tags"],
                ["a", "1", ""],
                ["b", "", '{"x":"y"}'],
            ],
            self.table(answer),
        )

    def test_some_columns(self) -> None:
        answer = [{"name": "a", "size": 1}, {"name": "b", "size": 2}]
        self.assertEqual(
            [["size", "none"], ["1", ""], ["2", ""]],
            self.table(answer, "-c", "size", "-c", "none"),
        )

    def test_one_object_member_by_member(self) -> None:
        members = [["member", "value"], ["name", "a"], ["ok", "true"]]
        for answer in ({"name": "a", "ok": True}, [{"name": "a", "ok": True}]):
            self.assertEqual(members, self.table(answer))

    def test_objects_by_their_keys(self) -> None:
        self.assertEqual(
            [["key", "id"], ["1", "7"], ["2", "8"]],
            self.table({"1": {"id": 7}, "2": {"id": 8}}),
        )

    def test_an_object_around_a_list(self) -> None:
        self.assertEqual(
            [["ip"], ["a"], ["b"]],
            self.table({"remoteBridges": [{"ip": "a"}, {"ip": "b"}]}),
        )

    def test_nothing(self) -> None:
        for answer in ([], {}):
            self.assertEqual([], self.table(answer))

    def test_values(self) -> None:
        self.assertEqual([["value"], ["1"], ["a"]], self.table([1, "a"]))
        self.assertEqual("b: 1\na: 2\n", output.yaml_text({"b": 1, "a": 2}))
