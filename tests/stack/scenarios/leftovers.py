# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What there is before a scenario and after it, everywhere at once."""

from collections.abc import Container
from collections.abc import Iterator
from collections.abc import Mapping
import os
import pathlib
import re
from typing import Any

from tests.stack import computes
from tests.stack import hosts
from tests.stack import pool
from tests.stack import storage

FORCED = re.compile(r"FORCED DETACH of open (\S+) at client (\d+)")
"""What the simulator says of a device that was taken from under its user."""

State = Mapping[str, frozenset[str]]


class Inventory:
    """Everything that a scenario could leave behind.

    :param cloud: a connection of openstacksdk
    """

    def __init__(
        self,
        cloud: Any,
        cluster: storage.Storage,
        machines: list[hosts.Host],
        processes: computes.Computes,
        devices: pool.Pool,
        simulator_log: pathlib.Path,
    ) -> None:
        self._cloud = cloud
        self._cluster = cluster
        self._hosts = machines
        self._computes = processes
        self._pool = devices
        self._log = simulator_log

    def state(self) -> State:
        """What there is now, kind by kind."""
        return {
            "in Nova": frozenset(self._in_nova()),
            "in Cinder": frozenset(self._in_cinder()),
            "in Glance": frozenset(
                f"image {one.name} {one.id}"
                for one in self._cloud.image.images()
            ),
            "in StorPool": frozenset(self._in_storpool()),
            "attached": frozenset(self._attached()),
            "iSCSI": frozenset(self._iscsi()),
            "links": frozenset(self._links()),
            "loop devices": frozenset(self._pool.loops().values()),
            "records": frozenset(self._records()),
            "guests": frozenset(
                f"{one.pid} on {host.name}"
                for host in self._hosts
                for one in self._computes.guests(host)
            ),
        }

    def _in_nova(self) -> Iterator[str]:
        for one in self._cloud.compute.servers():
            yield f"server {one.name} {one.id}"

    def _in_cinder(self) -> Iterator[str]:
        cinder = self._cloud.block_storage
        for kind, things in (
            ("volume", cinder.volumes()),
            ("snapshot", cinder.snapshots()),
            ("backup", cinder.backups()),
            ("group", cinder.groups()),
            ("attachment", cinder.attachments()),
        ):
            for one in things:
                yield f"{kind} {one.name or ''} {one.id}"

    def _in_storpool(self) -> Iterator[str]:
        client = self._cluster.client
        for kind, things in (
            ("volume", client.volumes_list()),
            ("snapshot", client.snapshots_list()),
        ):
            for one in things:
                yield f"{kind} {one.name or one.global_id} tags {one.tags}"

    def _attached(self) -> Iterator[str]:
        for one in self._cluster.client.attachments_list():
            yield f"{one.volume} at client {one.client} {one.rights}"

    def _iscsi(self) -> Iterator[str]:
        found = self._cluster.client.iscsi_config().iscsi
        for initiator in found.initiators.values():
            yield f"initiator {initiator.name} {initiator.exports}"
        for target in found.targets.values():
            yield f"target {target.name}"

    def _links(self) -> Iterator[str]:
        for host in self._hosts:
            yield from own_links(host.devices, self._pool.loops())

    def _records(self) -> Iterator[str]:
        for host in self._hosts:
            for key in self._computes.requests(host):
                yield f"{key} on {host.name}"

    def forced(self) -> list[tuple[str, int]]:
        """Every device so far that was detached while it was open.

        :return: the name of the volume and the client
        """
        text = self._log.read_text(errors="replace")
        return [(name, int(client)) for name, client in FORCED.findall(text)]


def own_links(devices: pathlib.Path, loops: Container[str]) -> Iterator[str]:
    """The links of volumes, without those of others' clusters.

    Several clusters of one machine have their links in one directory. One
    that leads to nobody's device any more may be ours.

    :param devices: where the directories of links are
    :param loops: our devices
    """
    for pattern in ("storpool/*", "storpool-byid/*"):
        for path in devices.glob(pattern):
            device = os.path.realpath(path)
            if device in loops or not os.path.exists(device):
                yield str(path)


def difference(before: State, after: State) -> list[str]:
    """What came and what went, in words."""
    found = []
    for kind in before:
        came = sorted(after[kind] - before[kind])
        went = sorted(before[kind] - after[kind])
        found += [f"{kind}: left over {line}" for line in came]
        found += [f"{kind}: lost {line}" for line in went]
    return found
