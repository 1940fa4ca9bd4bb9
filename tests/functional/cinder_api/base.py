# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What takes the place of Cinder's fake driver in Cinder's own tests."""

import pathlib
import sys
from typing import Any

from cinder import service
from cinder.volume import configuration
import fixtures
from oslo_config import cfg

from storpool_simulator import testing

DRIVER = "cinder_storpool.driver.StorPoolDriver"

CONF_FILE = """\
SP_AUTH_TOKEN={token}
SP_API_HTTP_HOST={host}
SP_API_HTTP_PORT={port}
SP_OURID=3
"""

#: Flags as Cinder's tests have them: value and group by name.
Flags = dict[str, dict[str, Any]]


class WithOurDriver:
    """Comes before a test case of ``cinder.tests.functional``.

    :ivar simulator: the cluster; a process of its own, for Cinder patches
        this one for eventlet.
    """

    def _get_flags(self) -> Flags:
        """Cinder asks for it before it starts its services."""
        flags: Flags = super()._get_flags()  # type: ignore[misc]
        self.simulator = self.useFixture(testing.SimulatorProcess())
        self._name_the_simulator()
        self.addCleanup(self._expect_that_it_was_asked)
        flags["volume_driver"] = {
            "v": DRIVER,
            "g": configuration.SHARED_CONF_GROUP,
        }
        return flags

    def _name_the_simulator(self) -> None:
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        file = directory / "storpool.conf"
        file.write_text(
            CONF_FILE.format(
                token=self.simulator.token,
                host=self.simulator.host,
                port=self.simulator.port,
            )
        )
        for name, value in (
            ("STORPOOL_CONF", str(file)),
            ("STORPOOL_CONF_DIR", str(directory / "none")),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))

    def _start_api_service(self) -> None:
        """As Cinder's, with the file from where its package puts it."""
        cfg.CONF.api_paste_config = f"{sys.prefix}/etc/cinder/api-paste.ini"
        self.osapi = service.WSGIService("osapi_volume")
        self.osapi.start()
        self.auth_url = f"http://{self.osapi.host}:{self.osapi.port}/v3"

    def _expect_that_it_was_asked(self) -> None:
        """A test that never met our driver proves nothing."""
        asked = {each["path"] for each in self.simulator.requests()}
        self.assertTrue(any("VolumeTemplates" in path for path in asked))
