# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The API as methods: ``client.volume_create(VolumeCreateDesc(...))``.

A call is checked before it is sent, made again where that is safe, and over
by its deadline, however many tries that takes.
"""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
import logging
import time
from typing import Any
from typing import TypeVar

import tenacity

from storpool_common import answers
from storpool_common import api
from storpool_common import config
from storpool_common import errors
from storpool_common import lost
from storpool_common import orders
from storpool_common import transport
from storpool_common import views

LOG = logging.getLogger(__name__)

R = TypeVar("R")

#: Questions that are answered when something has happened.
_WAITING = frozenset({"client_config_wait"})

#: Told of every call: its name, ``ok`` or the error's class, seconds.
Observer = Callable[[str, str, float], None]


class Client(api.Calls):
    """Speaks to one cluster; its methods are those of :class:`api.Calls`.

    Any number of threads may share one, before and after a fork. How to
    wait for the device of an attachment on this host:
    :meth:`storpool_common.devices.Devices.wait_ready`.

    :param settings: where the API is, and the token.
    :param deadline: seconds that a call may take, all tries included.
    :param attempt_timeout: seconds of silence after which a question is
        asked again, of the next address if there are several; None for as
        long as the deadline. Questions that wait for something are given
        the whole time, and so are changes.
    :param retries: how often a call is made again, at most.
    :param observer: called after each call; it must not raise.
    :param clock: seconds that only grow.
    :param sleep: waits for that many seconds between two tries.

    Every method raises a :class:`~storpool_common.errors.StorPoolError`:

    * :class:`~storpool_common.errors.ValidationError` before anything is
      sent;
    * an :class:`~storpool_common.errors.ApiError` when the API refuses;
    * a :class:`~storpool_common.errors.TransportError` when it could not be
      asked. ``AnswerLost``, and ``DeadlineExceeded`` with ``sent`` set, mean
      that a change may have been carried out.
    """

    def __init__(
        self,
        settings: config.ApiSettings,
        *,
        deadline: float = 300.0,
        attempt_timeout: float | None = 100.0,
        retries: int = 5,
        observer: Observer | None = None,
        clock: transport.Clock = time.monotonic,
        sleep: Callable[[float], None] = tenacity.nap.sleep,
    ) -> None:
        self._settings = settings
        self._deadline = deadline
        self._attempt_timeout = attempt_timeout
        self._retries = retries
        self._observer = observer
        self._clock = clock
        self._sleep = sleep
        self._transport = transport.Transport(settings)

    def __repr__(self) -> str:
        return f"Client({self._settings!r})"

    def perform(
        self,
        call: api.call.Call[..., R],
        path: Mapping[str, Any],
        request: Any,
    ) -> R:
        """Carry out a declared call; see :class:`api.call.Caller`."""
        answer: R = self.send(orders.order(call, path, request))
        return answer

    @property
    def raw(self) -> views.RawView:
        """The same calls, answered with plain dictionaries and lists.

        These hold what the API answered, unchecked: members that are not
        declared, too.
        """
        return views.RawView(self, orders.HERE)

    @property
    def single_cluster(self) -> views.View:
        """The same calls, which do not look beyond the cluster asked."""
        return views.View(self, orders.Route(multicluster=False))

    def remote(self, cluster: str) -> views.View:
        """The same calls, passed on to another cluster.

        :param cluster: its name, or ``~`` and its id.
        :raises ValidationError: no cluster can be called like that.
        """
        return views.View(self, orders.route_to(cluster))

    def all_clusters(
        self, call: api.call.Call[[], R]
    ) -> list[answers.InCluster[R]]:
        """Ask every cluster of the location.

        :param call: the question: ``api.Calls.volumes_space``, say. It is
            seen in use with that one and ``volume_templates_status``.
        :returns: what each cluster answered.
        """
        everywhere = dataclasses.replace(call, answer=answers.EveryCluster)
        order = orders.order(everywhere, {}, None, orders.EVERYWHERE)
        return answers.of_clusters(call, self.send(order), self._settings)

    def send(self, order: orders.Order) -> Any:
        """Carry out an order, and report it.

        :returns: the answer.
        """
        deadline = transport.Deadline.after(self._deadline, self._clock)
        outcome = "interrupted"
        try:
            answer = self.carry_out(order, deadline)[0]
            outcome = "ok"
        except errors.StorPoolError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._report(order, outcome, deadline)
        return answer

    def close(self) -> None:
        """Close this process's connections; a later call makes new ones."""
        self._transport.close()

    def carry_out(
        self, order: orders.Order, deadline: transport.Deadline
    ) -> tuple[Any, int]:
        """Send an order until it is answered, refused or out of time.

        :returns: the answer and the generation that came with it.
        """
        errand = _Errand(self, order, deadline)
        try:
            return self._tried(errand, deadline)
        except errors.StorPoolError as error:
            errand.tell_doubt(error)
            raise

    def exchange(
        self, order: orders.Order, deadline: transport.Deadline
    ) -> tuple[Any, int]:
        """Send an order once."""
        reply = self._transport.exchange(
            transport.Request(
                what=order,
                method=order.call.method,
                target=order.target,
                body=order.body,
                deadline=deadline,
                silence=self._silence(order),
            )
        )
        return answers.decode(order.call, reply, self._settings)

    def _tried(
        self, errand: "_Errand", deadline: transport.Deadline
    ) -> tuple[Any, int]:
        """Try, and try again while that is safe and may help.

        Nearly every call is over after its first try; what plans the others
        takes longer than all else that we do for a call.
        """
        try:
            return errand.run()
        except errors.StorPoolError as error:
            if not errand.may_repeat(error):
                raise
            errand.has_failed(error)
        return self._retrying(errand, deadline)(errand.run)

    def _retrying(
        self, errand: "_Errand", deadline: transport.Deadline
    ) -> tenacity.Retrying:
        return tenacity.Retrying(
            sleep=self._sleep,
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(self._retries + 1),
                _TooLate(deadline),
            ),
            wait=tenacity.wait_exponential(multiplier=0.5, max=16)
            + tenacity.wait_random(0, 0.5),
            retry=tenacity.retry_if_exception(errand.may_repeat),
            reraise=True,
        )

    def _silence(self, order: orders.Order) -> float | None:
        waits = order.call.python_name in _WAITING
        if waits or order.call.method == "POST":
            return None
        return self._attempt_timeout

    def _report(
        self, order: orders.Order, outcome: str, deadline: transport.Deadline
    ) -> None:
        seconds = self._deadline - deadline.remaining()
        LOG.debug("%s: %s in %.3f s", order, outcome, seconds)
        if self._observer is not None:
            self._observer(order.call.name, outcome, seconds)


