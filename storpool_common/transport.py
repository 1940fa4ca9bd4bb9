# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A request to whichever server answers: bytes out, bytes back.

What matters to whoever asks is whether a request that failed can have been
carried out. It cannot when no connection came about, or when the connection
broke before the last byte of the request was handed to it: a server cannot
act on half a request. From then on it can.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
import functools
import http.client
import os
import ssl
import time
from typing import Any

import msgspec

from storpool_common import config
from storpool_common import connections
from storpool_common import errors
from storpool_common import version

#: Seconds to wait for a connection before the next address is tried.
CONNECT_SECONDS = 10.0
#: How a gateway says that it did not reach the API.
GATEWAY = frozenset({502, 503, 504})

Clock = Callable[[], float]


class Deadline(msgspec.Struct, frozen=True):
    """The moment by which a call has to be over.

    :ivar seconds: how long the call was given.
    :ivar ends: that moment by ``clock``.
    """

    seconds: float
    ends: float
    clock: Clock

    @classmethod
    def after(
        cls, seconds: float, clock: Clock = time.monotonic
    ) -> "Deadline":
        """A deadline that many seconds from now."""
        return cls(seconds, clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds that are left; not above zero when it has passed."""
        return self.ends - self.clock()


class Request(msgspec.Struct, frozen=True):
    """What is to be sent.

    :ivar what: what it is; messages put it in words.
    :ivar target: path on the server, percent-encoded.
    :ivar silence: seconds without a byte after which it is given up; None
        for as long as the deadline.
    """

    what: object
    method: str
    target: str
    body: bytes | None
    deadline: Deadline
    silence: float | None = None

    def now(self) -> "Request":
        """The same, without a bound that the deadline is nearer than."""
        if self.silence is None or self.silence < self.deadline.remaining():
            return self
        return msgspec.structs.replace(self, silence=None)


class Reply(msgspec.Struct, frozen=True):
    """What a server sent back."""

    address: config.ApiAddress
    status: int
    content_type: str
    data: bytes


@dataclasses.dataclass
class _Server:
    """One address, and the connections that this process has to it."""

    address: config.ApiAddress
    pool: connections.Pool


class _Servers:
    """All servers, beginning with the one that answered last."""

    def __init__(self, servers: Iterable[_Server]) -> None:
        self._order = tuple(servers)

    def __iter__(self) -> Iterator[_Server]:
        return iter(self._order)

    def prefer(self, server: _Server) -> None:
        """Begin with it."""
        order = self._order
        if order[0] is not server:
            position = order.index(server)
            self._order = order[position:] + order[:position]

    def avoid(self, server: _Server) -> None:
        """Begin with the one behind it."""
        order = self._order
        position = order.index(server) + 1
        self._order = order[position:] + order[:position]

    def close(self) -> None:
        """Close their connections."""
        for server in self._order:
            server.pool.close()


class Transport:
    """Connections to the API.

    Any number of threads may use one; connections are made when they are
    needed, in each process its own, so a service may fork at any time.
    Proxies that the environment names are not used.
    """

    def __init__(self, settings: config.ApiSettings) -> None:
        self._settings = settings
        self._by_process: dict[int, _Servers] = {}

    def exchange(self, request: Request) -> Reply:
        """Send one request and wait for the answer.

        :raises ConnectionFailed: no server was reached; nothing was sent.
        :raises AnswerLost: it was sent to a server, and nothing, or not all
            of an answer, came back.
        :raises DeadlineExceeded: the time ran out before or after that.
        """
        servers = self._servers()
        failures = []
        for server in servers:
            try:
                reply = self._ask(server, request)
            except errors.ConnectionFailed as error:
                failures.append(str(error))
                continue
            except errors.TransportError:
                servers.avoid(server)
                raise
            if reply.status in GATEWAY:
                servers.avoid(server)
            else:
                servers.prefer(server)
            return reply
        raise errors.ConnectionFailed(
            f"{request.what}: cannot reach the StorPool API at"
            f" {', '.join(failures)}. Check that its management service is up"
            " and that SP_API_HTTP_HOST and SP_API_HTTP_PORT are right"
        )

    def close(self) -> None:
        """Close the connections of this process; a later use makes new."""
        servers = self._by_process.pop(os.getpid(), None)
        if servers is not None:
            servers.close()

    def _ask(self, server: _Server, request: Request) -> Reply:
        request = request.now()
        waits = _waits(request, server.address)
        try:
            with server.pool.lend() as connection:
                answer = connection.ask(
                    request.method, request.target, request.body, waits
                )
        except connections.NotSent as error:
            raise errors.ConnectionFailed(
                f"{server.address} ({_reason(error)})"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise _unanswered(server.address, request, error) from error
        return Reply(
            address=server.address,
            status=answer.status,
            content_type=answer.field("content-type"),
            data=answer.body,
        )

    def _servers(self) -> _Servers:
        process = os.getpid()
        servers = self._by_process.get(process)
        if servers is None:
            # Two threads may both come here; one set of pools is kept, and
            # the other never had a connection.
            servers = self._by_process.setdefault(process, self._connect())
        return servers

    def _connect(self) -> _Servers:
        return _Servers(
            _Server(address, _pool(address, self._settings))
            for address in self._settings.addresses
        )


def _pool(
    address: config.ApiAddress, settings: config.ApiSettings
) -> connections.Pool:
    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "source": settings.source_address,
        "fields": {
            "Accept-Encoding": "identity",
            "Authorization": f"Storpool v1:{settings.token}",
            "Content-Type": "application/json",
            "User-Agent": f"storpool-openstack/{version.version()}",
        },
    }
    if settings.tls is None:
        return connections.Pool(
            functools.partial(connections.Connection, **options)
        )
    return connections.Pool(
        functools.partial(
            connections.TlsConnection,
            context=_tls_context(settings.tls),
            **options,
        )
    )


def _tls_context(tls: config.TlsSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:
        raise errors.ConfigurationError(
            f"cannot use {tls.ca_file} as the authorities of the StorPool"
            f" API's certificate: {error.strerror or error}"
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _waits(request: Request, address: config.ApiAddress) -> connections.Waits:
    remaining = request.deadline.remaining()
    if remaining <= 0:
        raise errors.DeadlineExceeded(
            f"{request.what}: {address} was not asked, because the"
            f" {request.deadline.seconds:g} s for the call are over",
            sent=False,
        )
    return connections.Waits(
        connect=min(remaining, CONNECT_SECONDS),
        read=remaining if request.silence is None else request.silence,
        left=request.deadline.remaining,
    )


def _unanswered(
    address: config.ApiAddress, request: Request, error: Exception
) -> errors.TransportError:
    if isinstance(error, TimeoutError):
        if request.silence is not None and request.deadline.remaining() > 0:
            return errors.AnswerLost(
                f"{request.what}: {address} did not answer within"
                f" {request.silence:g} s"
            )
        return errors.DeadlineExceeded(
            f"{request.what}: {address} did not answer within"
            f" {request.deadline.seconds:g} s",
            sent=True,
        )
    return errors.AnswerLost(
        f"{request.what}: {address} took the request and did not answer"
        f" ({_reason(error)})"
    )


def _reason(error: BaseException) -> str:
    """The words of the innermost cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, TimeoutError):
        return "no connection in time"
    if isinstance(error, ConnectionError) and error.errno is not None:
        # eventlet's own errors say ECONNREFUSED where others say it in words.
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error) or repr(error)
