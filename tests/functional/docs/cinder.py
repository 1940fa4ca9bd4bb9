# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A Cinder without a cloud, of which a page says how it is configured.

Its API, its scheduler and one volume service are one process, with a database
that it shares with those that come after it, and nobody has to say who he is.
"""

from collections.abc import Callable
import contextlib
import pathlib
import socket
import sqlite3
import subprocess
import sys
import time
from typing import Any

import fixtures
from openstack import connection
import urllib3

from storpool_simulator import testing
from tests.functional.docs.blocks import ROOT
from tests.functional.docs.session import plain_environ
from tests.programs import Programs

#: The section of the pages' back end.
BACKEND = "storpool"
#: Seconds for whatever is waited for.
PATIENCE = 90
#: Seconds without a word after which a service counts as dead.
DEAD = 10

STORPOOL_CONF = """\
SP_API_HTTP_HOST={host}
SP_API_HTTP_PORT={port}
SP_AUTH_TOKEN={token}
"""

#: The program ``cinder-manage``.
SCHEMA = "from cinder.cmd import manage; manage.main()"

#: What a page does not say, or what would lead away from this machine.
CINDER_CONF = """\
[DEFAULT]
log_file = {directory}/cinder.log
transport_url = fake://
auth_strategy = noauth
my_ip = 127.0.0.1
api_paste_config = {prefix}/etc/cinder/api-paste.ini
resource_query_filters_file = {prefix}/etc/cinder/resource_filters.json
state_path = {directory}
scheduler_driver_init_wait_time = 1
report_interval = 1
service_down_time = {dead}

[coordination]
backend_url = file://{directory}/locks

[database]
connection = sqlite:///{directory}/cinder.sqlite

[oslo_concurrency]
lock_path = {directory}/locks
"""


class Cinder(fixtures.Fixture):
    """The configuration and the database; nothing runs yet.

    :param simulator: the cluster.
    :param lines: of ``cinder.conf``, as a page has them.
    :ivar url: where its API answers while it runs.
    """

    def __init__(self, simulator: testing.SimulatorProcess, lines: str):
        super().__init__()
        self._simulator = simulator
        self._lines = lines
        self._running: subprocess.Popen | None = None

    def _setUp(self) -> None:  # noqa: N802
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.directory / "locks").mkdir()
        (self.directory / "storpool.conf").write_text(
            STORPOOL_CONF.format(
                host=self._simulator.host,
                port=self._simulator.port,
                token=self._simulator.token,
            )
        )
        self._installed = self.useFixture(Programs())
        self._installed.install()
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}/v3"
        self._configure()
        self._make_schema()
        self.addCleanup(self.kill)

    def _configure(self) -> None:
        (self.directory / "page.conf").write_text(self._lines)
        (self.directory / "test.conf").write_text(
            CINDER_CONF.format(
                directory=self.directory, prefix=sys.prefix, dead=DEAD
            )
        )

    def commands(self) -> dict[str, str]:
        """Programs by their names: the clients of its administrator."""
        return {
            "mysql": (
                f"#!{sys.executable}\nimport sqlite3, sys\n"
                f"with sqlite3.connect({self._database!r}) as database:\n"
                "    database.execute(sys.argv[3])\n"
            ),
            "cinder": _program(
                "cinderclient.shell",
                OS_AUTH_TYPE="noauth",
                OS_USER_ID="admin",
                OS_PROJECT_ID=32 * "0",
                CINDER_ENDPOINT=self.url,
            ),
            "openstack": _program(
                "openstackclient.shell",
                OS_AUTH_TYPE="none",
                OS_ENDPOINT=self.url,
            ),
        }

    def change(self, statement: str) -> None:
        """Change its database."""
        with sqlite3.connect(self._database) as database:
            database.execute(statement)

    @property
    def _database(self) -> str:
        return f"{self.directory}/cinder.sqlite"

    @property
    def storage(self) -> Any:
        """openstacksdk's proxy of the API."""
        return connection.Connection(
            auth_type="none", block_storage_endpoint_override=f"{self.url}/"
        ).block_storage

    @property
    def log(self) -> str:
        """What the services have said."""
        file = self.directory / "cinder.log"
        return file.read_text() if file.exists() else ""

    def start(self, host: str) -> None:
        """Start it on a host of that name, until it can make volumes."""
        (self.directory / "host.conf").write_text(
            f"[DEFAULT]\nhost = {host}\n"
        )
        self._running = subprocess.Popen(
            [sys.executable, "-m", "tests.stack.cinder_alone",
             str(self._port), *self._files(), "--config-file=host.conf"],
            cwd=self.directory,
            env=self._environ(),
            stdout=subprocess.DEVNULL,
            stderr=(self.directory / "stderr").open("w"),
        )  # fmt: skip
        self.wait_for(self._has_pools)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._running is None:
            return
        self._running.kill()
        self._running.wait()
        self._running = None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something has come about."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end or self._has_ended():
                raise AssertionError(self._last_words())
            time.sleep(0.2)

    def _has_ended(self) -> bool:
        return self._running is None or self._running.poll() is not None

    def _last_words(self) -> str:
        errors = (self.directory / "stderr").read_text()
        return f"{self.log[-5000:]}\n{errors[-5000:]}"

    def _has_pools(self) -> bool:
        with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):
            urllib3.request("GET", f"{self.url}/", retries=False)
            return bool(list(self.storage.backend_pools()))
        return False

    def _make_schema(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", SCHEMA, *self._files(), "db", "sync"],
            cwd=self.directory,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise AssertionError(done.stderr)

    def _files(self) -> list[str]:
        return [
            f"--config-file={self.directory}/{name}.conf"
            for name in ("page", "test")
        ]

    def _environ(self) -> dict[str, str]:
        return plain_environ() | {
            "PYTHONPATH": f"{self._installed.path}:{ROOT}",
            "STORPOOL_CONF": str(self.directory / "storpool.conf"),
            "STORPOOL_CONF_DIR": str(self.directory / "none"),
        }


def _program(module: str, **environ: str) -> str:
    exported = " ".join(f"{name}={value}" for name, value in environ.items())
    return (
        f"#!/bin/sh\nexport {exported}\n"
        f'exec {sys.executable} -m {module} "$@"\n'
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
