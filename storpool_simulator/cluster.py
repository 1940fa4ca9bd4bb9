# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Carries out calls: one change at a time, in an order that survives a kill.

A change first says in the model what it leaves and what that takes. Then
contents are made and devices taken away, the change is committed, and the
rest is settled: devices and links appear, what nobody owns is removed. Only
then the answer goes out. Killed before the commit, nothing happened that the
next start does not tidy up; killed after it, the next start finishes.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import logging
import secrets
import threading
from typing import Any

from storpool_common.api.call import Call
from storpool_simulator.dataplane.protocol import DataPlane
from storpool_simulator.dataplane.protocol import Device
from storpool_simulator.dataplane.protocol import DeviceOpen
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.dataplane.protocol import PoolFull
from storpool_simulator.dataplane.protocol import Wanted
from storpool_simulator.faults import Fault
from storpool_simulator.model.attachments import describe
from storpool_simulator.model.calls import calls
from storpool_simulator.model.changes import next_number
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.placement import completed
from storpool_simulator.model.placement import DEFAULT_GROUP
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster as ClusterRecord
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import Effect
from storpool_simulator.model.state import Make
from storpool_simulator.model.state import MakeTogether
from storpool_simulator.model.state import Release
from storpool_simulator.model.state import State
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import insufficient
from storpool_simulator.refusal import Refusal
from storpool_simulator.store import Store

LOG = logging.getLogger(__name__)

_SERVERS = 3
_DISKS_A_SERVER = 2
_COPIES = 3


