# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack doctor``, from its arguments to its exit code."""

import json
import pathlib

import ddt
import fixtures
import testtools

from storpool_simulator.testing import SimulatorFixture
from tests import programs
from tests.unit.common import typed


@ddt.ddt
class DoctorTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.simulator = self.useFixture(SimulatorFixture())
        self.home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf = self.home / "storpool.conf"
        self.configure()
        installed = self.useFixture(programs.Programs())
        installed.install()
        for name, value in (
            ("PYTHONPATH", f"{installed.path}:{programs.ROOT}"),
            ("STORPOOL_CONF", str(self.conf)),
            ("STORPOOL_CONF_DIR", str(self.home / "none")),
            ("STORPOOL_STATE_DIR", str(self.home / "state")),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))

    def configure(self, token: str | None = None) -> None:
        self.conf.write_text(
            f"SP_AUTH_TOKEN={token or self.simulator.token}\n"
            "SP_OURID=1\nSP_API_HTTP_HOST=127.0.0.1\n"
            f"SP_API_HTTP_PORT={self.simulator.port}\n"
        )

    def run_it(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command: exit code, output, errors."""
        return typed.run(self, "doctor", *arguments)

    def findings(self, *arguments: str) -> dict[str, dict[str, str]]:
        _code, out, _err = self.run_it("--json", *arguments)
        return {each["check"]: each for each in json.loads(out)}

    def test_a_host(self) -> None:
        code, _out, _err = self.run_it()
        self.assertEqual(0, code)
        found = self.findings()
        self.assertEqual("ok", found["client"]["status"])
        self.assertIn("1.2.3", found["interpreter"]["found"])
        self.assertEqual("", found["client"]["what to do"])
        self.assertNotIn("configuration", found)

    def test_table(self) -> None:
        _code, out, err = self.run_it()
        self.assertIn("what to do", out)
        self.assertIn("client 1 is running", out)
        self.assertEqual("", err)

    def test_something_has_failed(self) -> None:
        self.configure(token="1234567890")
        code, out, _err = self.run_it()
        self.assertEqual(1, code)
        self.assertIn("correct SP_AUTH_TOKEN", out)
        self.assertNotIn("1234567890", out)

    @ddt.data(
        (["--config-file", "x"], "go with --service"),
        (["--user", "no-such-user"], "no such user"),
        (["--python", "/no/such/python"], "No such file"),
        (["--service", "swift"], "invalid choice"),
    )
    @ddt.unpack
    def test_wrong_arguments(self, arguments: list[str], word: str) -> None:
        code, out, err = self.run_it(*arguments)
        self.assertEqual(2, code)
        self.assertEqual("", out)
        self.assertIn(word, err)
        self.assertEqual(1, err.count("\n"))

    def test_an_interpreter_that_is_none(self) -> None:
        code, out, _err = self.run_it("--python", "/bin/false")
        self.assertEqual(1, code)
        self.assertIn("--python", out)

    def test_an_interpreter_without_us(self) -> None:
        self.useFixture(fixtures.EnvironmentVariable("PYTHONPATH", "/"))
        found = self.findings("--python", "/usr/bin/python3")
        self.assertIn("storpool_common", found["examination"]["found"])

    def test_help(self) -> None:
        code, out, _err = self.run_it("--help")
        self.assertEqual(0, code)
        self.assertIn("doctor --service nova", out)
