# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Connections that are handed on from a network namespace."""

import asyncio
import functools

import testtools

from tests.stack import doors


async def _talk(upstream, port, said):
    """What comes back through a door to *port* after all was said."""
    door = await asyncio.start_server(
        functools.partial(doors.hand_on, port), doors.LOOPBACK, 0
    )
    async with upstream, door:
        reader, writer = await asyncio.open_connection(
            *door.sockets[0].getsockname()
        )
        writer.write(said)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer


async def _echo(reader, writer):
    writer.write((await reader.read())[::-1])
    writer.close()


async def _start_echo():
    server = await asyncio.start_server(_echo, doors.LOOPBACK, 0)
    return server, server.sockets[0].getsockname()[1]


class DoorsTest(testtools.TestCase):
    def test_both_ways_and_to_the_end(self):
        said = bytes(range(256)) * 4096

        async def check():
            upstream, port = await _start_echo()
            return await _talk(upstream, port, said)

        self.assertEqual(said[::-1], asyncio.run(check()))

    def test_nobody_behind_it(self):
        async def check():
            upstream, port = await _start_echo()
            upstream.close()
            await upstream.wait_closed()
            other, _ = await _start_echo()
            return await _talk(other, port, b"hello")

        self.assertEqual(b"", asyncio.run(check()))