class Cluster:
    """The state, its keeper and its data plane, behind one lock."""

    def __init__(
        self, store: Store, plane: DataPlane, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._plane = plane
        self._clock = clock
        self._lock = threading.RLock()
        self._late: dict[tuple[str, int], threading.Timer] = {}
        self._state = State(())
        self._lifetime = Lifetime(self._state, clock)
        self._calls: Mapping[str, Callable[..., Any]] = {}

    @property
    def id(self) -> str:
        """The cluster id, ``location.cluster``."""
        return self._state.cluster.id

    @property
    def clients(self) -> list[Client]:
        """The clients that are registered."""
        return list(self._state.all(Client).values())

    def start(
        self,
        clients: Iterable[Client],
        templates: Iterable[str],
        directories: Iterable[str],
    ) -> None:
        """Read the state, register what is new, bring the devices back.

        :param clients: to register, or register anew.
        :param templates: names of templates to make where they are missing.
        :param directories: where devices were linked before.
        """
        with self._lock:
            self._state = State(self._store.open())
            self._lifetime = Lifetime(self._state, self._clock)
            self._calls = calls(
                self._state, self._lifetime, self._plane, self._clock
            )
            self._found(clients, templates)
            self._store.commit(self._state.changes())
            self._state.settle()
            self._plane.open(
                [self._wanted(each) for each in self._state.objects],
                {*directories, *(client.devices for client in self.clients)},
            )

    def _found(
        self, clients: Iterable[Client], templates: Iterable[str]
    ) -> None:
        if not self._state.all(ClusterRecord):
            self._found_cluster()
        for client in clients:
            self._state.put(client)
        for name in templates:
            if name in self._state.all(Template):
                continue
            policy = completed(Policy(replication=_COPIES))
            number = next_number(self._state)
            self._state.put(Template(name=name, number=number, policy=policy))

    def _found_cluster(self) -> None:
        location = f"s{secrets.token_hex(3)}"
        self._state.put(ClusterRecord(id=f"{location}.b", name="simulator"))
        disks = [
            Disk(id=server * 10 + number, server=server)
            for server in range(1, _SERVERS + 1)
            for number in range(1, _DISKS_A_SERVER + 1)
        ]
        for disk in disks:
            self._state.put(disk)
        self._state.put(
            Group(
                name=DEFAULT_GROUP,
                number=next_number(self._state),
                disks=tuple(disk.id for disk in disks),
            )
        )

    def answers(self, call: Call[..., Any]) -> bool:
        """Whether a declared call is answered here."""
        return call.python_name in self._calls

    def perform(
        self,
        call: Call[..., Any],
        path: Mapping[str, Any],
        request: Any,
        fault: Fault | None = None,
    ) -> tuple[Any, int]:
        """Carry out a call.

        :param fault: what goes wrong with the devices of this call.
        :returns: the answer's ``data``, and the generation.
        :raises Refusal: it cannot be done, and nothing was changed.
        """
        arguments = dict(path)
        if request is not None:
            arguments["request"] = request
        with self._lock:
            if self._lifetime.due():
                self._change(self._lifetime.delete_due, {}, None)
            function = self._calls[call.python_name]
            if call.method == "GET":
                data = function(**arguments)
            else:
                data = self._change(function, arguments, fault)
            return data, self._state.cluster.generation

    def _change(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        fault: Fault | None,
    ) -> Any:
        state = self._state
        try:
            data = function(**arguments)
            for effect in state.effects:
                self._prepare(effect, fault)
            self._store.commit(state.changes())
        except BaseException:
            self._undo()
            raise
        touched = state.touched()
        if fault is not None:
            self._withhold(state.changes().values(), fault)
        state.settle()
        self._settle(touched)
        return data

    def _undo(self) -> None:
        touched = self._state.touched()
        prepared = bool(self._state.effects)
        self._state.roll_back()
        if prepared:
            self._settle(touched)

    def _prepare(self, effect: Effect, fault: Fault | None) -> None:
        try:
            if isinstance(effect, Release):
                self._release(effect, fault)
            elif isinstance(effect, Make):
                self._plane.make([(effect.target, effect.source)])
            elif isinstance(effect, MakeTogether):
                self._plane.make(effect.copies)
        except PoolFull as error:
            raise insufficient(f"the pool is full: {error}") from error
        except DeviceOpen as error:
            raise busy(_open_at(error)) from error

    def _release(self, effect: Release, fault: Fault | None) -> None:
        target, attachment = effect.target, effect.attachment
        busy = fault is not None and fault.action == "device_busy"
        if busy and not effect.force:
            raise DeviceOpen(target, attachment, "")
        self._plane.release(target, attachment, force=effect.force)

    def _settle(self, global_ids: Iterable[str]) -> None:
        try:
            for global_id in sorted(global_ids):
                self._plane.settle(self._wanted(global_id))
        except PlaneFailed as error:
            LOG.error("recorded, but not carried out: %s", error)
            raise Refusal(
                "internalError",
                f"recorded, but not carried out: {error}",
                status=500,
            ) from error

    def _wanted(self, global_id: str) -> Wanted:
        attachments = self._state.attachments(global_id).values()
        return Wanted(
            global_id=global_id,
            target=self._state.objects.get(global_id),
            devices=[
                Device(
                    attachment,
                    self._state.get(Client, str(attachment.client)).devices,
                )
                for attachment in attachments
            ],
        )

    def _withhold(self, records: Iterable[Any], fault: Fault) -> None:
        if fault.action not in ("device_never", "device_slow"):
            return
        for record in records:
            if not isinstance(record, Attachment):
                continue
            self._plane.withhold(record.global_id, record.client)
            if fault.action == "device_slow":
                self._let_later(record, fault.seconds)

    def _let_later(self, attachment: Attachment, seconds: float) -> None:
        key = (attachment.global_id, attachment.client)
        timer = threading.Timer(seconds, self._let, key)
        timer.daemon = True
        self._late[key] = timer
        timer.start()

    def _let(self, global_id: str, client: int) -> None:
        with self._lock:
            if self._late.pop((global_id, client), None) is None:
                return
            self._plane.let(global_id, client)
            self._plane.settle(self._wanted(global_id))

    def stop(self) -> list[str]:
        """Remove the devices and close the state.

        :returns: what could not be removed, one sentence each.
        """
        with self._lock:
            for timer in self._late.values():
                timer.cancel()
            self._late.clear()
            left = list(self._plane.close())
            self._store.close()
        return left


def _open_at(error: DeviceOpen) -> str:
    holders = f": {error.holders}" if error.holders else ""
    return (
        f"{describe(error.target)} is open at client"
        f" {error.attachment.client}{holders}"
    )
