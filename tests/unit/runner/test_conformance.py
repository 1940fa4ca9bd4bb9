# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Conformance itself: what it needs, what it finds, what it leaves."""

import contextlib
import io
import json

import ddt
import fixtures
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator import testing
from tests.conformance import cli
from tests.conformance import clusters


@ddt.ddt
class RunTest(testtools.TestCase):
    """A simulator stands for the real cluster."""

    def setUp(self):
        super().setUp()
        self.simulator = self.useFixture(testing.SimulatorFixture())
        directory = self.useFixture(fixtures.TempDir()).path
        empty = f"{directory}/storpool.conf"
        with open(empty, "w"):
            pass
        self.variables(
            STORPOOL_CONF=empty,
            STORPOOL_CONF_DIR=directory,
            SP_API_HTTP_HOST=self.simulator.host,
            SP_API_HTTP_PORT=str(self.simulator.port),
            SP_AUTH_TOKEN=self.simulator.token,
            STORPOOL_CONFORMANCE="cluster",
            STORPOOL_CONFORMANCE_TEMPLATES="hybrid, nvme",
            STORPOOL_CONFORMANCE_CLIENTS=None,
            STORPOOL_CONFORMANCE_ALLOW=None,
        )

    def variables(self, **values):
        for name, value in values.items():
            self.useFixture(fixtures.EnvironmentVariable(name, value))

    def run_it(self, *arguments):
        """Exit code, rows by the scenario's last words, and the summary."""
        out, summary = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(summary),
        ):
            code = cli.main(["-f", "json", *arguments])
        rows = json.loads(out.getvalue() or "[]")
        return (
            code,
            {row["scenario"].rpartition(".")[2]: row for row in rows},
            summary.getvalue(),
        )

    def test_as_expected(self):
        code, rows, summary = self.run_it("CreateTest.test_smallest")
        self.assertEqual(0, code)
        row = rows["test_smallest"]
        self.assertEqual(
            ("VolumeCreate", "client code", "passed"),
            (row["call"], row["basis"], row["result"]),
        )
        self.assertIn("volume_create", row["calls"])
        self.assertIn("cluster: 1 scenarios: 1 passed", summary)

    def test_not_as_expected(self):
        self.simulator.set_switches(clone_tags="inherit")
        code, rows, _ = self.run_it("CloneTest.test_no_tags")
        self.assertEqual(1, code)
        row = rows["test_no_tags"]
        self.assertEqual(("inferred", "FAILED"), (row["basis"], row["result"]))
        self.assertIn("conformance", row["remark"])

    @ddt.data(
        (
            "snapshot_delete_attached",
            "detach",
            "test_snapshots.DeleteTest.test_attached",
        ),
        ("detach_absent", "invalidParam", "DetachTest.test_absent"),
        ("shrink_error", "busy", "UpdateTest.test_shrink_refused"),
        ("smaller_than_parent", "allow", "CloneTest.test_smaller"),
        ("revert_attached", "if-closed", "RevertTest.test_attached"),
        ("revert_limits", "snapshot", "RevertTest.test_keeps_limits"),
        ("template_delete_used", "allow", "TemplateTest.test_delete_used"),
        ("iscsi_again", "ok", "test_iscsi.TargetTest.test_again"),
        ("wrong_token_status", 400, "AnswerTest.test_wrong_token"),
    )
    @ddt.unpack
    def test_a_cluster_that_differs(self, switch, value, scenario):
        self.variables(
            STORPOOL_CONFORMANCE_CLIENTS="1",
            STORPOOL_CONFORMANCE_ALLOW="templates,iscsi",
        )
        self.simulator.set_switches(**{switch: value})
        _, rows, _ = self.run_it(scenario)
        row = rows[scenario.rpartition(".")[2]]
        self.assertEqual(("inferred", "FAILED"), (row["basis"], row["result"]))

    def test_what_is_not_allowed(self):
        code, rows, _ = self.run_it("BucketTest.test_made", "test_two_clients")
        self.assertEqual(0, code)
        self.assertEqual({"skipped"}, {row["result"] for row in rows.values()})
        self.assertIn("kv is not among", rows["test_made"]["remark"])
        self.assertIn("0 of 2 clients", rows["test_two_clients"]["remark"])

    def test_what_is_allowed(self):
        self.variables(
            STORPOOL_CONFORMANCE_ALLOW="kv", STORPOOL_CONFORMANCE_CLIENTS="1,2"
        )
        code, rows, _ = self.run_it("BucketTest.test_made", "test_two_clients")
        self.assertEqual(0, code)
        self.assertEqual({"passed"}, {row["result"] for row in rows.values()})

    def test_a_client_that_is_down(self):
        self.variables(STORPOOL_CONFORMANCE_CLIENTS="1,2")
        self.simulator.set_up("client", 2, False)
        _, rows, _ = self.run_it("test_two_clients")
        self.assertIn("1 of 2 clients", rows["test_two_clients"]["remark"])

    def test_an_older_cluster(self):
        self.simulator.add_fault(
            call="KV", action="error", name="unknownCall", status=404
        )
        self.variables(STORPOOL_CONFORMANCE_ALLOW="kv")
        _, rows, _ = self.run_it("QuestionTest.test_kvs_buckets")
        row = rows["test_kvs_buckets"]
        self.assertEqual("skipped", row["result"], row["remark"])

    def test_nothing_is_left(self):
        self.simulator.add_fault(
            call="VolumeUpdate", action="error", name="busy", count=None
        )
        code, _, _ = self.run_it("test_volumes.UpdateTest", "GroupTest")
        self.assertEqual(1, code)
        found = client.Client(self.simulator.settings)
        self.addCleanup(found.close)
        self.assertEqual([], found.volumes_list())
        left = [each for each in found.snapshots_list() if not each.deleted]
        self.assertEqual([], left)

    def test_what_is_left_is_told(self):
        self.simulator.add_fault(
            call="VolumeDelete", action="error", name="busy", count=None
        )
        code, rows, _ = self.run_it("CreateTest.test_smallest")
        self.assertEqual(1, code)
        self.assertEqual("FAILED", rows["test_smallest"]["result"])

    def test_no_such_scenario(self):
        code, _, said = self.run_it("CreateTest.test_nothing")
        self.assertEqual(
            (2, "bin/conformance: no scenario fits\n"), (code, said)
        )

    def test_a_word_that_is_none(self):
        self.variables(STORPOOL_CONFORMANCE="yes")
        code, _, said = self.run_it()
        self.assertEqual(2, code)
        self.assertIn("STORPOOL_CONFORMANCE=yes: write simulator or", said)


