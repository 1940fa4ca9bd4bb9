# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where the cloud cannot run, one sentence says so and what to do."""

import fixtures
import testtools

from tests.stack import errors
from tests.stack import packages

DEBIAN_12 = {"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian 12"}
UBUNTU = {"ID": "ubuntu", "VERSION_ID": "24.04", "PRETTY_NAME": "Ubuntu 24.04"}


class RequireHostTest(testtools.TestCase):
    def refusal(self, release: dict[str, str], user: int) -> str:
        """What a host is told."""
        self.useFixture(
            fixtures.MonkeyPatch(
                "platform.freedesktop_os_release", lambda: release
            )
        )
        self.useFixture(fixtures.MonkeyPatch("os.geteuid", lambda: user))
        raised = self.assertRaises(
            errors.StackError, packages.require_host, "bin/demo"
        )
        return str(raised)

    def test_another_distribution(self) -> None:
        said = self.refusal(UBUNTU, 0)
        for word in ("Ubuntu 24.04", "Debian 12", "bin/demo --no-vm"):
            self.assertIn(word, said)

    def test_a_distribution_that_does_not_say(self) -> None:
        self.assertIn("Linux", self.refusal({}, 0))

    def test_no_root(self) -> None:
        self.assertIn("sudo bin/demo", self.refusal(DEBIAN_12, 1000))
