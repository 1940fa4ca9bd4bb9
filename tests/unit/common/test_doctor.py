# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the doctor finds on a host."""

import pathlib

import fixtures
import testtools

from storpool_common.attachments.cluster import Target
from storpool_common.attachments.records import FILE
from storpool_common.doctor.findings import Status
from storpool_common.doctor.host import examine
from tests.cluster_devices import HostFixture
from tests.cluster_devices import MIB


class HostTest(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.fixture = self.useFixture(HostFixture())
        self.home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.state = pathlib.Path(self.fixture.configuration.state_dir)
        self.byid = self.home / "byid"
        for name, value in (
            ("STORPOOL_CONF", str(self.home / "storpool.conf")),
            ("STORPOOL_CONF_DIR", str(self.home / "storpool.conf.d")),
            ("STORPOOL_STATE_DIR", str(self.state)),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        self.useFixture(
            fixtures.MonkeyPatch(
                "storpool_common.doctor.host.Devices",
                lambda directory: self.fixture.devices,
            )
        )
        self.configure()

    def configure(self, **values):
        known = {**self.fixture.configuration.values, **values}
        (self.home / "storpool.conf").write_text(
            "".join(f"{name}={text}\n" for name, text in known.items() if text)
        )

    def found(self, *wrong):
        """The findings, of which only these are not ok."""
        found = {each.check: each for each in examine(str(self.byid))}
        for each in found.values():
            self.assertNotIn(self.fixture.simulator.token, str(each))
            self.assertEqual(each.status is not Status.OK, bool(each.advice))
        self.assertEqual(
            list(wrong),
            [
                check
                for check, each in found.items()
                if each.status is not Status.OK
            ],
        )
        return found

    def failure(self, check, *words, status=Status.FAILED):
        """The one finding that is not ok says these words."""
        finding = self.found(check)[check]
        self.assertIs(status, finding.status)
        for word in words:
            self.assertIn(word, f"{finding.found}: {finding.advice}")

    def api(self):
        simulator = self.fixture.simulator
        return f"API at {simulator.host}:{simulator.port}"

    def attach(self):
        host = self.fixture.open()
        name = "os--volume-1"
        target = Target(self.fixture.make_volume(name), name, size=MIB)
        host.attach("nova:i:v", target, "rw")
        return target

    def test_healthy(self):
        found = self.found()
        self.assertIn("client 1 is running", found["client"].found)
        self.assertIn(str(self.home), found["storpool.conf"].found)

    def test_healthy_with_a_volume(self):
        self.attach()
        found = self.found()
        self.assertEqual("1 requests", found["records"].found)
        self.assertIn("as the cluster has", found["attachments"].found)

    def test_nothing_is_made(self):
        self.found()
        self.assertFalse(self.state.exists())

    def test_no_configuration(self):
        self.configure(SP_AUTH_TOKEN="")
        self.failure("storpool.conf", "SP_AUTH_TOKEN is not set")

    def test_malformed_value(self):
        self.configure(SP_OURID="five")
        self.failure("storpool.conf", "SP_OURID=five")

    def test_no_client_number(self):
        self.configure(SP_OURID="")
        self.failure("client number", "set SP_OURID in the section [")

    def test_wrong_token(self):
        self.configure(SP_AUTH_TOKEN="1234567890")
        self.failure(self.api(), "does not accept", "correct SP_AUTH_TOKEN")

    def test_nobody_at_one_of_two_addresses(self):
        self.configure(SP_API_HTTP_HOST="127.0.0.1:1,127.0.0.1")
        self.failure("API at 127.0.0.1:1", "storpool_mgmt", "SP_API_HTTP_HOST")

    def test_client_that_the_cluster_does_not_have(self):
        self.configure(SP_OURID="4000")
        self.failure("client", "no client 4000", "storpool_block")

    def test_client_that_is_down(self):
        self.fixture.simulator.set_up("client", 1, False)
        self.failure("client", "client 1 is", "start storpool_block")

    def test_something_else_in_the_place_of_the_devices(self):
        self.byid.touch()
        self.failure("devices", "is no directory")

    def test_state_directory_cannot_be_made(self):
        self.useFixture(
            fixtures.EnvironmentVariable(
                "STORPOOL_STATE_DIR", str(self.home / "none" / "state")
            )
        )
        self.failure("state directory", "cannot be made", "install -d")

    def test_state_directory_of_one_user(self):
        self.state.mkdir(0o700)
        self.failure(
            "state directory",
            "the group of",
            "install -d -m 2770",
            status=Status.WARNING,
        )

    def test_damaged_records(self):
        self.attach()
        for path in self.state.glob(f"{FILE}*"):
            path.write_bytes(b"rubbish" * 1000)
        self.failure("records", "is damaged", "attachments reconcile")

    def test_something_left_behind(self):
        target = self.attach()
        self.fixture.reassign(volume=target.name, detach=[1], force=True)
        self.failure(
            "attachments",
            target.name,
            "attachments list",
            status=Status.WARNING,
        )
