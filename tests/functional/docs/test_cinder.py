# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the page on Cinder tells to type, typed in a Cinder of its own."""

import os
from typing import Any

import testtools

from tests.functional.docs import blocks
from tests.functional.docs.cinder_case import CinderTest
from tests.functional.docs.cinder_case import LOST
from tests.functional.docs.cinder_case import PAGE
from tests.stack import page

TROUBLES = page.SOURCE / "admin/troubleshooting.rst"
#: Sections by their titles, all that have something to type in Cinder.
TYPES = "Pools and types"
LIMITS = "Limits"
POOLS = "Another type, another pool"
MANAGED = "Volumes and snapshots that are there already"
GROUPS = "Groups"
VOLUMES = "Volumes and snapshots"
ATTACHMENTS = "What the driver does to attachments"
SERVICES = "High availability"
DISK = "db-disk-1"
#: How the page calls this back end.
HERE = {"HOST@BACKEND": "ctl@storpool"}
#: Nova's, and what is named without what it is for.
WITHOUT = (
    "openstack server ",
    "openstack --os-compute-api-version ",
    "openstack volume attachment delete",
    "openstack volume delete",
    "openstack volume show",
)
#: The client that the page names in place of the lost one.
THEIRS = "[7]"
#: Seconds that a call of a service that is to die waits for.
LONG = 600


class SectionsTest(testtools.TestCase):
    def test_none_is_forgotten(self) -> None:
        paths = set(blocks.pages().values())
        # That page shows how it is said.
        paths.remove(page.SOURCE / "contributor/documentation.rst")
        needing = {
            (path, block.section)
            for path in paths
            for block in page.blocks(path.read_text())
            if block.reason == page.IN_CINDER
        }
        here = (TYPES, LIMITS, POOLS, MANAGED, GROUPS, ATTACHMENTS, SERVICES)
        known = {(PAGE, title) for title in here}
        self.assertEqual({*known, (TROUBLES, VOLUMES)}, needing)


class PageTest(CinderTest):
    """All that needs nobody who has died, in order."""

    def test_what_is_promised_comes(self) -> None:
        self.cinder_of("A backend")
        self.cinder.start("ctl")
        self.assertIn(
            "os_brick.initiator.connector uses os_brick_storpool",
            self.cinder.log,
        )
        for title in (TYPES, LIMITS):
            for step in self.steps(title):
                self.type(step)
        self.use_other_pools()
        self.manage()
        for step in self.steps(GROUPS):
            self.type(step)

    def use_other_pools(self) -> None:
        """The section of retypes and migrations."""
        storage = self.cinder.storage
        storage.create_type(
            name="plain", extra_specs={"storpool_template": "hybrid"}
        )
        storage.create_type(name="open")
        retype, migrate = self.steps(POOLS)
        retyped, kept, moved = (
            self.volume(name, volume_type="plain")
            for name in ("retyped", "kept", "moved")
        )
        self.type(retype, VOLUME=retyped.id)
        self.await_template(retyped, "nvme")
        self.type(migrate, VOLUME=kept.id, **HERE)
        self.cinder.wait_for(
            lambda: storage.get_volume(kept.id).migration_status == "error"
        )
        self.await_template(kept, "hybrid")
        self.assertIn("Cannot place volume", self.cinder.log)
        storage.retype_volume(moved, "open")
        self.cinder.wait_for(
            lambda: storage.get_volume(moved.id).volume_type == "open"
        )
        self.type(migrate, VOLUME=moved.id, **HERE)
        self.await_template(moved, "nvme")

    def await_template(self, volume: Any, template: str) -> None:
        self.cinder.wait_for(lambda: self.template(volume) == template)
        self.await_status(volume, "available")

    def template(self, volume: Any) -> str:
        [found] = self.cluster.volume_list(f"os--volume-{volume.id}")
        return str(found.template_name)

    def manage(self) -> None:
        """The section of volumes and snapshots that are there already."""
        self.cluster.volume_create(
            {"name": DISK, "size": 1 << 30, "template": "hybrid"}
        )
        self.cluster.snapshot_create(DISK, {"name": f"{DISK}.daily"})
        storage = self.cinder.storage
        shown, taken, snapped, *back = self.steps(MANAGED)
        self.type(shown, **HERE)
        self.type(taken, **HERE)
        volume = storage.find_volume("db")
        self.await_status(volume, "available")
        self.type(snapped, VOLUME=volume.id)
        [snapshot] = storage.snapshots()
        self.cinder.wait_for(
            lambda: storage.get_snapshot(snapshot.id).status == "available"
        )
        self.type(back[0], SNAPSHOT=snapshot.id)
        self.cinder.wait_for(lambda: not list(storage.snapshots()))
        self.type(back[1], VOLUME=volume.id)
        self.cinder.wait_for(lambda: storage.find_volume("db") is None)
        names = [each.name for each in self.cluster.volumes_list()]
        self.assertIn(f"os-unmanaged--{volume.id}", names)


