# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The playbooks, run against a directory that stands for a node."""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import fixtures
import testtools

PLAYBOOKS = pathlib.Path(__file__).parents[2] / "playbooks" / "storpool"
TOKEN = "4417263549081726"


class PlaybooksTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.root / "etc").mkdir()

    def play(self, name: str, **variables: Any) -> str:
        """Its output, and "rc=N" at the end."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ansible.cli.playbook"),
                *("--inventory", "localhost,", "--connection", "local"),
                *("--extra-vars", json.dumps(variables)),
                str(PLAYBOOKS / name),
            ],
            env={
                **os.environ,
                "ANSIBLE_HOME": str(self.root / "ansible"),
                "ANSIBLE_LOCALHOST_WARNING": "False",
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return f"{done.stdout}rc={done.returncode}"

    def test_only_ours_passes(self) -> None:
        said = self.play(
            "pre.yaml",
            devstack_localrc={"CINDER_ENABLED_BACKENDS": "storpool:a"},
        )
        self.assertIn("rc=0", said)

    def test_another_back_end_stops_the_job(self) -> None:
        said = self.play(
            "pre.yaml",
            devstack_localrc={"CINDER_ENABLED_BACKENDS": "storpool:a,lvm:b"},
        )
        self.assertIn("rc=2", said)
        self.assertIn("has another back end than StorPool's", said)

    def test_logs_have_the_configuration_and_no_token(self) -> None:
        conf = self.root / "etc" / "storpool.conf"
        conf.write_text(f"SP_API_HTTP_PORT=81\nSP_AUTH_TOKEN={TOKEN}\n")
        said = self.play(
            "post.yaml",
            etc=str(conf.parent),
            target=str(self.root / "logs"),
            journal=f"echo Storpool v1:{TOKEN} and {TOKEN}",
            privileged=False,
        )
        self.assertIn("rc=0", said)
        self.assertNotIn(TOKEN, said)
        logs = {
            path.name: path.read_text()
            for path in (self.root / "logs").iterdir()
        }
        self.assertIn("SP_API_HTTP_PORT=81", logs["storpool.conf.txt"])
        self.assertIn("devstack@c-vol", logs["devstack@c-vol.txt"])
        self.assertIn("attachments.txt", logs)
        for text in logs.values():
            self.assertNotIn(TOKEN, text)
