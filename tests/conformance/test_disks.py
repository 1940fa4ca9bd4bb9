# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Disks, the balancer and allocation groups."""

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred

Calls = api.Calls


class DiskTest(base.ConformanceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.need_right("disks")
        self.disk = max(
            number
            for number, each in self.api.disks_list().items()
            if each.generation_left == -1
        )

    def now(self) -> api.disks.DiskSummary:
        return self.api.disks_list()[self.disk]

    def describe(self, text: str) -> None:
        self.api.disk_set_desc(
            self.disk, api.disks.DiskDescUpdate(description=text)
        )

    @documented(Calls.disk_set_desc)
    def test_description(self) -> None:
        """A disk is described by 30 characters."""
        self.addCleanup(self.describe, self.now().description)
        self.describe("conformance")
        self.assertEqual("conformance", self.now().description)

    @documented(Calls.disk_scrub_start)
    def test_scrub(self) -> None:
        """Checking a disk begins, pauses and goes on."""
        self.api.disk_scrub_start(self.disk)
        self.api.disk_scrub_pause(self.disk)
        self.assertIs(True, self.now().scrubbing_paused)
        self.api.disk_scrub_continue(self.disk)
        self.assertIsNot(True, self.now().scrubbing_paused)

    @documented(Calls.disk_retrim)
    def test_retrim(self) -> None:
        """A disk is told again what is free."""
        self.api.disk_retrim(self.disk)

    @documented(Calls.disk_soft_eject)
    def test_soft_eject(self) -> None:
        """Draining a disk begins, pauses and is given up."""
        self.api.disk_soft_eject(self.disk)
        self.addCleanup(self._stop_draining)
        self.assertEqual("on", self.now().soft_eject)
        self.api.disk_soft_eject_pause(self.disk)
        self.assertEqual("paused", self.now().soft_eject)
        self.api.disk_soft_eject_cancel(self.disk)
        self.assertEqual("off", self.now().soft_eject)

    def _stop_draining(self) -> None:
        if self.now().soft_eject != "off":
            self.api.disk_soft_eject_cancel(self.disk)

    @inferred(Calls.disk_soft_eject)
    def test_missing(self) -> None:
        """A disk that is not there: objectDoesNotExist."""
        known = self.api.disks_list()
        number = next(n for n in range(4095, 0, -1) if n not in known)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.disk_soft_eject, number
        )


class BalancerTest(base.ConformanceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.need_right("balancer")

    @documented(Calls.volume_balancer_set_status)
    def test_stop(self) -> None:
        """The balancer is stopped, also when it does nothing."""
        self.api.volume_balancer_set_status(
            api.balancer.VolumeBalancerCommand(cmd="stop")
        )
        found = self.api.volume_balancer_get_status()
        self.assertIs(False, found.auto)

    @documented(Calls.volume_update_vag)
    def test_move_volume(self) -> None:
        """A volume goes to its parent's allocation group."""
        name = self.create()
        self.snapshot(name, "s")
        self.api.volume_update_vag(
            name, api.vags.VolumeUpdateVagDesc(vag_id="parent")
        )

    @documented(Calls.snapshot_update_vag)
    def test_move_snapshot(self) -> None:
        """A snapshot goes to its parent's allocation group."""
        name = self.create()
        self.snapshot(name, "s1")
        snapshot = self.snapshot(name, "s2")
        self.api.snapshot_update_vag(
            snapshot, api.vags.SnapshotUpdateVagDesc(vag_id="parent")
        )

    @documented(Calls.vag_update)
    def test_targets(self) -> None:
        """The number of a group's sets of disks changes."""
        number = self.volume(self.create()).visible_volume_id
        self.api.vag_update(
            api.vags.VagUpdateDesc(vag_id=str(number), targets_count=1)
        )
        self.assertEqual(1, len(self.api.vag_list(number).target_disk_sets))