class SentencesTest(CinderTest):
    """What sentences tell to ask of Cinder, with nothing left out."""

    def test_it_answers(self) -> None:
        self.cinder_of("A backend")
        self.cinder.start("ctl")
        volume = self.volume("asked")
        kind = self.cinder.storage.create_type(name="kind")
        instead = {
            **HERE,
            "POOL": "template_hybrid",
            "VOLUME": volume.id,
            "ATTACHMENT": self.attached(volume),
            "TYPE": kind.name,
        }
        asked = self.questions()
        self.assertNotEqual([], asked)
        for text in asked:
            step = page.Step(text, "...\n").filled(instead)
            self.type(step)

    def questions(self) -> list[str]:
        """What sentences on any page ask of Cinder."""
        found = {
            text
            for path in blocks.pages().values()
            for text in blocks.literals(path)
        }
        asked = [
            text
            for text in found
            if text.startswith(("cinder ", "openstack "))
            and not text.startswith(WITHOUT)
        ]
        return sorted(asked)


class HalfMigratedTest(CinderTest):
    """Two records name one object, as a kill in a migration leaves them."""

    def test_the_record_that_is_left(self) -> None:
        self.cinder_of("A backend")
        self.cinder.start("ctl")
        used, left = self.volume("used"), self.volume("left")
        self.cinder.change(
            f"UPDATE volumes SET _name_id = '{left.id}' WHERE id = '{used.id}'"
        )
        # So Cinder makes the record of a migration's target.
        self.cinder.change(
            f"UPDATE volumes SET use_quota = 0 WHERE id = '{left.id}'"
        )
        storage = self.cinder.storage
        storage.delete_volume(left.id)
        self.cinder.wait_for(
            lambda: "migration was not completed" in self.cinder.log
        )
        self.await_status(left, "error_deleting")
        for step in self.steps(VOLUMES, TROUBLES):
            self.type(step, USED=used.id, LEFT=left.id)
        self.cinder.wait_for(lambda: storage.find_volume(left.id) is None)
        [kept] = self.cluster.volumes_list()
        self.assertEqual(f"os--volume-{left.id}", kept.name)
        storage.delete_volume(used.id)
        self.cinder.wait_for(lambda: storage.find_volume(used.id) is None)
        self.assertEqual([], self.cluster.volumes_list())


