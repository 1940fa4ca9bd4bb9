# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: one clear line for every mistake."""

import contextlib
import io
import pathlib
import signal
import subprocess
import sys
from unittest import mock

import ddt
import fixtures
import testtools

from storpool_common import client
from storpool_common import config
from storpool_simulator import cli
from storpool_simulator import testing

COMMAND = (sys.executable, "-m", "storpool_simulator")


@ddt.ddt
class MistakeTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path

    def run_command(self, *arguments):
        """Run the command; returns its exit code and what it says."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            try:
                code = cli.main(arguments)
            except SystemExit as leaving:
                code = leaving.code
        return code, said.getvalue()

    def assertOneLine(self, text, said):  # noqa: N802
        self.assertIn(text, said)
        self.assertEqual(1, said.count("\n"), said)

    @ddt.data(
        ((), "COMMAND"),
        (("dance",), "dance"),
        (("serve",), "--state-dir"),
        (("serve", "--listen", "nowhere"), "'nowhere' is not HOST:PORT"),
        (("serve", "--listen", "a:99999"), "no port 99999"),
        (("serve", "--client", "0:a"), "'0:a' is not ID:HOSTNAME"),
        (("serve", "--client", "1"), "'' is not a host name"),
        (("serve", "--client", "1:a]"), "'a]' is not a host name"),
        (("serve", "--client-dev-dir", "x"), "'x' is not ID:DIR"),
        (("serve", "--cluster-id", "A"), "'A' is not LOCATION.ID"),
        (("serve", "--template", "a.b"), "'a.b' is not the name"),
        (("serve", "--template", "list"), "'list' is not the name"),
        (("serve", "--pool-size", "big"), "'big' is not a size"),
        (("serve", "--latency", "-1"), "'-1' is not a number"),
        (("serve", "--latency", "nan"), "'nan' is not a number"),
        (("serve", "--http", "2"), "'2'"),
        (("serve", "--data-plane", "disk"), "'disk'"),
        (("serve", "--faults", "/nonexistent"), "'/nonexistent'"),
        (("conf",), "--state-dir"),
        (("clean",), "--state-dir"),
    )
    @ddt.unpack
    def test_arguments(self, arguments, text):
        code, said = self.run_command(*arguments)
        self.assertEqual(2, code)
        self.assertOneLine(text, said)
        self.assertOneLine("--help", said)

    @ddt.data(
        (("--client", "1:a", "--client", "1:b"), "client 1 is given twice"),
        (("--client", "1:a", "--client", "2:a"), "two clients are called a"),
        (("--client-dev-dir", "2:/dev"), "--client-dev-dir without"),
        (("--switch", "none=1"), "no switch 'none'"),
        (("--switch", "clone-tags"), "clone-tags is not '' but one of none"),
    )
    @ddt.unpack
    def test_arguments_that_do_not_go_together(self, arguments, text):
        code, said = self.run_command(
            "serve", "--state-dir", self.directory, *arguments
        )
        self.assertEqual(2, code)
        self.assertOneLine(text, said)

    def test_a_client_that_is_none(self):
        code, said = self.run_command(
            *("serve", "--state-dir", self.directory, "--client-down", "9")
        )
        self.assertEqual(1, code)
        self.assertOneLine("client '9' does not exist", said)

    def test_a_state_of_another_cluster(self):
        simulator = testing.SimulatorFixture(
            state_dir=pathlib.Path(self.directory), cluster_id="a.b"
        )
        with simulator:
            pass
        code, said = self.run_command(
            *("serve", "--state-dir", self.directory, "--cluster-id", "a.c")
        )
        self.assertEqual(1, code)
        self.assertOneLine("of cluster a.b and not of a.c", said)

    def test_faults_that_are_none(self):
        path = pathlib.Path(self.directory, "faults")
        path.write_text('[{"action": "explode"}]')
        code, said = self.run_command("serve", "--faults", str(path))
        self.assertEqual(2, code)
        self.assertOneLine("explode", said)

    def test_conf_before_serve(self):
        code, said = self.run_command("conf", "--state-dir", self.directory)
        self.assertEqual(1, code)
        self.assertOneLine("storpool-simulator serve --state-dir", said)

    def test_clean_of_nothing(self):
        self.assertEqual(
            (0, ""), self.run_command("clean", "--state-dir", self.directory)
        )

    def test_loop_without_root(self):
        with mock.patch("os.geteuid", return_value=1000):
            code, said = self.run_command(
                "serve", "--state-dir", self.directory, "--data-plane", "loop"
            )
        self.assertEqual(1, code)
        self.assertOneLine("root", said)

    def test_state_dir_that_cannot_be(self):
        path = pathlib.Path(self.directory, "file")
        path.write_text("")
        result = _run("serve", "--state-dir", str(path / "state"))
        self.assertEqual(1, result.returncode)
        self.assertOneLine("Not a directory", result.stderr)

    def test_address_in_use(self):
        simulator = self.useFixture(testing.SimulatorFixture())
        address = f"127.0.0.1:{simulator.port}"
        result = _run(
            "serve", "--state-dir", self.directory, "--listen", address
        )
        self.assertEqual(1, result.returncode)
        self.assertOneLine(f"cannot listen on {address}", result.stderr)


def _run(*arguments):
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )


class ServeTest(testtools.TestCase):
    def test_killed_and_started_again(self):
        simulator = self.useFixture(testing.SimulatorProcess())
        talker = client.Client(simulator.settings)
        self.addCleanup(talker.close)
        before = talker.volume_templates_list()
        simulator.restart()
        self.assertEqual(before, talker.volume_templates_list())
        self.assertEqual(0, simulator.stop())

    def test_conf_is_what_our_loader_reads(self):
        simulator = self.useFixture(testing.SimulatorProcess())
        result = _run("conf", "--state-dir", str(simulator.state_dir))
        path = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path, "storpool.conf"
        )
        path.write_text(result.stdout)
        loaded = config.load(
            host="comp2",
            environ={
                "STORPOOL_CONF": str(path),
                "STORPOOL_CONF_DIR": str(path.parent / "none"),
            },
        )
        self.assertEqual(2, loaded.client_id)
        self.assertEqual(3, loaded.client_id_of("ctl"))
        talker = client.Client(loaded.api)
        self.addCleanup(talker.close)
        talker.volumes_list()
        self.assertEqual(simulator.settings.addresses, loaded.api.addresses)

    def test_this_host_is_the_first_client(self):
        directory = self.useFixture(fixtures.TempDir()).path
        process = subprocess.Popen(
            [*COMMAND, "serve", "--state-dir", directory],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        self.assertIn("listening on http://", process.stdout.readline())
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            cli.main(["conf", "--state-dir", directory])
        self.assertIn("SP_OURID=1", said.getvalue())
