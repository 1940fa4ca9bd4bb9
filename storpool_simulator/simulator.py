# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A simulator, put together from its parts."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import pathlib
import threading
import time
from typing import Literal

from storpool_simulator.clock import Clock
from storpool_simulator.cluster import Cluster
from storpool_simulator.dataplane.loop import LoopPlane
from storpool_simulator.dataplane.memory import MemoryPlane
from storpool_simulator.dataplane.protocol import DataPlane
from storpool_simulator.faults import Fault
from storpool_simulator.http import Server
from storpool_simulator.model.records import Client
from storpool_simulator.model.switches import Switches
from storpool_simulator.service import Service
from storpool_simulator.statedir import Running
from storpool_simulator.statedir import StateDir
from storpool_simulator.statedir import StateDirUnusable
from storpool_simulator.store import Store

PlaneName = Literal["memory", "loop"]

#: Bytes of client data that a pool holds unless told otherwise.
POOL_SIZE = 64 << 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """How a simulator is to be.

    :ivar state_dir: where it keeps its state; None keeps nothing.
    :ivar port: 0 is any that is free.
    :ivar token: what clients have to know.
    :ivar device_dirs: directory of device links by client id, where it is
        not ``dev_dir``.
    :ivar clients: host name by client id.
    :ivar cluster_id: location and sub-cluster of a cluster that is made;
        None is any.
    :ivar clients_down: clients whose hosts do not run.
    :ivar pool_size: bytes of client data.
    :ivar latency: seconds that a call takes at least.
    :ivar error_status: HTTP status of every error; None is one that fits.
    :ivar clock: seconds since 1970.
    """

    token: str = dataclasses.field(repr=False)
    state_dir: pathlib.Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    data_plane: PlaneName = "memory"
    dev_dir: pathlib.Path = pathlib.Path("/dev")
    device_dirs: Mapping[int, pathlib.Path] = dataclasses.field(
        default_factory=dict
    )
    clients: Mapping[int, str] = dataclasses.field(default_factory=dict)
    templates: Sequence[str] = ()
    http: Literal["1.0", "1.1"] = "1.1"
    pool_size: int = POOL_SIZE
    latency: float = 0.0
    error_status: int | None = None
    faults: Sequence[Fault] = ()
    cluster_id: str | None = None
    clients_down: Sequence[int] = ()
    switches: Switches = dataclasses.field(default_factory=Switches)
    clock: Callable[[], float] = time.time


class CannotListen(Exception):
    """The address cannot be listened on; the message says why."""


class Simulator:
    """One cluster on one address.

    :ivar plane: its data plane.
    :ivar service: what answers, with its faults and journal.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self._state_dir: StateDir | None = None
        if options.state_dir is not None:
            self._state_dir = StateDir(options.state_dir)
        self.plane = self._plane()
        clock = Clock(options.clock)
        self.cluster = Cluster(
            self._store(), self.plane, clock, options.switches
        )
        self.service = Service(
            self.cluster,
            token=options.token,
            clock=clock,
            error_status=options.error_status,
            latency=options.latency,
        )
        self._server: Server | None = None
        self._serving: threading.Thread | None = None

    def _plane(self) -> DataPlane:
        if self.options.data_plane == "memory":
            return MemoryPlane(self.options.pool_size)
        if self._state_dir is None:
            raise StateDirUnusable("the loop plane needs a state directory")
        return LoopPlane(
            self._state_dir.image,
            self._state_dir.pool,
            self.options.pool_size,
        )

    def _store(self) -> Store:
        if self._state_dir is None:
            return Store(":memory:")
        return Store(self._state_dir.database)

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("the simulator was not started")
        return self._server.port

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{self.options.host}:{self.port}"

    def start(self) -> None:
        """Bring the state back, and answer from then on.

        :raises CannotListen: the address is taken, or is not ours.
        :raises StateDirUnusable: neither is the state directory.
        :raises StoreUnusable: the state in it cannot be read.
        :raises PlaneFailed: devices cannot be had.
        :raises OtherCluster: the state is that of another cluster.
        """
        try:
            self._begin()
        except BaseException:
            self.stop()
            raise

    def _begin(self) -> None:
        options = self.options
        before = None
        if self._state_dir is not None:
            self._state_dir.lock()
            before = self._state_dir.remembered()
        self._require_same_plane(before)
        self._server = self._listen()
        self.cluster.start(
            self._clients(),
            options.templates,
            before.directories if before is not None else (),
            options.cluster_id,
        )
        for number in options.clients_down:
            self._take_down(number)
        for fault in options.faults:
            self.service.faults.add(fault)
        self._remember()
        self._serving = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            daemon=True,
        )
        self._serving.start()

    def _take_down(self, client: int) -> None:
        self.cluster.steer(
            lambda model: model.machines.set_client(client, False)
        )

    def _listen(self) -> Server:
        options = self.options
        address = (options.host, options.port)
        try:
            return Server(address, self.service, options.http)
        except OSError as error:
            raise CannotListen(
                f"cannot listen on {options.host}:{options.port}:"
                f" {error.strerror}"
            ) from error

    def _require_same_plane(self, before: Running | None) -> None:
        plane = self.options.data_plane
        if before is not None and before.data_plane != plane:
            raise StateDirUnusable(
                f"state directory {self.options.state_dir} belongs to data"
                f" plane {before.data_plane}: give --data-plane"
                f" {before.data_plane} or another directory"
            )

    def _clients(self) -> list[Client]:
        return [
            Client(
                id=number,
                host=host,
                devices=str(self._devices(number).absolute()),
            )
            for number, host in self.options.clients.items()
        ]

    def _devices(self, client: int) -> pathlib.Path:
        return self.options.device_dirs.get(client, self.options.dev_dir)

    def _remember(self) -> None:
        if self._state_dir is None:
            return
        clients = self.cluster.clients
        self._state_dir.remember(
            Running(
                host=self.options.host,
                port=self.port,
                token=self.options.token,
                cluster_id=self.cluster.id,
                clients={client.id: client.host for client in clients},
                data_plane=self.options.data_plane,
                directories=sorted({each.devices for each in clients}),
            )
        )

    def stop(self) -> list[str]:
        """Stop answering, remove the devices, keep the state.

        :returns: what could not be removed, one sentence each.
        """
        if self._server is not None:
            if self._serving is not None:
                self._server.shutdown()
            self._server.close_connections()
            self._server.server_close()
        left = self.cluster.stop()
        self.service.close()
        if self._state_dir is not None:
            self._state_dir.unlock()
        return left
