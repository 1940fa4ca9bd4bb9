# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The only module that knows HTTP: bytes out, bytes back, to some server.

What matters to whoever asks is whether a request that failed can have been
carried out. It cannot when no connection came about, or when the connection
broke before the last byte of the request was handed to it: a server cannot
act on half a request. From then on it can.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import http.client
import os
import ssl
import time
from typing import Any

import urllib3
import urllib3.connection
import urllib3.exceptions

from storpool_common import config
from storpool_common import errors
from storpool_common import version

#: Seconds to wait for a connection before the next address is tried.
CONNECT_SECONDS = 10.0
#: How a gateway says that it did not reach the API.
GATEWAY = frozenset({502, 503, 504})
#: Connections kept to one server; more than these are made and closed.
KEPT_CONNECTIONS = 64

_CHUNK = 256 * 1024
# What may be repeated is not for the transport to say.
_NO_RETRIES = urllib3.Retry(total=False, redirect=False)

Clock = Callable[[], float]


@dataclasses.dataclass(frozen=True)
class Deadline:
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


@dataclasses.dataclass(frozen=True)
class Request:
    """What is to be sent.

    :ivar what: what it is, for messages.
    :ivar target: path on the server, percent-encoded.
    :ivar silence: seconds without a byte after which it is given up; None
        for as long as the deadline.
    """

    what: str
    method: str
    target: str
    body: bytes | None
    deadline: Deadline
    silence: float | None = None

    def now(self) -> "Request":
        """The same, without a bound that the deadline is nearer than."""
        if self.silence is None or self.silence < self.deadline.remaining():
            return self
        return dataclasses.replace(self, silence=None)


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a server sent back."""

    address: config.ApiAddress
    status: int
    content_type: str
    data: bytes


class _NotSent(Exception):
    """The connection broke before all of the request was handed to it."""


class _NotAnswered(Exception):
    """The request was handed over and no head of an answer came back."""


class _Connection(urllib3.connection.HTTPConnection):
    """Tells a failure to send from a failure to receive.

    urllib3 reports both as the same error, and goes on to read where a
    connection broke while it was sending.
    """

    def request(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().request(*args, **kwargs)
        except OSError as error:
            raise _NotSent from error

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        try:
            return super().getresponse()
        except (
            OSError,
            http.client.HTTPException,
            urllib3.exceptions.HTTPError,
        ) as error:
            raise _NotAnswered from error


class _TlsConnection(_Connection, urllib3.connection.HTTPSConnection):
    """The same, encrypted."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


@dataclasses.dataclass
class _Server:
    """One address, and the connections that this process has to it."""

    address: config.ApiAddress
    pool: urllib3.HTTPConnectionPool


class _Servers:
    """All servers, beginning with the one that answered last."""

    def __init__(self, servers: list[_Server]) -> None:
        self._servers = servers
        self._first = 0

    def __iter__(self) -> Iterator[_Server]:
        first = self._first
        yield from self._servers[first:]
        yield from self._servers[:first]

    def prefer(self, server: _Server) -> None:
        self._first = self._servers.index(server)

    def avoid(self, server: _Server) -> None:
        following = self._servers.index(server) + 1
        self._first = following % len(self._servers)

    def close(self) -> None:
        for server in self._servers:
            server.pool.close()


class Transport:
    """Connections to the API.

    Any number of threads may use one; connections are made when they are
    needed, in each process its own, so a service may fork at any time.
    Proxies that the environment names are not used.
    """

    def __init__(self, settings: config.ApiSettings) -> None:
        self._settings = settings
        self._headers = {
            "Authorization": f"Storpool v1:{settings.token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"storpool-openstack/{version.version()}",
        }
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
        try:
            response = server.pool.urlopen(
                request.method,
                request.target,
                body=request.body,
                headers=self._headers,
                retries=_NO_RETRIES,
                preload_content=False,
                decode_content=False,
                timeout=_timeout(request, server.address),
            )
        except _NotAnswered as error:
            raise _unanswered(server.address, request, error) from error
        except (_NotSent, urllib3.exceptions.HTTPError) as error:
            raise errors.ConnectionFailed(
                f"{server.address} ({_reason(error)})"
            ) from error
        return Reply(
            address=server.address,
            status=response.status,
            content_type=response.headers.get("Content-Type", ""),
            data=_read(response, server.address, request),
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
            [
                _Server(address, _pool(address, self._settings))
                for address in self._settings.addresses
            ]
        )


def _pool(
    address: config.ApiAddress, settings: config.ApiSettings
) -> urllib3.HTTPConnectionPool:
    source = settings.source_address
    options: dict[str, Any] = {
        "maxsize": KEPT_CONNECTIONS,
        "source_address": (source, 0) if source else None,
    }
    if settings.tls is None:
        return _Pool(address.host, address.port, **options)
    context = _tls_context(settings.tls)
    return _TlsPool(address.host, address.port, ssl_context=context, **options)


def _tls_context(tls: config.TlsSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:
        raise errors.ConfigurationError(
            f"cannot use {tls.ca_file} as the authorities of the StorPool"
            f" API's certificate: {error.strerror or error}"
        ) from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _timeout(request: Request, address: config.ApiAddress) -> urllib3.Timeout:
    remaining = request.deadline.remaining()
    if remaining <= 0:
        raise errors.DeadlineExceeded(
            f"{request.what}: {address} was not asked, because the"
            f" {request.deadline.seconds:g} s for the call are over",
            sent=False,
        )
    return urllib3.Timeout(
        connect=min(remaining, CONNECT_SECONDS),
        read=remaining if request.silence is None else request.silence,
    )


def _read(
    response: urllib3.BaseHTTPResponse,
    address: config.ApiAddress,
    request: Request,
) -> bytes:
    """Read the body; a server that drips does not outlive the deadline."""
    chunks = []
    try:
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            if request.deadline.remaining() <= 0:
                raise TimeoutError
    except (
        OSError,
        http.client.HTTPException,
        urllib3.exceptions.HTTPError,
    ) as error:
        response.close()
        raise _unanswered(address, request, error) from error
    response.release_conn()
    return b"".join(chunks)


def _unanswered(
    address: config.ApiAddress, request: Request, error: Exception
) -> errors.TransportError:
    cause = error.__cause__ or error
    if isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError):
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
    """The words of the innermost cause: urllib3 wraps it in its own."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, TimeoutError):
        return "no connection in time"
    if isinstance(error, ConnectionError) and error.errno is not None:
        # eventlet's own errors say ECONNREFUSED where others say it in words.
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error) or repr(error)