class LostUserTest(CinderTest):
    """Nobody is left who would end an attachment."""

    def setUp(self) -> None:
        super().setUp()
        self.cinder_of("A backend")
        self.cinder.start("ctl")

    def opened(self, volume: Any) -> int:
        """The device, open by somebody who does not let it go."""
        device = self.host.path / "dev/storpool" / self.name(volume)
        descriptor = os.open(device, os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        return descriptor

    def attachments(self) -> list[str]:
        return [each.volume for each in self.cluster.attachments_list()]

    def test_host_that_is_gone(self) -> None:
        volume = self.volume("idle")
        delete, _ = self.steps(ATTACHMENTS)
        self.type(delete, ATTACHMENT=self.attached(volume))
        self.await_status(volume, "available")
        self.assertEqual([], self.attachments())

    def test_device_that_is_open(self) -> None:
        volume = self.volume("open")
        delete, force = self.steps(ATTACHMENTS)
        attachment = self.attached(volume)
        opened = self.opened(volume)
        self.type(delete, ATTACHMENT=attachment)
        self.await_status(volume, "available")
        self.assertEqual([self.name(volume)], self.attachments())
        self.assertIn(
            "Still in use after Cinder removed the attachment", self.cinder.log
        )
        self.assertIn(THEIRS, force.command)
        here = {"volume-ID": f"volume-{volume.id}", THEIRS: f"[{LOST}]"}
        self.type(force, **here)
        self.assertEqual([], self.attachments())
        self.assertEqual(b"", os.pread(opened, 512, 0))

    def test_host_that_is_down(self) -> None:
        volume = self.volume("down")
        delete, force = self.steps(ATTACHMENTS)
        attachment = self.attached(volume)
        self.simulator.set_up("client", LOST, False)
        self.type(delete, ATTACHMENT=attachment)
        self.await_status(volume, "available")
        here = {"volume-ID": f"volume-{volume.id}", THEIRS: f"[{LOST}]"}
        self.type(force, **here)
        self.assertEqual([], self.attachments())

    def test_cinder_itself_forces_nothing(self) -> None:
        volume = self.volume("open")
        attachment = self.attached(volume)
        self.opened(volume)
        answer = self.cinder.storage.post(
            f"/volumes/{volume.id}/action",
            json={"os-force_detach": {"attachment_id": attachment}},
        )
        self.assertEqual(202, answer.status_code, answer.text)
        self.await_status(volume, "available")
        self.assertEqual([self.name(volume)], self.attachments())


class DeadServiceTest(CinderTest):
    """One of two services is killed while it works."""

    def setUp(self) -> None:
        super().setUp()
        self.cinder_of("A backend", SERVICES)
        self.cinder.start("first")

    def killed_at_work(self) -> tuple[Any, Any, Any]:
        """Kill a service that makes, deletes and extends a volume.

        :return: these volumes.
        """
        deleted, extended = self.volume("deleted"), self.volume("extended")
        for call in ("VolumeCreate", "VolumeDelete", "VolumeUpdate"):
            self.simulator.add_fault(call=call, action="delay", seconds=LONG)
        storage = self.cinder.storage
        made = storage.create_volume(name="made", size=1)
        storage.delete_volume(deleted.id)
        storage.extend_volume(extended.id, 2)
        self.cinder.wait_for(lambda: self.seen() == [1, 1, 1])
        self.cinder.kill()
        return made, deleted, extended

    def seen(self) -> list[int]:
        """How many calls each fault has struck."""
        return [fault["seen"] for fault in self.simulator.faults()]

    def test_another_one_goes_on(self) -> None:
        made, deleted, extended = self.killed_at_work()
        self.cinder.start("second")
        storage = self.cinder.storage
        self.cinder.wait_for(lambda: "first@storpool" in self.dead())
        cleanup, reset = self.steps(SERVICES)
        self.type(cleanup)
        self.await_status(made, "error")
        self.cinder.wait_for(lambda: storage.find_volume(deleted.id) is None)
        self.assertEqual("extending", storage.get_volume(extended.id).status)
        self.type(reset, VOLUME=extended.id)
        storage.extend_volume(extended.id, 2)
        self.await_status(extended, "available")
        self.assertEqual(2, storage.get_volume(extended.id).size)
        storage.delete_volume(made.id)
        self.cinder.wait_for(lambda: storage.find_volume(made.id) is None)
        [left] = self.cluster.volumes_list()
        self.assertEqual(f"os--volume-{extended.id}", left.name)

    def dead(self) -> list[str]:
        """The hosts of the services that are taken for dead."""
        return [
            each.host
            for each in self.cinder.storage.services()
            if each.state == "down"
        ]
