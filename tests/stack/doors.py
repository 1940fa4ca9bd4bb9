# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Lets a network namespace reach services of the machine's loopback.

``python -m tests.stack.doors NAMESPACE READY PORT...`` listens on these ports
of 127.0.0.1 in the namespace, and hands every connection on to the same port
of 127.0.0.1 outside. The file READY is there once it does.
"""

import asyncio
import contextlib
import ctypes
import functools
import os
import pathlib
import socket
import sys

CLONE_NEWNET = 0x40000000
CHUNK = 1 << 16
LOOPBACK = "127.0.0.1"


def _enter(namespace: int) -> None:
    # A socket stays in the namespace in which it was made.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _listeners(namespace: str, ports: list[int]) -> dict[int, socket.socket]:
    """Sockets that listen inside, by their port."""
    with open("/proc/self/ns/net") as here, open(namespace) as there:
        _enter(there.fileno())
        try:
            return {port: _listener(port) for port in ports}
        finally:
            _enter(here.fileno())


def _listener(port: int) -> socket.socket:
    return socket.create_server((LOOPBACK, port), backlog=256)


async def _copy(
    source: asyncio.StreamReader, target: asyncio.StreamWriter
) -> None:
    """Everything from one side, and then that it has ended."""
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


async def hand_on(
    port: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """One connection, until both sides have said all or one has gone."""
    with contextlib.closing(writer), contextlib.suppress(OSError):
        out_reader, out_writer = await asyncio.open_connection(LOOPBACK, port)
        with contextlib.closing(out_writer):
            await asyncio.gather(
                _copy(reader, out_writer), _copy(out_reader, writer)
            )


async def _serve(listeners: dict[int, socket.socket], ready: str) -> None:
    servers = [
        await asyncio.start_server(
            functools.partial(hand_on, port), sock=listener
        )
        for port, listener in listeners.items()
    ]
    pathlib.Path(ready).touch()
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> None:
    namespace, ready, *ports = sys.argv[1:]
    listeners = _listeners(namespace, [int(port) for port in ports])
    asyncio.run(_serve(listeners, ready))


if __name__ == "__main__":
    main()