class _TooLate(tenacity.stop.stop_base):
    """Ends the tries when the next one would begin after the deadline."""

    def __init__(self, deadline: transport.Deadline) -> None:
        self._deadline = deadline

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._deadline.remaining() <= retry_state.upcoming_sleep


class _Errand:
    """An order on its way, and what is known after the tries so far."""

    def __init__(
        self, client: Client, order: orders.Order, deadline: transport.Deadline
    ) -> None:
        self._client = client
        self._order = order
        self._deadline = deadline
        self._doubt: errors.TransportError | None = None
        self._failed: errors.StorPoolError | None = None

    def has_failed(self, error: errors.StorPoolError) -> None:
        """Let the next try be one that was made already, and its error."""
        self._failed = error

    def run(self) -> tuple[Any, int]:
        """Try once."""
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed
        try:
            return self._client.exchange(self._order, self._deadline)
        except errors.TransportError as error:
            if self._is_change and _may_be_done(error):
                self._doubt = error
            raise
        except errors.ApiError as refusal:
            settled = self._settled(refusal)
            if settled is None:
                raise
            return settled

    def may_repeat(self, error: BaseException) -> bool:
        """Whether another try is safe, and may help."""
        if isinstance(error, errors.ConnectionFailed):
            return True
        if isinstance(error, errors.ApiError):
            return error.transient
        if isinstance(error, errors.BadAnswer):
            return error.status in transport.GATEWAY and self._is_repeatable
        return isinstance(error, errors.AnswerLost) and self._is_repeatable

    def tell_doubt(self, error: errors.StorPoolError) -> None:
        """Say so if the last try's error hides what an earlier one may do.

        :raises AnswerLost: an earlier try may have been carried out, or
            this one.
        :raises DeadlineExceeded: the same, and the time is over.
        """
        if self._doubt is None or not _leaves_doubt(error):
            return
        message = (
            f"{error}; whether {self._order} was carried out is not known:"
            " look before it is made again"
        )
        if isinstance(error, errors.DeadlineExceeded):
            raise errors.DeadlineExceeded(message, sent=True) from self._doubt
        raise errors.AnswerLost(message) from self._doubt

    @property
    def _is_change(self) -> bool:
        return self._order.call.method == "POST"

    @property
    def _is_repeatable(self) -> bool:
        return not self._is_change or lost.may_repeat(self._order)

    def _settled(self, refusal: errors.ApiError) -> tuple[Any, int] | None:
        if self._doubt is None:
            return None
        look = lost.Look(self._ask, self._order.route)
        answer = lost.settle(look, self._order, refusal)
        return None if answer is None else (answer, look.generation)

    def _ask(self, question: orders.Order) -> tuple[Any, int]:
        return self._client.carry_out(question, self._deadline)


def _may_be_done(error: errors.TransportError) -> bool:
    """Whether a request that failed like this can have been carried out."""
    if isinstance(error, errors.DeadlineExceeded):
        return error.sent
    return not isinstance(error, errors.ConnectionFailed)


def _leaves_doubt(error: errors.StorPoolError) -> bool:
    """Whether an error says nothing about what earlier tries did."""
    if isinstance(error, errors.ApiError):
        return error.transient
    return isinstance(
        error,
        errors.AnswerLost | errors.ConnectionFailed | errors.DeadlineExceeded,
    )
