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
from collections.abc import Sequence
import functools
import logging
import threading
from typing import Any
from typing import TypeVar

from storpool_common.api.call import Call
from storpool_simulator.clock import Clock
from storpool_simulator.dataplane.protocol import DataPlane
from storpool_simulator.dataplane.protocol import Device
from storpool_simulator.dataplane.protocol import DeviceOpen
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.dataplane.protocol import PoolFull
from storpool_simulator.dataplane.protocol import Wanted
from storpool_simulator.faults import Fault
from storpool_simulator.founding import found
from storpool_simulator.model.calls import bind
from storpool_simulator.model.calls import Model
from storpool_simulator.model.crossings import Described
from storpool_simulator.model.crossings import Wish
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.state import Absorb
from storpool_simulator.model.state import Await
from storpool_simulator.model.state import Effect
from storpool_simulator.model.state import Make
from storpool_simulator.model.state import MakeTogether
from storpool_simulator.model.state import Release
from storpool_simulator.model.state import Restrict
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.model.switches import Switches
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import insufficient
from storpool_simulator.refusal import Refusal
from storpool_simulator.store import Store

LOG = logging.getLogger(__name__)

R = TypeVar("R")


class Cluster:
    """The state, its keeper and its data plane, behind one lock.

    :ivar rules: the switches.
    """

    def __init__(
        self,
        store: Store,
        plane: DataPlane,
        clock: Clock,
        switches: Switches | None = None,
    ) -> None:
        self.rules = Rules(switches)
        self._store = store
        self._plane = plane
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._ending = False
        self._arriving: set[str] = set()
        self._outside: Mapping[str, Callable[..., Any]] = {}
        self._late: dict[tuple[str, int], threading.Timer] = {}
        self._state = State(())
        self._model = self._bind()

    def _bind(self) -> Model:
        return bind(self._state, self._plane, self.rules, self._clock)

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
        cluster_id: str | None = None,
    ) -> None:
        """Read the state, register what is new, bring the devices back.

        :param clients: to register, or register anew.
        :param templates: names of templates to make where they are missing.
        :param directories: where devices were linked before.
        :param cluster_id: of a cluster that is made; None is any.
        :raises OtherCluster: there is one, with another id.
        """
        with self._changed:
            self._state = State(self._store.open())
            self._model = self._bind()
            found(self._state, clients, templates, cluster_id)
            self._store.commit(self._state.changes())
            self._state.settle()
            self._plane.open(
                [self._wanted(each) for each in self._state.objects],
                {*directories, *(client.devices for client in self.clients)},
            )

    def join(self, calls: Mapping[str, Callable[..., Any]]) -> None:
        """Know how to carry out calls that take other clusters."""
        self._outside = calls

    def answers(self, call: Call[..., Any]) -> bool:
        """Whether a declared call is answered here."""
        name = call.python_name
        return name in self._model.calls or name in self._outside

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
        outside = self._outside.get(call.python_name)
        if outside is not None:
            data = outside(**arguments)
            return data, self.look(lambda state, _: state.cluster.generation)
        with self._changed:
            self._let_time_work()
            function = self._model.calls[call.python_name]
            if call.method == "GET":
                data = self._ask(function, arguments)
            else:
                data = self._change(function, arguments, fault)
            return data, self._state.cluster.generation

    def steer(self, change: Callable[[Model], R]) -> R:
        """Change what no call of the API does.

        :raises Refusal: there is no such machine, or the like.
        """
        with self._changed:
            done: R = self._change(functools.partial(change, self._model))
            self._changed.notify_all()
            return done

    def advance(self, seconds: float) -> float:
        """Let time pass; returns the time that it is then."""
        with self._changed:
            self._clock.advance(seconds)
            self._let_time_work()
            self._changed.notify_all()
            return self._clock()

    def look(self, question: Callable[[State, Model], R]) -> R:
        """Ask the state itself something, while it does not change."""
        with self._changed:
            self._let_time_work()
            return question(self._state, self._model)

    def adopt(
        self, came: Described, wish: Wish, pieces: Iterable[tuple[int, bytes]]
    ) -> None:
        """Copy an object of another cluster; others may call meanwhile.

        :param pieces: its data by offset.
        """
        with self._changed:
            if came.global_id in self._arriving:
                raise busy(f"~{came.global_id} is being copied already")
            arrival = self._model.crossings.arrival(came, wish)
            self._arriving.add(came.global_id)
        try:
            self._plane.receive(arrival, pieces)
            with self._changed:
                self._plane.received(arrival, came.stored)
                arrive = self._model.crossings.arrive
                self._change(arrive, {"arrival": arrival})
        except PoolFull as error:
            raise insufficient(f"the pool is full: {error}") from error
        finally:
            with self._changed:
                self._arriving.discard(came.global_id)
                self._plane.settle(self._wanted(came.global_id))

    def extents(self, global_id: str) -> Sequence[tuple[int, int]]:
        """Where an object has data, for another cluster."""
        with self._changed:
            target = self._model.crossings.known(f"~{global_id}")
            return self._plane.extents(target)

    def read(self, global_id: str, offset: int, length: int) -> bytes:
        """Data of an object, for another cluster."""
        with self._changed:
            target = self._model.crossings.known(f"~{global_id}")
            return self._plane.read(target, offset, length)

    def _let_time_work(self) -> None:
        """Do what has become due since the last call."""
        if self._model.overdue():
            self._change(self._model.catch_up)

    def _ask(
        self, function: Callable[..., Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Answer a question; some only when clients have caught up."""
        data = function(**arguments)
        while self._state.effects:
            effects = list(self._state.effects)
            self._state.settle()
            self._await(effects)
            data = function(**arguments)
        return data

    def _change(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any] | None = None,
        fault: Fault | None = None,
    ) -> Any:
        state = self._state
        try:
            data = function(**(arguments or {}))
            for effect in state.effects:
                self._prepare(effect, fault)
            self._store.commit(state.changes())
        except BaseException:
            self._undo()
            raise
        touched = state.touched()
        effects = list(state.effects)
        if fault is not None:
            self._withhold(state.changes().values(), fault)
        state.settle()
        for effect in effects:
            if isinstance(effect, Absorb):
                self._plane.absorb(effect.target, effect.ancestors)
        self._settle(touched)
        self._await(effects)
        return data

    def _await(self, effects: Iterable[Effect]) -> None:
        """Wait for clients, while others may call.

        :raises Refusal: they did not come in time; the change is made.
        """
        for effect in effects:
            if isinstance(effect, Await):
                self._await_clients(effect)

    def _await_clients(self, effect: Await) -> None:
        start = self._clock()
        while down := self._down(effect.clients):
            if self._ending:
                raise Refusal("internalError", "shutting down", status=503)
            left = None
            if effect.seconds is not None:
                left = start + effect.seconds - self._clock()
                if left <= 0:
                    self._give_up(down, effect.seconds)
                    return
            self._changed.wait(left)

    def _down(self, clients: Iterable[int]) -> list[int]:
        return [
            each for each in sorted(clients) if not self._state.is_up(each)
        ]

    def _give_up(self, down: list[int], seconds: int) -> None:
        answer = self.rules.now.attach_timeout
        if answer == "ok":
            return
        named = ", ".join(str(client) for client in down)
        raise Refusal(
            "timeout",
            f"client {named} is down and did not apply the change within"
            f" {seconds} s; it stays recorded",
            status=504,
            transient=answer == "transient",
        )

    def _undo(self) -> None:
        touched = self._state.touched()
        prepared = bool(self._state.effects)
        self._state.roll_back()
        if prepared:
            self._settle(touched)

    def _prepare(self, effect: Effect, fault: Fault | None) -> None:
        try:
            if isinstance(effect, Release | Restrict):
                self._release(effect, fault)
            elif isinstance(effect, Make):
                self._plane.make([(effect.target, effect.source)])
            elif isinstance(effect, MakeTogether):
                self._plane.make(effect.copies)
        except PoolFull as error:
            raise insufficient(f"the pool is full: {error}") from error
        except DeviceOpen as error:
            raise Refusal(
                self.rules.now.detach_open, error.sentence, status=409
            ) from error

    def _release(
        self, effect: Release | Restrict, fault: Fault | None
    ) -> None:
        target, attachment = effect.target, effect.attachment
        busy = fault is not None and fault.action == "device_busy"
        if busy and not effect.force:
            raise DeviceOpen(target, attachment, "")
        if isinstance(effect, Release):
            self._plane.release(target, attachment, force=effect.force)
        else:
            self._plane.restrict(target, attachment, force=effect.force)

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
        devices = []
        for attachment in self._state.attachments(global_id).values():
            client = self._state.get(Client, str(attachment.client))
            if client.up:
                devices.append(Device(attachment, client.devices))
        target = self._state.objects.get(global_id)
        return Wanted(global_id, target, devices)

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
        with self._changed:
            if self._late.pop((global_id, client), None) is None:
                return
            self._plane.let(global_id, client)
            self._plane.settle(self._wanted(global_id))

    def stop(self) -> list[str]:
        """Remove the devices and close the state.

        :returns: what could not be removed, one sentence each.
        """
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            for timer in self._late.values():
                timer.cancel()
            self._late.clear()
            left = list(self._plane.close())
            self._store.close()
        return left
