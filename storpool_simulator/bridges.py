# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How simulators speak to each other: HTTP below ``/sim/bridge/``."""

import hashlib
from typing import Any
from typing import TypeVar

import msgspec
import urllib3

from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.refusal import Refusal

T = TypeVar("T")

#: Seconds for a bridge to be reached, and to answer.
REACHED_WITHIN = 3.0
ANSWERED_WITHIN = 300.0

#: What whoever asks says it believes to speak to.
KEY_HEADER = "X-Bridge-Key"
#: The cluster that asks.
FROM_HEADER = "X-Bridge-From"


def public_key(cluster_id: str) -> str:
    """What a cluster's bridge is known by."""
    return hashlib.sha256(cluster_id.encode()).hexdigest()[:40]


class Caller:
    """Asks the bridges of other clusters."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(
            retries=False,
            maxsize=8,
            timeout=urllib3.Timeout(
                connect=REACHED_WITHIN, read=ANSWERED_WITHIN
            ),
        )

    def close(self) -> None:
        """Close what connections are kept."""
        self._pool.clear()

    def ask(
        self, own: str, bridge: Bridge, what: str, body: Any, answer: type[T]
    ) -> T:
        """Ask something that is answered in JSON.

        :param own: id of the cluster that asks.
        :raises Refusal: it does not answer, or refuses.
        """
        return msgspec.json.decode(
            self.fetch(own, bridge, what, body), type=answer
        )

    def fetch(self, own: str, bridge: Bridge, what: str, body: Any) -> bytes:
        """The same for an answer of bytes."""
        try:
            answer = self._pool.request(
                "POST",
                f"http://{bridge.ip}/sim/bridge/{what}",
                body=msgspec.json.encode(body),
                headers={KEY_HEADER: bridge.public_key, FROM_HEADER: own},
            )
        except urllib3.exceptions.HTTPError as error:
            raise Refusal(
                "remoteUnreachable",
                f"the bridge at {bridge.ip} does not answer: {error}",
                status=504,
                transient=True,
            ) from error
        if answer.status == 200:
            return answer.data
        raise _refusal(bridge, answer)


def _refusal(bridge: Bridge, answer: Any) -> Refusal:
    try:
        error = msgspec.json.decode(answer.data)["error"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return Refusal(
            "remoteUnreachable",
            f"what answers at {bridge.ip} is no bridge of a simulator",
            status=504,
        )
    return Refusal(
        error["name"],
        f"{error['descr']} (at {bridge.ip})",
        status=answer.status,
        transient=error["transient"],
    )
