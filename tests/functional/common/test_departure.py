# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Going back to Cinder's own driver, asked for on a command line."""

import json
import subprocess
import sys

import testtools

from storpool_simulator.testing import SimulatorFixture
from tests import programs

CINDER = "cinder_storpool.driver.StorPoolDriver"
OTHER = "11111111-2222-4333-8444-555555555555"

CONF = """\
[DEFAULT]
host = ctl
enabled_backends = storpool
state_path = {directory}
[database]
connection = sqlite:///{directory}/cinder.sqlite
[storpool]
volume_driver = {driver}
"""

#: Makes the database.
EMPTY = """
from cinder import context, db, objects
from oslo_config import cfg
objects.register_all()
cfg.CONF([], project="cinder", default_config_files=["cinder.conf"])
db.api.configure(cfg.CONF)
db.models.BASE.metadata.create_all(db.api.get_engine())
show()
"""

#: And in it a volume whose data has another name.
MIGRATED = """
objects.VolumeType(
    context.get_admin_context(), name="__DEFAULT__", is_public=True,
    extra_specs={{}}, projects=[], description="",
).create()
admin = context.RequestContext("u", "p", is_admin=True)
made = objects.Volume(
    admin, host="ctl@storpool#template_hybrid", size=1, status="available",
    user_id="u", project_id="p", _name_id="{name_id}",
)
made.create()
show(made.id)
"""


class DepartureTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.simulator = self.useFixture(SimulatorFixture())
        self.programs = self.useFixture(programs.Programs())
        self.programs.install()
        self.programs.conf.write_text(
            f"SP_AUTH_TOKEN={self.simulator.token}\nSP_OURID=1\n"
            f"SP_API_HTTP_HOST=127.0.0.1\n"
            f"SP_API_HTTP_PORT={self.simulator.port}\n"
        )
        self.file = self.programs.path / "cinder.conf"
        self.file.write_text(
            CONF.format(directory=self.programs.path, driver=CINDER)
        )

    def run_it(self, program: str, *arguments: str):
        """Run a command of the program as it would be typed."""
        return subprocess.run(
            [sys.executable, "-m", "storpool_common.cli", program, *arguments],
            env=self.programs._environment("threads"),
            cwd=self.programs.path,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def departure(self, *arguments: str):
        """Ask; exit code, and the rows."""
        done = self.run_it(
            *("departure", "--service", "cinder", "--json"),
            *(f"--config-file={self.file}", *arguments),
        )
        self.assertEqual("", done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_what_is_told_can_be_typed(self) -> None:
        name = f"os--volume-{OTHER}"
        request = {"name": name, "size": 1 << 30, "template": "hybrid"}
        self.run_it("api", "VolumeCreate", "--json", json.dumps(request))
        [volume_id], _ = self.programs.run(
            EMPTY + MIGRATED.format(name_id=OTHER)
        )
        code, [row, summary] = self.departure()
        self.assertEqual(1, code)
        self.assertEqual(
            (f"volume {volume_id}", "failed"), (row["check"], row["status"])
        )
        self.assertIn("1 volumes", summary["found"])
        [typed] = [
            step
            for step in row["what to do"].split("; ")
            if step.startswith("storpool-openstack api")
        ]
        done = subprocess.run(
            typed.replace(
                "storpool-openstack",
                f"{sys.executable} -m storpool_common.cli",
            ),
            shell=True,
            env=self.programs._environment("threads"),
            cwd=self.programs.path,
            capture_output=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        listed = self.run_it("api", "VolumesList", "-f", "json").stdout
        self.assertIn(f'"os--volume-{volume_id}"', listed)

    def test_nothing_is_to_be_done(self) -> None:
        self.programs.run(EMPTY)
        code, [summary] = self.departure()
        self.assertEqual((0, "ok"), (code, summary["status"]))

    def test_as_a_table(self) -> None:
        self.programs.run(EMPTY)
        done = self.run_it(
            *("departure", "--service", "cinder", "-c", "found"),
            f"--config-file={self.file}",
        )
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("0 volumes and 0 snapshots", done.stdout)

    def test_arguments(self) -> None:
        done = self.run_it("departure")
        self.assertEqual(2, done.returncode)
        self.assertIn("--service", done.stderr)
        self.assertEqual(1, done.stderr.count("\n"))
        done = self.run_it("departure", "--help")
        self.assertEqual(0, done.returncode)
        self.assertIn("departure --service cinder", done.stdout)

    def test_a_database_that_cannot_be_read(self) -> None:
        code, rows = self.departure()
        self.assertEqual(1, code)
        self.assertEqual("records", rows[-1]["check"])
        self.assertIn("[database] connection", rows[-1]["what to do"])

    def test_no_such_file(self) -> None:
        self.file.unlink()
        code, [row] = self.departure()
        self.assertEqual(1, code)
        self.assertEqual("configuration", row["check"])

    def test_a_service_that_has_nothing_to_say(self) -> None:
        done = self.run_it("departure", "--service", "swift")
        self.assertEqual(1, done.returncode)
        self.assertIn("no entry point swift", done.stdout)