@ddt.ddt
class ChosenTest(testtools.TestCase):
    def test_a_simulator_unless_told(self):
        environ = {"SP_API_HTTP_HOST": "192.0.2.1", "SP_AUTH_TOKEN": "1"}
        self.assertEqual("simulator", clusters.chosen(environ).kind)

    @ddt.data(
        ("STORPOOL_CONFORMANCE_CLIENTS", "x", "'x' is no client"),
        ("STORPOOL_CONFORMANCE_CLIENTS", "5000", "'5000' is no client"),
        ("STORPOOL_CONFORMANCE_ALLOW", "all", "no right 'all'"),
        ("SP_AUTH_TOKEN", "", "SP_AUTH_TOKEN is not set"),
    )
    @ddt.unpack
    def test_mistakes(self, name, value, text):
        environ = {
            "STORPOOL_CONFORMANCE": "cluster",
            "STORPOOL_CONF": "/dev/null",
            "STORPOOL_CONF_DIR": "/nonexistent",
            "SP_AUTH_TOKEN": "1",
        }
        raised = self.assertRaises(
            errors.ConfigurationError,
            clusters.chosen,
            environ | {name: value},
        )
        self.assertIn(text, str(raised))


class CoverageTest(testtools.TestCase):
    def test_every_scenario_says_what_it_is_about(self):
        for test in cli._tests():
            method = getattr(test, test._testMethodName)
            self.assertIn(method.scenario.call, api.CALLS)
            self.assertTrue(method.__doc__, test.id())
