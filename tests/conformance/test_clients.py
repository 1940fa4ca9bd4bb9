# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that are down, full, or have a device open."""

from typing import Any

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance import clusters
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls
Reassign = api.attachments.ReassignDesc

#: Devices that a client may have.
POSITIONS = 1024
#: Attachments that are asked for in one call.
TOGETHER = 128


class DownTest(base.ConformanceTestCase):
    """A client whose host does not run.

    :ivar client: its number.
    :ivar gid: the global id of a volume.
    """

    def setUp(self) -> None:
        super().setUp()
        found = self.cluster.down_client()
        if found is None:
            self.skipTest(f"{clusters.DOWN} names no client")
        self.client = found
        self.gid = self.volume(self.create()).global_id
        # Whoever waits for it waits for ever.
        self.addCleanup(self.change, 0, detach="all", force=True)

    def change(self, timeout: int, **members: Any) -> None:
        self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[Reassign(volume=f"~{self.gid}", **members)],
                attach_timeout=timeout,
            )
        )

    @documented(Calls.services_list)
    def test_listed(self) -> None:
        """A client that does not run is listed as down."""
        found = self.api.services_list().clients[self.client]
        self.assertEqual("down", found.status)

    @documented(Calls.volumes_reassign_wait)
    def test_not_waited_for(self) -> None:
        """With attachTimeout 0 the attachment is recorded at once."""
        self.change(0, rw=[self.client])
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))

    @documented(Calls.volumes_reassign)
    def test_recorded(self) -> None:
        """VolumesReassign does not wait for it."""
        self.api.volumes_reassign(
            [Reassign(volume=f"~{self.gid}", rw=[self.client])]
        )
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))

    @inferred(Calls.volumes_reassign_wait)
    def test_time_is_over(self) -> None:
        """When attachTimeout is over it is an error, and it is recorded."""
        self.assertRaises(errors.ApiError, self.change, 1, rw=[self.client])
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))

    @inferred(Calls.volumes_reassign_wait)
    def test_detached(self) -> None:
        """It is detached from, if nobody waits for it."""
        self.change(0, rw=[self.client])
        self.change(0, detach=[self.client])
        self.assertEqual({}, self.attached(self.gid))


class FullTest(base.ConformanceTestCase):
    @relied_on(Calls.volumes_reassign_wait)
    def test_full(self) -> None:
        """A client with all its devices in use: invalidParam."""
        self.need_right("positions")
        (client,) = self.need_clients(1)
        names = [self.name(str(number)) for number in range(POSITIONS + 1)]
        for name in names:
            self.addCleanup(self.api.volume_delete, name)
            self.api.volume_create(
                api.volumes.VolumeCreateDesc(
                    name=name, size=512, template=self.need_templates(1)[0]
                )
            )
        held = sum(
            each.client == client for each in self.api.attachments_list()
        )
        fitting = names[: POSITIONS - held]
        for start in range(0, len(fitting), TOGETHER):
            some = fitting[start : start + TOGETHER]
            self.addCleanup(self.change, some, detach="all", force=True)
            self.change(some, rw=[client])
        error = self.assertRaises(
            errors.InvalidParam, self.change, [names[-1]], rw=[client]
        )
        self.assertNotIn("No such client", str(error))

    def change(self, names: list[str], **members: Any) -> None:
        self.api.volumes_reassign_wait(
            [Reassign(volume=each, **members) for each in names]
        )


class OpenTest(base.ConformanceTestCase):
    """A volume that is attached and open.

    :ivar client: where it is.
    :ivar gid: its global id.
    """

    def setUp(self) -> None:
        super().setUp()
        found = self.cluster.openable_client()
        if found is None:
            self.skipTest(f"{clusters.HERE} does not say who this is")
        self.client = found
        self.gid = self.volume(self.create()).global_id
        self.change(rw=[found])
        self.cluster.open_device(self.gid)

    def change(self, **members: Any) -> None:
        self.reassign(volume=f"~{self.gid}", **members)

    def require_refused(self, **members: Any) -> str:
        """It stays as it was; returns what the error says."""
        error = self.assertRaises(
            (errors.Busy, errors.InvalidParam), self.change, **members
        )
        self.assertEqual({self.client: "rw"}, self.attached(self.gid))
        return str(error)

    @relied_on(Calls.volumes_reassign_wait)
    def test_detached(self) -> None:
        """Detaching an open volume is refused: *is open at*."""
        for wanted in ([self.client], "all"):
            self.assertIn("is open at", self.require_refused(detach=wanted))

    @relied_on(Calls.volumes_reassign_wait)
    def test_forced(self) -> None:
        """With force it is detached."""
        self.change(detach=[self.client], force=True)
        self.assertEqual({}, self.attached(self.gid))

    @inferred(Calls.volumes_reassign_wait)
    def test_lowered(self) -> None:
        """It does not become read-only while it is open for writing."""
        self.require_refused(ro=[self.client])
