# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The token of a client shows nowhere, whatever a server does."""

import logging

import ddt
import fixtures

from storpool_common import errors
from tests.unit.common import server
from tests.unit.common.test_client import ClientCase


@ddt.ddt
class SecretsTest(ClientCase):
    @ddt.data(
        server.ok(),
        server.hang_up,
        server.garbage,
        server.cut_short,
        server.error("x", f"bad token {server.TOKEN}", status=401),
        server.error(server.TOKEN, f"bad token {server.TOKEN}", status=400),
        server.raw(server.TOKEN.encode() * 9, status=500),
        server.raw(
            b"x" * 70 + server.TOKEN.encode(), content_type="text/plain"
        ),
    )
    def test_the_token_is_nowhere(self, act: server.Act) -> None:
        log = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        asked = self.serve(act, retries=0)
        shown = [repr(asked), repr(self.peer.settings), str(asked)]
        try:
            asked.volume_create({"size": 512})
        except errors.StorPoolError as error:
            shown.extend(_shown(error))
        for text in (*shown, log.output):
            self.assertNotIn(server.TOKEN, text)
            self.assertNotIn(server.TOKEN[:10], text)


def _shown(error: BaseException | None) -> list[str]:
    """What a traceback shows of an error and its causes."""
    if error is None:
        return []
    return [
        str(error),
        repr(error),
        *_shown(error.__cause__),
        *_shown(error.__context__),
    ]
