# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What scenarios share: a client, names of their own, and clean-up."""

from collections.abc import Callable
import contextlib
import dataclasses
import secrets
from typing import Any

import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_common import orders
from tests.conformance import clusters
from tests.conformance import scenarios

GIB = 1 << 30
#: Seconds in which a cluster does what it does by itself.
PATIENCE = 60.0
_STEP = 0.5

Call = scenarios.Call


class RecordingClient(client.Client):
    """Remembers which calls it made.

    :ivar made: their Python names, in order.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made: list[str] = []

    def send(self, order: orders.Order) -> Any:
        """Carry out an order, and remember it."""
        self.made.append(order.call.python_name)
        return super().send(order)

    def unchecked(self, call: Call, request: Any, **path: Any) -> Any:
        """Make a call that our side would refuse to send.

        :param request: the body, as it is to be sent.
        :returns: the answer as it came.
        """
        loose = dataclasses.replace(
            call,
            request=Any,
            path_parameters=dict.fromkeys(call.path_parameters, Any),
            answer=Any,
        )
        return self.perform(loose, path, request)


class ConformanceTestCase(testtools.TestCase):
    """One scenario a test.

    :ivar api: the client.
    :ivar cluster: what it speaks to.
    :ivar prefix: what the names of this scenario's objects begin with.
    """

    def setUp(self) -> None:
        super().setUp()
        self.cluster = self.useFixture(clusters.chosen())
        self.api = RecordingClient(self.cluster.settings)
        self.addCleanup(self.api.close)
        self.prefix = f"conformance-{secrets.token_hex(6)}-"
        self._made: set[str] = set()
        self.addCleanup(self._require_nothing_left)

    # What the cluster offers.

    def need_right(self, right: str) -> None:
        """Skip unless the cluster's configuration may be changed so."""
        if right not in self.cluster.rights:
            self.skipTest(f"{right} is not among {clusters.ALLOW}")

    def need_clients(self, count: int) -> tuple[int, ...]:
        """Clients that run and may attach; skip if there are too few."""
        known = self.api.services_list().clients
        running = [
            each
            for each in self.cluster.clients
            if each in known and known[each].status == "running"
        ]
        if len(running) < count:
            self.skipTest(
                f"{len(running)} of {count} clients run that"
                f" {clusters.CLIENTS} names"
            )
        return tuple(running[:count])

    def need_templates(self, count: int) -> tuple[str, ...]:
        """Templates to make volumes in; skip if there are too few."""
        found = self.cluster.templates[:count]
        if len(found) < count:
            self.skipTest(
                f"{len(found)} of {count} templates are named in"
                f" {clusters.TEMPLATES}"
            )
        return found

    def need_neighbour(self) -> clusters.Neighbour:
        """Another cluster; skip if there is none."""
        found = self.cluster.neighbour()
        if found is None:
            self.skipTest(f"{clusters.REMOTE} names no other cluster")
        return found

    # What a scenario makes.

    def name(self, ending: str = "a") -> str:
        """A name that nobody else has."""
        return self.prefix + ending

    def create(self, ending: str | None = "a", **members: Any) -> str:
        """Make a volume, and see to its end.

        :param ending: of its name; None for no name.
        :returns: its name, or its global id with a tilde.
        """
        if not members.keys() & {"parent", "base_on", "replication"}:
            members.setdefault("template", self.need_templates(1)[0])
        if not members.keys() & {"parent", "base_on"}:
            members.setdefault("size", GIB)
        name = None if ending is None else self.name(ending)
        answer = self.api.volume_create(
            api.volumes.VolumeCreateDesc(name=name, **members)
        )
        gid = answer.global_id
        if gid is None:
            gid = self.volume(name or "").global_id
        self.keep_track(gid)
        return name or f"~{gid}"

    def snapshot(
        self, volume: str, ending: str | None = None, **members: Any
    ) -> str:
        """Take a snapshot, and see to its end.

        :returns: its name, or its global id with a tilde.
        """
        name = None if ending is None else self.name(ending)
        answer = self.api.snapshot_create(
            volume, api.snapshots.VolumeSnapshotDesc(name=name, **members)
        )
        gid = answer.snapshot_global_id or ""
        self.keep_track(gid)
        return name or f"~{gid}"

    def keep_track(self, gid: str) -> None:
        """See to the end of a volume or snapshot."""
        self._made.add(gid)
        self.addCleanup(self._end, gid)

    def _end(self, gid: str) -> None:
        name = f"~{gid}"
        if any(each.global_id == gid for each in self.api.volumes_list()):
            self._detach(volume=name)
            with contextlib.suppress(errors.ObjectDoesNotExist):
                self.api.volume_delete(name)
        elif any(each.global_id == gid for each in self.snapshots()):
            self._detach(snapshot=name)
            with contextlib.suppress(errors.ObjectDoesNotExist):
                self.api.snapshot_delete(name)

    def _detach(self, **target: str) -> None:
        with contextlib.suppress(errors.ObjectDoesNotExist):
            self.reassign(detach="all", force=True, **target)

    def snapshots(self) -> list[api.snapshots.SnapshotSummary]:
        """The snapshots that are not being deleted."""
        found = self.api.snapshots_list()
        return [each for each in found if not each.deleted]

    def _require_nothing_left(self) -> None:
        left = [
            each.name
            for each in [*self.api.volumes_list(), *self.snapshots()]
            if each.global_id in self._made
            or each.name.startswith(self.prefix)
        ]
        self.assertEqual([], left)

    # What a scenario looks at.

    def reassign(self, **members: Any) -> None:
        """Change attachments, and wait until the clients have done so."""
        self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[api.attachments.ReassignDesc(**members)]
            )
        )

    def volume(self, name: str) -> api.volumes.VolumeSummary:
        """The summary of a volume."""
        (found,) = self.api.volume_list(name)
        return found

    def snapshot_summary(self, name: str) -> api.snapshots.SnapshotSummary:
        """The summary of a snapshot."""
        (found,) = self.api.snapshot_list(name)
        return found

    def update(self, name: str, **members: Any) -> None:
        """Change a volume."""
        self.api.volume_update(name, api.volumes.VolumeUpdateDesc(**members))

    def attached(self, gid: str) -> dict[int, str]:
        """The rights of each client that has an object attached."""
        return {
            each.client: each.rights
            for each in self.api.attachments_list()
            if each.global_id == gid
        }

    def assert_eventually(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        waited = 0.0
        while not holds():
            self.assertLess(waited, PATIENCE, f"{what}: not yet")
            self.cluster.pass_time(_STEP)
            waited += _STEP
