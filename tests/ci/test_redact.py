# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""No secret is in the logs that a CI shows to everybody."""

import pathlib
import subprocess
import sys

import fixtures
import testtools

SCRIPT = pathlib.Path(__file__).parents[2] / "playbooks/storpool/redact"
TOKEN = "8372049118273645"
SECRETS = (TOKEN, "hunter2", "s3cr3t", "0011aabb", "gAAAAABm")
SAMPLE = f"""\
[DEFAULT]
transport_url = rabbit://stack:hunter2@127.0.0.1:5672/
SP_AUTH_TOKEN={TOKEN}
Environment="SP_AUTH_TOKEN={TOKEN}"
export SP_AUTH_TOKEN='{TOKEN}' # and a comment
Nov 20 sp-sim[7]: Authorization: Storpool v1:{TOKEN}
Nov 20 c-vol[8]: somebody wrote {TOKEN} without a name
[keystone_authtoken]
password = hunter2
+ stack.sh:12 : ADMIN_PASSWORD=s3cr3t
fixed_key=0011aabb
{{"auth_token": "gAAAAABm", "name": "kept"}}
X-Auth-Token: gAAAAABm
volume os--volume-1 is attached to client 7
connection = mysql+pymysql://root:s3cr3t@127.0.0.1/cinder
"""


class RedactTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.logs = root / "logs"
        (self.logs / "deep").mkdir(parents=True)
        self.conf = root / "storpool.conf"
        self.conf.write_text(f"SP_AUTH_TOKEN={TOKEN}\n")
        self.sample = self.logs / "deep" / "c-vol.txt"
        self.sample.write_text(SAMPLE)

    def redact(self) -> int:
        return subprocess.run(
            [sys.executable, SCRIPT, self.logs, self.conf]
        ).returncode

    def test_no_secret_is_left(self) -> None:
        self.assertEqual(0, self.redact())
        text = self.sample.read_text()
        for secret in SECRETS:
            self.assertIn(secret, SAMPLE)
            self.assertNotIn(secret, text)

    def test_the_rest_stays(self) -> None:
        self.redact()
        lines = self.sample.read_text().splitlines()
        self.assertEqual(len(SAMPLE.splitlines()), len(lines))
        for line in (
            "transport_url = rabbit://stack:***@127.0.0.1:5672/",
            "SP_AUTH_TOKEN=***",
            "Nov 20 c-vol[8]: somebody wrote *** without a name",
            "volume os--volume-1 is attached to client 7",
        ):
            self.assertIn(line, lines)
        self.assertIn('"name": "kept"', self.sample.read_text())

    def test_again_is_no_change(self) -> None:
        self.redact()
        once = self.sample.read_text()
        self.redact()
        self.assertEqual(once, self.sample.read_text())

    def test_a_token_of_the_directory_beside(self) -> None:
        self.conf.unlink()
        beside = self.conf.with_name("storpool.conf.d")
        beside.mkdir()
        (beside / "x.conf").write_text(f'SP_AUTH_TOKEN = "{TOKEN}"\n')
        self.redact()
        self.assertNotIn(TOKEN, self.sample.read_text())

    def test_a_link_does_not_lead_out(self) -> None:
        (self.logs / "link").symlink_to(self.conf)
        self.redact()
        self.assertFalse((self.logs / "link").exists())
        self.assertIn(TOKEN, self.conf.read_text())

    def test_bytes_that_are_no_text(self) -> None:
        self.sample.write_bytes(b"\xff\xfe" + SAMPLE.encode())
        self.assertEqual(0, self.redact())
        self.assertNotIn(TOKEN.encode(), self.sample.read_bytes())
