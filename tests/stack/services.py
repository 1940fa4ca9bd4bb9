# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What runs, with which command, and how to tell that it is ready."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import http.client
import os
import socket

from tests.stack import hosts
from tests.stack import layout
from tests.stack import processes

TEMPLATES = ("hybrid", "nvme")
NOVA = ("nova.conf", "nova-database.conf")
CONDUCTOR_STARTS = "Starting conductor node"
SHIM = layout.ROOT / "tests/stack/shim"
"""Stands for ssh and scp between compute hosts."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STOP_PATIENCE = 4.0
"""Seconds; some OpenStack services ignore SIGTERM for more than fifteen."""


@dataclasses.dataclass(frozen=True)
class Service:
    """One process of the cloud.

    *ready* is asked until it holds; *about* is for ``status``; *host* is the
    number of the host on which it runs; *near_guests* says that it makes the
    guests' links, and so runs where these have a network.
    """

    name: str
    about: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    host: int = 1
    near_guests: bool = False


def listens(port: int) -> bool:
    """Whether a connection to this port of 127.0.0.1 is accepted."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def answers_http(port: int) -> bool:
    """Whether anything but a server error comes back for ``/``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Services:
    """The services of one stack, by the moment at which they start."""

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        table: processes.Table,
        machines: Sequence[hosts.Host],
    ) -> None:
        self._place = place
        self._ports = ports
        self._table = table
        self._hosts = machines

    def foundation(self) -> list[Service]:
        """What needs no database: messages, hypervisor, storage."""
        return [
            self._rabbitmq(),
            *(self.libvirtd(host) for host in self._hosts),
            self.simulator(),
        ]

    def keystone(self) -> Service:
        return self._api("keystone", "keystone.wsgi.api", 8)

    def conductor(self) -> Service:
        """Ready when it takes messages.

        nova-compute waits ten seconds when its first is not answered.
        """
        started = self._daemon("nova-conductor", *NOVA)
        log = self._place.log / "nova-conductor.log"
        return dataclasses.replace(
            started,
            ready=lambda: log.exists() and CONDUCTOR_STARTS in log.read_text(),
        )

    def compute(self, host: hosts.Host) -> Service:
        """nova-compute of one host."""
        files = ["nova.conf"]
        environment = {"STORPOOL_STATE_DIR": str(host.records)}
        if self._has_peers:
            files.append(host.label("peer") + ".conf")
            environment["PATH"] = os.pathsep.join(
                (str(SHIM), f"{self._place.venv}/bin", SYSTEM_PATH)
            )
        name = host.label("nova-compute")
        return dataclasses.replace(
            self._daemon("nova-compute", *files),
            name=name,
            about=f"compute host {host.name}",
            ready=lambda: self._table.alive(name),
            environment=environment,
            host=host.number,
            near_guests=True,
        )

    @property
    def _has_peers(self) -> bool:
        return len(self._hosts) > 1

    def rest(self) -> list[Service]:
        """All others that wait for keystone, the slowest to start first."""
        return [
            self._api("nova", "nova.wsgi.osapi_compute", 8),
            self._daemon("nova-scheduler", *NOVA),
            self._daemon("cinder-volume", "cinder.conf"),
            self._api(
                "cinder",
                "cinder.wsgi.api",
                8,
                "--config-file",
                str(self._place.conf / "cinder.conf"),
                "--log-file",
                str(self._place.log / "cinder-api.log"),
            ),
            self._daemon("cinder-scheduler", "cinder.conf"),
            self._api("placement", "placement.wsgi.api", 4),
            self._api("glance", "glance.wsgi.api", 8),
            self._api("neutron", "tests.stack.neutron_api", 8),
            self._daemon("cinder-backup", "cinder.conf"),
        ]

    def simulator(self) -> Service:
        port = self._ports["simulator"]
        command = [
            self._place.bin("storpool-simulator"), "serve",
            "--listen", f"127.0.0.1:{port}",
            "--state-dir", str(self._place.storage),
            "--data-plane", "loop",
            "--dev-dir", "/dev",
        ]  # fmt: skip
        for host in self._hosts:
            command += ["--client", f"{host.number}:{host.name}"]
            command += ["--client-dev-dir", f"{host.number}:{host.devices}"]
        for template in TEMPLATES:
            command += ["--template", template]
        return Service(
            "simulator", f"StorPool API on port {port}", command,
            lambda: listens(port),
            {"SP_AUTH_TOKEN": self._place.secrets["token"]},
        )  # fmt: skip

    def _rabbitmq(self) -> Service:
        port = self._ports["rabbitmq"]
        home = self._place.run / "rabbitmq"
        return Service(
            "rabbitmq",
            f"messages on port {port}",
            # The wrapper in /usr/sbin wants su and the package's user.
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
            lambda: listens(port),
            {
                "HOME": str(home),
                "RABBITMQ_NODENAME": f"stack{port}@localhost",
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODE_PORT": str(port),
                "RABBITMQ_DIST_PORT": str(self._ports["rabbitmq-dist"]),
                "RABBITMQ_MNESIA_BASE": str(home),
                "RABBITMQ_LOG_BASE": str(self._place.log / "rabbitmq"),
                "RABBITMQ_CONFIG_FILE": f"{self._place.conf}/rabbitmq.conf",
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
                "ERL_EPMD_PORT": str(self._ports["epmd"]),
                "ERL_EPMD_ADDRESS": "127.0.0.1",
                # Distribution would listen on all addresses otherwise.
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                    "+S 2:2 +sbwt none "
                    "-kernel inet_dist_use_interface {127,0,0,1}"
                ),
            },
        )

    def libvirtd(self, host: hosts.Host) -> Service:
        """The hypervisor's daemon of one host."""
        command = ["libvirtd", "-f", f"{host.libvirt}/etc/libvirtd.conf",
                   "-p", f"{host.libvirt}/run/libvirtd.pid"]  # fmt: skip
        if self._has_peers:
            command.append("--listen")
        return Service(
            host.label("libvirtd"),
            f"hypervisor of {host.name}",
            command,
            (host.libvirt / "sock/libvirt-sock").exists,
            host=host.number,
            near_guests=True,
        )

    def _api(
        self, name: str, module: str, threads: int, *arguments: str
    ) -> Service:
        port = self._ports[name]
        command = [
            self._place.bin("python"), "-m", "tests.stack.wsgi",
            str(port), module, str(threads), *arguments,
        ]  # fmt: skip
        label = name if name in ("keystone", "placement") else f"{name}-api"
        return Service(
            label, f"http://127.0.0.1:{port}", command,
            lambda: answers_http(port),
        )  # fmt: skip

    def _daemon(self, name: str, *files: str) -> Service:
        command = [self._place.bin(name)]
        for file in files:
            command += ["--config-file", str(self._place.conf / file)]
        # What it reports in its API is asked when all are there.
        return Service(
            name, "", command, lambda: self._table.alive(name)
        )  # fmt: skip
