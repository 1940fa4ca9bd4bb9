# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The whole cloud: bring it up, take it down, say what runs."""

from collections.abc import Mapping
import json
import pathlib
import subprocess
from typing import Any

from tests.stack import cloud
from tests.stack import configuration
from tests.stack import database
from tests.stack import errors
from tests.stack import identity
from tests.stack import image
from tests.stack import layout
from tests.stack import namespaces
from tests.stack import processes
from tests.stack import report
from tests.stack import services
from tests.stack import snapshot

READY_SECONDS = 180.0


class Stack:
    """One cloud in one directory.

    :param place: its directories
    :param ports: the port of each service
    :param progress: where the steps are told
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
    ) -> None:
        self._place = place
        self._ports = ports
        self._report = progress
        self._table = processes.Table(place.run / "pids", place.log)
        self._namespace = namespaces.Namespace(place, self._table)
        self._services = services.Services(place, ports, self._table)

    @property
    def running(self) -> bool:
        """Whether an ``up`` ended well and nothing has died since."""
        if not (self._place.run / "up").exists():
            return False
        return all(self._table.alive(name) for name in self._table.names())

    @property
    def remains(self) -> bool:
        """Whether there is anything for ``down`` to do."""
        return self._place.run.exists()

    def up(self) -> None:
        """Start everything; a machine's state before it is kept.

        :raises StackError: a step failed; what started is still there to
            look at, and ``down`` removes it
        """
        layout.require_free(self._ports)
        self._place.forget_logs()
        self._place.run.mkdir(mode=0o700)
        snapshot.save(self._place.run / "before.json", snapshot.record())
        ports = self._place.run / "ports.json"
        ports.write_text(json.dumps(dict(self._ports)))
        virtualization = image.choose_virtualization(self._place)
        with self._report.step("mount in a private namespace"):
            self._namespace.create()
        common = configuration.values(self._place, self._ports, virtualization)
        configuration.write(self._place, common)
        report.together(
            self._start_foundation, lambda: self._open_cloud(common)
        )
        connection = cloud.connect(self._place)
        self._start_rest(connection)
        with self._report.step("make the flavor and the volume types"):
            cloud.create_types(connection)
        (self._place.run / "up").touch()

    def _start(self, service: services.Service) -> None:
        base = configuration.environment(self._place)
        self._table.start(
            service.name,
            self._namespace.enter(service.command),
            dict(base) | dict(service.environment),
        )

    def _await(self, service: services.Service) -> None:
        """Wait until a service is ready, or has died."""
        log = self._table.log(service.name)

        def ready() -> bool:
            if not self._table.alive(service.name):
                raise errors.StackError(f"{service.name} has ended", log)
            return service.ready()

        try:
            report.wait_for(service.name, ready, READY_SECONDS)
        except errors.StackError as error:
            raise errors.StackError(str(error), log) from None

    def _start_foundation(self) -> None:
        (self._place.run / "rabbitmq").mkdir()
        (self._place.run / "rabbitmq/plugins").write_text("[].\n")
        with self._report.step("start the simulator, libvirt and RabbitMQ"):
            for service in self._services.foundation():
                self._start(service)
            for service in self._services.foundation():
                self._await(service)
            self._write_storpool_conf()

    def _write_storpool_conf(self) -> None:
        command = [self._place.bin("storpool-simulator"), "conf",
                   "--state-dir", str(self._place.storage)]  # fmt: skip
        made = subprocess.run(
            self._namespace.enter(command),
            capture_output=True,
            text=True,
            env=dict(configuration.environment(self._place)),
            check=False,
        )
        if made.returncode != 0:
            raise errors.StackError(
                f"storpool-simulator conf: {made.stderr.strip()}",
                self._table.log("simulator"),
            )
        self._place.storpool_conf.touch(mode=0o600)
        self._place.storpool_conf.write_text(made.stdout)

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
            rest = self._services.rest()
            for service in rest:
                self._start(service)
            for service in (self._services.keystone(), *rest):
                self._await(service)
            step.result = f"{len(rest) + 1} processes"
        with self._report.step("wait until services have reported"):
            conditions = {
                "nova-compute": lambda: cloud.has_hypervisor(connection),
                "cinder-volume": lambda: (
                    cloud.pools(connection) >= set(services.TEMPLATES)
                ),
                "nova-conductor": lambda: cloud.services_up(connection),
            }
            for name, condition in conditions.items():
                self._await(services.Service(name, "", (), condition))

    def down(self) -> list[snapshot.Difference]:
        """Stop everything and compare the machine with before.

        :return: what the stack left behind; empty when all is as before
        """
        before = self._place.run / "before.json"
        state = snapshot.load(before) if before.exists() else None
        ours = self._own_nodes()
        with self._report.step("stop the guests and services") as step:
            stopped, stubborn = self._stop_processes()
            step.result = f"{stopped} processes, {stubborn} with SIGKILL"
        with self._report.step("detach, unmount, remove the data"):
            self._namespace.unmount()
            for link in ours["links"]:
                pathlib.Path(link).unlink(missing_ok=True)
            self._remove_empty("/dev/storpool", "/dev/storpool-byid", state)
            holder = self._namespace.holder
            if holder is not None:
                processes.stop([holder], patience=2)
            self._namespace.discard()
        if state is None:
            return []
        return self._compare(state, ours)

    def _stop_processes(self) -> tuple[int, int]:
        """All but the namespace's holder; the simulator last."""
        holder = self._namespace.holder
        simulator = self._table.get("simulator")
        everybody = processes.members(
            self._place.directory, self._namespace.number
        )
        last = [one for one in everybody if one == simulator]
        first = [one for one in everybody if one not in (holder, simulator)]
        stubborn = processes.stop(first, services.STOP_PATIENCE)
        stubborn += processes.stop(last, services.STOP_PATIENCE)
        return len(first) + len(last), len(stubborn)

    def _own_nodes(self) -> Mapping[str, list[str]]:
        """Our loop devices, and the links to them under /dev."""
        loops = self._namespace.loops()
        links = [
            str(path)
            for pattern in ("storpool/*", "storpool-byid/*", "sp-*")
            for path in pathlib.Path("/dev").glob(pattern)
            if str(path.resolve()) in loops
        ]
        return {"loops": loops, "links": links}

    @staticmethod
    def _remove_empty(*arguments: Any) -> None:
        *directories, state = arguments
        for name in directories:
            path = pathlib.Path(name)
            known = state is None or name in state["StorPool nodes and links"]
            if path.is_dir() and not known and not any(path.iterdir()):
                path.rmdir()

    def _compare(
        self, before: snapshot.State, ours: Mapping[str, list[str]]
    ) -> list[snapshot.Difference]:
        """What is left of us; what others changed meanwhile is only told."""
        left, foreign = [], []
        named = [*ours["loops"], *ours["links"], str(self._place.directory)]
        for difference in snapshot.compare(before, snapshot.record()):
            words = difference.line.split()
            mine = difference.kind in ("files", "network links") or any(
                name in words or name in difference.line for name in named
            )
            (left if mine else foreign).append(difference)
        remaining = processes.members(self._place.directory, None)
        left += [
            snapshot.Difference("processes", f"{one.pid} {one.command}", True)
            for one in remaining
        ]
        for difference in foreign:
            self._report.say(f"not of this stack: {difference}")
        return left

    def status(self) -> list[tuple[str, str, str]]:
        """Name, state and what it is, of each service."""
        known = {
            service.name: service.about
            for service in (
                *self._services.foundation(),
                self._services.keystone(),
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
