# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cloud without servers: Cinder in one process, and the simulator."""

import os
from typing import Any

from openstack import connection

from tests.stack import base
from tests.stack import cloud
from tests.stack import configuration
from tests.stack import layout
from tests.stack import packages
from tests.stack import services

BACKEND = "hybrid"


class Small(base.Base):
    """Needs wheels alone, and root for loop devices."""

    def up(self) -> None:
        """Start both processes.

        :raises StackError: a step failed
        """
        self._begin({name: self._ports[name] for name in layout.SMALL})
        self._configure()
        simulator = self._services.simulator()
        with self._report.step("start the simulator"):
            self._start(simulator)
            self._await(simulator)
            self._write_storpool_conf()
        with self._report.step("make Cinder's schema"):
            packages.run_logged(
                [self._place.bin("cinder-manage"), "--config-file",
                 str(self._place.conf / "cinder.conf"), "db", "sync"],
                self._place.log / "schema.log",
                configuration.environment(self._place),
            )  # fmt: skip
        cinder = self._cinder()
        with self._report.step("start Cinder: API, scheduler, volume"):
            self._start(cinder)
            self._await(cinder)
        self._end()

    def _configure(self) -> None:
        for name in ("conf", "storage", "cinder/lock", "storpool-state"):
            (self._place.run / name).mkdir(parents=True)
        values = configuration.values(self._place, self._ports, "qemu")
        text = configuration.render("cinder-alone.conf", values)
        (self._place.conf / "cinder.conf").write_text(text)

    def _cinder(self) -> services.Service:
        port = self._ports["cinder"]
        command = [
            self._place.bin("python"), "-m", "tests.stack.cinder_alone",
            str(port), "--config-file", f"{self._place.conf}/cinder.conf",
        ]  # fmt: skip
        return services.Service(
            "cinder", f"http://127.0.0.1:{port}", command,
            lambda: (
                services.answers_http(port)
                and BACKEND in cloud.pools(self.connect())
            ),
        )  # fmt: skip

    def connect(self) -> Any:
        """openstacksdk on Cinder without keystone."""
        os.environ["no_proxy"] = "127.0.0.1,localhost"
        endpoint = f"http://127.0.0.1:{self._ports['cinder']}/v3/"
        return connection.Connection(
            auth_type="none", block_storage_endpoint_override=endpoint
        )
