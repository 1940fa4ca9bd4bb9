# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attaching where nobody else should have the object any more.

A guest that was evacuated may still run on the host that was given up. Who
may have the object, its *peers*, is known to Cinder alone: the other host of
a live migration, a copy or a backup. Everybody else is cut off in the very
call that attaches, so that there is no moment at which both can write.
"""

import dataclasses
import logging

from storpool_common.api.types import ClientId
from storpool_common.attachments.cluster import ClientAttachments
from storpool_common.attachments.requests import Mode
from storpool_common.attachments.requests import StoredObject

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Exclusive:
    """How to attach an object for one guest alone.

    :ivar peers: clients that may have it too.
    """

    peers: frozenset[ClientId]

    def attach(
        self, cluster: ClientAttachments, stored: StoredObject, mode: Mode
    ) -> None:
        """Attach it, and take it from everybody but the peers.

        :raises StorPoolError: nothing has changed.
        """
        strangers = self._strangers(cluster, stored)
        if not strangers:
            cluster.attach(stored, mode)
            return
        LOG.warning(
            "StorPool: %(stored)s is taken from clients %(clients)s, which"
            " no attachment in Cinder is for",
            {"stored": stored, "clients": strangers},
        )
        cluster.attach_and_take(stored, mode, strangers)

    def _strangers(
        self, cluster: ClientAttachments, stored: StoredObject
    ) -> list[ClientId]:
        allowed = {*self.peers, cluster.client_id}
        return sorted(set(cluster.clients_of(stored)) - allowed)


class Watched(Exclusive):
    """The same for who wants to see first what would happen."""

    def attach(
        self, cluster: ClientAttachments, stored: StoredObject, mode: Mode
    ) -> None:
        """Attach it, and say in the log who has it and should not."""
        strangers = self._strangers(cluster, stored)
        if strangers:
            LOG.warning(
                "StorPool: %(stored)s is attached to clients %(clients)s,"
                " which no attachment in Cinder is for; they keep it",
                {"stored": stored, "clients": strangers},
            )
        cluster.attach(stored, mode)
