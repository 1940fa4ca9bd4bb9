# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a change has to pass, and that its cloud is stopped in any case."""

import os
import pathlib
import shutil
import signal
import subprocess

import fixtures
import testtools

RUN = pathlib.Path(__file__).parents[2] / ".ci/run"
FIRST = ["test", "pages"]
CLOUD = ["stack scenarios --quick", "tempest --smoke"]
DOWN = "stack down"
COMMAND = """\
#!/bin/sh
line=$(basename "$0")${*:+ $*}
echo "$line" >>"$ROOT/told"
[ "$line" != "$ENDED" ] || kill -TERM "$PPID"
[ "$line" != "$FAILS" ]
"""


class RunTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in (".ci", "bin"):
            (self.root / name).mkdir()
        shutil.copy(RUN, self.root / ".ci/run")
        for name in ("test", "pages", "stack", "tempest"):
            path = self.root / "bin" / name
            path.write_text(COMMAND)
            path.chmod(0o755)

    def run_it(self, fails: str = "none", ended: str = "none") -> int:
        environment = {
            **os.environ,
            "ROOT": str(self.root),
            "FAILS": fails,
            "ENDED": ended,
        }
        return subprocess.run(
            [self.root / ".ci/run"], env=environment, cwd="/", timeout=60
        ).returncode

    def told(self) -> list[str]:
        return (self.root / "told").read_text().splitlines()

    def test_everything_in_order(self) -> None:
        self.assertEqual(0, self.run_it())
        self.assertEqual([*FIRST, *CLOUD, DOWN], self.told())

    def test_what_fails_before_the_cloud_starts_none(self) -> None:
        for count, name in enumerate(FIRST, 1):
            (self.root / "told").unlink(missing_ok=True)
            self.assertNotEqual(0, self.run_it(fails=name))
            self.assertEqual(FIRST[:count], self.told())

    def test_what_fails_in_the_cloud_stops_it(self) -> None:
        for count, name in enumerate(CLOUD, 1):
            (self.root / "told").unlink(missing_ok=True)
            self.assertNotEqual(0, self.run_it(fails=name))
            self.assertEqual([*FIRST, *CLOUD[:count], DOWN], self.told())

    def test_what_the_cloud_leaves_behind_is_a_failure(self) -> None:
        self.assertNotEqual(0, self.run_it(fails=DOWN))

    def test_a_run_that_is_ended_stops_the_cloud(self) -> None:
        status = self.run_it(ended=CLOUD[0])
        self.assertIn(status, (-signal.SIGTERM, 128 + signal.SIGTERM))
        self.assertEqual([*FIRST, *CLOUD[:1], DOWN], self.told())
