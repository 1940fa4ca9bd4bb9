# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated cluster as an outsider sees it: its log, its attachments."""

from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import json
from typing import Any
import urllib.request

from storpool_common import client
from storpool_common import config
from storpool_common import names
from tests.stack import configuration
from tests.stack import layout


@dataclasses.dataclass(frozen=True)
class Reassignment:
    """One element of a request that changes attachments."""

    seq: int
    status: int
    what: Mapping[str, Any]

    @property
    def forced(self) -> bool:
        return bool(self.what.get("force"))

    @property
    def detaches(self) -> bool:
        return bool(self.what.get("detach"))


def reassignments(
    requests: Iterable[Mapping[str, Any]],
) -> list[Reassignment]:
    """Every change of attachments in a request log, answered or refused."""
    found = []
    for request in requests:
        if "VolumesReassign" not in request["path"]:
            continue
        body = request["body"]
        if isinstance(body, str):
            body = json.loads(body)
        elements = body["reassign"] if isinstance(body, dict) else body
        found += [
            Reassignment(request["seq"], request["status"], element)
            for element in elements
        ]
    return found


class Storage:
    """The simulator of one stack."""

    def __init__(self, place: layout.Layout, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._token = place.secrets["token"]
        self._configuration = config.load(
            environ=configuration.environment(place)
        )
        self.client = client.Client(self._configuration.api)

    def log(self) -> list[Mapping[str, Any]]:
        """Every request so far, oldest first."""
        entries: list[Mapping[str, Any]] = self._ask("GET", "/sim/requests")[
            "requests"
        ]
        return entries

    def _ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """What is asked of the simulator, and is no part of the API."""
        request = urllib.request.Request(
            f"{self._url}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Storpool v1:{self._token}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def set_fault(self, **fault: Any) -> None:
        """Let a call go wrong; see storpool_simulator.faults.Fault."""
        self._ask("POST", "/sim/faults", **fault)

    def met_fault(self) -> bool:
        """Whether a call has come to each fault that is set."""
        faults = self._ask("GET", "/sim/faults")["faults"]
        return all(one["seen"] >= one["nth"] for one in faults)

    def clear_faults(self) -> None:
        """All calls go well again."""
        self._ask("DELETE", "/sim/faults")

    def set_client(self, number: int, *, up: bool) -> None:
        """Let a client's host go without a word, or come back."""
        self._ask("POST", "/sim/clients", id=number, up=up)

    def forced(self) -> list[Reassignment]:
        """Every detach that was forced."""
        return [one for one in reassignments(self.log()) if one.forced]

    def detached(self, references: set[str], after: int) -> list[Reassignment]:
        """The detaches of a volume that came after request *after*.

        :param references: what stands for the volume in a request
        """
        return [
            one
            for one in reassignments(self.log())
            if one.seq > after
            and one.detaches
            and one.what.get("volume") in references
        ]

    def last_request(self) -> int:
        """The number of the latest request."""
        return max((entry["seq"] for entry in self.log()), default=0)

    def name(self, volume_id: str) -> str:
        """What Cinder's volume is called here."""
        return names.volume_name(self._configuration.volume_prefix, volume_id)

    def references(self, volume_id: str) -> set[str]:
        """Name and global id, as requests spell them."""
        name = self.name(volume_id)
        (volume,) = self.client.volume_list(name)
        return {name, names.by_global_id(volume.global_id)}

    def clients(self, volume_id: str) -> set[int]:
        """The clients that have a volume attached now."""
        references = self.references(volume_id)
        return {
            entry.client
            for entry in self.client.attachments_list()
            if entry.volume in references
            or f"~{entry.global_id}" in references
        }

    def attached(self) -> set[str]:
        """The names of all volumes that any client has attached."""
        return {entry.volume for entry in self.client.attachments_list()}

    def objects(self) -> set[str]:
        """The names of all volumes and snapshots."""
        return {
            one.name
            for one in (
                *self.client.volumes_list(), *self.client.snapshots_list()
            )
        }  # fmt: skip
