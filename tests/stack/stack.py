# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The whole cloud: bring it up, take it down, say what runs."""

from collections.abc import Mapping
from typing import Any

from tests.stack import base
from tests.stack import cloud
from tests.stack import configuration
from tests.stack import database
from tests.stack import drivers
from tests.stack import identity
from tests.stack import image
from tests.stack import layout
from tests.stack import network
from tests.stack import packages
from tests.stack import report
from tests.stack import services


class Stack(base.Base):
    """The cloud that boots servers.

    :param chosen: the drivers with which it starts
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
        computes: int | None = None,
        chosen: drivers.Drivers = drivers.OURS,
    ) -> None:
        super().__init__(place, ports, progress, computes)
        self._drivers = chosen

    def up(self) -> None:
        """Start everything; a machine's state before it is kept.

        :raises StackError: a step failed; what started is still there to
            look at, and ``down`` removes it
        """
        self._begin(self._used_ports())
        virtualization = image.choose_virtualization(self._place)
        with self._report.step("mount in a private namespace"):
            self._place.storage.mkdir(parents=True)
            for namespace in self._namespaces.values():
                namespace.create()
        self._prepare_network()
        drivers.keep(self._place, self._drivers)
        common = {
            **configuration.values(
                self._place, self._ports, virtualization, len(self._hosts)
            ),
            **self._drivers.values,
        }
        configuration.write(self._place, common)
        configuration.write_hosts(self._place, common, self._hosts)
        report.together(
            self._start_foundation, lambda: self._open_cloud(common)
        )
        connection = cloud.connect(self._place)
        self._start_rest(connection)
        with self._report.step("make the flavor and the volume types"):
            cloud.create_types(connection)
        self._announce_network(connection)
        self._end()

    def _prepare_network(self) -> None:
        """Guests have none here."""

    def _announce_network(self, connection: Any) -> None:
        """There is nothing that a port could be made in."""

    def _used_ports(self) -> Mapping[str, int]:
        unused = layout.BETWEEN_HOSTS if len(self._hosts) == 1 else ()
        return {
            name: port
            for name, port in self._ports.items()
            if name not in unused
        }

    def _start_foundation(self) -> None:
        (self._place.run / "rabbitmq").mkdir()
        (self._place.run / "rabbitmq/plugins").write_text("[].\n")
        with self._report.step("start the simulator, libvirt and RabbitMQ"):
            for service in self._services.foundation():
                self._start(service)
            for service in self._services.foundation():
                self._await(service)
            self._write_storpool_conf()
        with self._report.step("let libvirt ask QEMU what it can"):
            # Eight seconds of processor the first time, kept afterwards;
            # else nova-compute waits for them.
            for host in self._hosts:
                packages.run_logged(
                    ["virsh", "-c", host.libvirt_uri, "capabilities"],
                    self._table.log("virsh"),
                )

    def _open_cloud(self, common: Mapping[str, str]) -> None:
        """MariaDB and keystone with everything the others look up in them."""
        server = database.Database(self._place, self._table, common)
        keystone = self._services.keystone()
        if server.has_seed:
            with self._report.step("start MariaDB from the kept schemas"):
                server.restore()
                server.start()
            self._start(keystone)
            return
        with self._report.step("start MariaDB"):
            server.create()
            server.start()
            server.grant()
        with self._report.step("make eight databases' schemas"):
            server.make_schemas()
        with self._report.step("start keystone; make users, endpoints"):
            self._start(keystone)
            self._await(keystone)
            password = self._place.secrets["password"]
            identity.create(cloud.connect(self._place), self._ports, password)
        with self._report.step("keep the schemas for the next time"):
            server.keep_seed()

    def _start_rest(self, connection: Any) -> None:
        with self._report.step("start the services of OpenStack") as step:
            conductor = self._services.conductor()
            rest = self._services.rest()
            for service in (conductor, *rest):
                self._start(service)
            self._await(conductor)
            for host in self._hosts:
                self._start(self._services.compute(host))
            for service in (self._services.keystone(), *rest):
                self._await(service)
            step.result = f"{len(rest) + 2 + len(self._hosts)} processes"
        with self._report.step("wait until services have reported"):
            conditions = {
                "nova-compute": lambda: (
                    cloud.hypervisors(connection) >= len(self._hosts)
                ),
                "cinder-volume": lambda: (
                    cloud.pools(connection) >= set(services.TEMPLATES)
                ),
                "nova-conductor": lambda: cloud.services_up(connection),
            }
            for name, condition in conditions.items():
                self._await(services.Service(name, "", (), condition))

    def status(self) -> list[tuple[str, str, str]]:
        """Name, state and what it is, of each service."""
        known = {
            service.name: service.about
            for service in (
                *self._services.foundation(),
                self._services.keystone(),
                self._services.conductor(),
                *map(self._services.compute, self._hosts),
                *self._services.rest(),
            )
        }
        rows = []
        for name in self._table.names():
            found = self._table.get(name)
            alive = found is not None and found.alive
            state = f"running, pid {found.pid}" if alive and found else "dead"
            rows.append((name, state, known.get(name, "")))
        return rows


class Online(Stack):
    """A cloud of one compute host whose guests can be spoken to."""

    def _prepare_network(self) -> None:
        with self._report.step("make a network for the guests"):
            self._network.create()

    def _announce_network(self, connection: Any) -> None:
        network.create(connection)
