# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What every cloud of ours shares: its processes, and its end."""

from collections.abc import Collection
from collections.abc import Mapping
import json
import os
import pathlib
import shutil
import subprocess

from tests.stack import configuration
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import mountpoints
from tests.stack import namespaces
from tests.stack import network
from tests.stack import pool
from tests.stack import processes
from tests.stack import report
from tests.stack import services
from tests.stack import snapshot

READY_SECONDS = 120.0
LINKS = ("storpool/*", "storpool-byid/*", "sp-*")
OTHERS_CHANGE = ("loop devices", "mounts", "StorPool nodes and links")
"""Kinds in which other programs of the machine come and go."""

LINK_DIRECTORIES = ("/dev/storpool", "/dev/storpool-byid")


class Base:
    """One cloud in one directory.

    :param place: its directories
    :param ports: the port of each service
    :param progress: where the steps are told
    :param computes: how many compute hosts to start; of a cloud that was
        started before, as many as it has
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
        computes: int | None = None,
    ) -> None:
        self._place = place
        self._ports = ports
        self._report = progress
        self._hosts = (
            hosts.kept(place)
            if computes is None
            else hosts.choose(place, computes)
        )
        self._table = processes.Table(place.run / "pids", place.log)
        self._namespaces = {
            host.number: namespaces.Namespace(place, self._table, host)
            for host in self._hosts
        }
        self._network = network.Network(
            place, ports, self._table, self._namespaces[1]
        )
        self._pool = pool.Pool(place, self._table, self._namespaces[1])
        self._services = services.Services(
            place, ports, self._table, self._hosts
        )

    @property
    def hosts(self) -> list[hosts.Host]:
        """Its compute hosts."""
        return list(self._hosts)

    @property
    def network(self) -> network.Network:
        """Where its guests are spoken to, when it has that."""
        return self._network

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

    def _begin(self, ports: Mapping[str, int]) -> None:
        """Remember the machine as it is before anything starts.

        :raises StackError: one of *ports* is taken
        """
        layout.require_free(ports)
        self._place.forget_logs()
        self._place.run.mkdir(mode=0o700)
        snapshot.save(self._place.run / "before.json", snapshot.record())
        kept = self._place.run / "ports.json"
        kept.write_text(json.dumps(dict(self._ports)))
        hosts.keep(self._place, self._hosts)

    def _end(self) -> None:
        """Everything is up."""
        (self._place.run / "up").touch()

    def _start(self, service: services.Service) -> None:
        base = configuration.environment(self._place)
        command = self._namespaces[service.host].enter(service.command)
        if service.near_guests:
            command = self._network.enter(command)
        self._table.start(
            service.name, command, dict(base) | dict(service.environment)
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

    def _write_storpool_conf(self) -> None:
        command = [self._place.bin("storpool-simulator"), "conf",
                   "--state-dir", str(self._place.storage)]  # fmt: skip
        made = subprocess.run(
            self._namespaces[1].enter(command),
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

    def down(self) -> list[snapshot.Difference]:
        """Stop everything and compare the machine with before.

        :return: what the stack left behind; empty when all is as before
        """
        before = self._place.run / "before.json"
        state = snapshot.load(before) if before.exists() else None
        loops = self._pool.loops()
        links = self._links_to(loops)
        with self._report.step("stop the guests and services") as step:
            stopped, stubborn = self._stop_processes()
            step.result = f"{stopped} processes, {stubborn} with SIGKILL"
        with self._report.step("unmount, remove the data"):
            self._pool.clean()
            still = self._pool.loops()
            for namespace in self._namespaces.values():
                namespace.remove()
            self._remove_link_directories(state)
            shutil.rmtree(self._place.run, ignore_errors=True)
        if state is None:
            return []
        return [
            *(
                snapshot.Difference("loop devices", name, True)
                for name, file in loops.items()
                if still.get(name) == file
            ),
            *(
                snapshot.Difference("StorPool nodes", str(path), True)
                for path in links
                if path.is_symlink()
            ),
            *self._compare(state),
        ]

    def _stop_processes(self) -> tuple[int, int]:
        """All but the namespaces' holders; the simulator last."""
        spaces = self._namespaces.values()
        staying = {self._table.get("simulator")} | {
            namespace.holder for namespace in spaces
        }
        everybody = self._members()
        last = [
            one for one in everybody if one == self._table.get("simulator")
        ]
        first = [one for one in everybody if one not in staying]
        stubborn = processes.stop(first, services.STOP_PATIENCE)
        stubborn += processes.stop(last, services.STOP_PATIENCE)
        return len(first) + len(last), len(stubborn)

    def _members(self) -> list[processes.Identity]:
        numbers = {namespace.number for namespace in self._namespaces.values()}
        return processes.members(
            self._place.directory,
            {number for number in numbers if number is not None},
        )

    @staticmethod
    def _links_to(devices: Collection[str]) -> list[pathlib.Path]:
        """The links under /dev that lead to one of *devices*."""
        return [
            path
            for pattern in LINKS
            for path in pathlib.Path("/dev").glob(pattern)
            if str(path.resolve()) in devices
        ]

    @staticmethod
    def _remove_link_directories(before: snapshot.State | None) -> None:
        """Remove the directories of links that were not there before."""
        known = before["StorPool nodes and links"] if before else ()
        for name in LINK_DIRECTORIES:
            path = pathlib.Path(name)
            if name in known or not path.is_dir() or os.listdir(path):
                continue
            if not mountpoints.is_used(name):
                path.rmdir()

    def _compare(self, before: snapshot.State) -> list[snapshot.Difference]:
        """What is left of us; what others changed meanwhile is only told."""
        left: list[snapshot.Difference] = []
        for difference in snapshot.compare(before, snapshot.record()):
            if self._is_of_others(difference):
                self._report.say(f"by others meanwhile: {difference}")
            else:
                left.append(difference)
        return left + [
            snapshot.Difference("processes", f"{one.pid} {one.command}", True)
            for one in processes.members(self._place.directory, ())
        ]

    def _is_of_others(self, difference: snapshot.Difference) -> bool:
        if difference.kind == "files":
            return not difference.came or mountpoints.is_used(difference.line)
        return (
            difference.kind in OTHERS_CHANGE
            and str(self._place.directory) not in difference.line
        )
