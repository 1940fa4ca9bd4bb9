# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Serve one API: ``python -m tests.stack.wsgi PORT MODULE THREADS [ARG]...``.

The arguments after THREADS are what the service itself sees as its own.
"""

from collections.abc import Callable
from collections.abc import Iterable
import importlib
import sys
from typing import Any

from cheroot import wsgi

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def closing(application: Application) -> Application:
    """The same application, one request a connection.

    With keep-alive the request after a chunked upload to Glance was seen to
    fail in cheroot 11.1 with "I/O operation on closed file".
    """

    def answer(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def start(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: object = None,
        ) -> Any:
            kept = [(n, v) for n, v in headers if n.lower() != "connection"]
            kept.append(("Connection", "close"))
            return start_response(status, kept, exc_info)

        return application(environ, start)

    return answer


def main() -> None:
    port, name, threads = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.argv = [name, *sys.argv[4:]]
    module = importlib.import_module(name)
    server = wsgi.Server(
        ("127.0.0.1", port),
        closing(module.application),
        numthreads=threads,
        request_queue_size=256,
        timeout=120,
    )
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
