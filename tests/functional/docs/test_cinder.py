# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the page on Cinder tells to type when something died, typed."""

import os
from typing import Any

import testtools

from storpool_common.api.attachments import ReassignDesc
from storpool_common.api.attachments import VolumesReassignWaitDesc
from storpool_common.client import Client
from tests.functional.docs import blocks
from tests.functional.docs import cinder
from tests.functional.docs import session
from tests.functional.docs import test_pages
from tests.stack import page

PAGE = page.SOURCE / "admin/cinder.rst"
ATTACHMENTS = "What the driver does to attachments"
SERVICES = "High availability"
IN_CINDER = "it needs Cinder"
#: The client that the page names, and the one that it is here.
THEIRS, LOST = "[7]", 2
#: The microversion that has all of attachments.
MICROVERSION = "3.54"
#: Seconds that a call of a service that is to die waits for.
LONG = 600


class CinderTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        session.require_root(self)
        self.host = self.useFixture(session.Host())
        self.simulator = self.host.simulator
        self.cluster = Client(self.simulator.settings)
        self.addCleanup(self.cluster.close)

    def cinder_of(self, *titles: str) -> None:
        """Have a Cinder with the lines that stand below these titles."""
        lines = [
            block.text
            for title in titles
            for block in page.section(title, PAGE)
            if block.language == "ini"
        ]
        self.cinder = self.useFixture(
            cinder.Cinder(self.simulator, "\n".join(lines))
        )
        self.host.program("cinder", self.cinder.command)

    def steps(self, title: str) -> list[blocks.Step]:
        """What a section tells to type here."""
        return [
            blocks.Step(step.command, step.promised)
            for block in page.section(title, PAGE)
            if block.reason == IN_CINDER
            for step in block.steps()
        ]

    def type(self, step: blocks.Step, **instead: str) -> None:
        """Type a command, and see that what the page promises comes."""
        command = step.command
        for word, value in instead.items():
            command = command.replace(word, value)
        step = blocks.Step(command, step.output)
        [came] = self.host.run([step])
        self.assertEqual("", test_pages.unlike(step, came, shown=False))

    def volume(self, name: str) -> Any:
        """A volume that is there to be used."""
        made = self.cinder.storage.create_volume(name=name, size=1)
        self.await_status(made, "available")
        return made

    def await_status(self, volume: Any, status: str) -> None:
        storage = self.cinder.storage
        self.cinder.wait_for(
            lambda: storage.get_volume(volume.id).status == status
        )


class LostUserTest(CinderTest):
    """Nobody is left who would end an attachment."""

    def setUp(self) -> None:
        super().setUp()
        self.cinder_of("A backend")
        self.cinder.start("ctl")

    def attached(self, volume: Any) -> str:
        """Attach a volume to the host that is going to be lost."""
        properties = {
            "host": "comp2",
            "ip": "127.0.0.1",
            "storpool_client_id": LOST,
        }
        answer = self.cinder.storage.post(
            "/attachments",
            json={
                "attachment": {
                    "volume_uuid": volume.id,
                    "connector": properties,
                    "mode": "rw",
                }
            },
            microversion=MICROVERSION,
        )
        self.assertEqual(200, answer.status_code, answer.text)
        self.cluster.volumes_reassign_wait(
            VolumesReassignWaitDesc(
                reassign=[ReassignDesc(volume=self.name(volume), rw=[LOST])]
            )
        )
        return str(answer.json()["attachment"]["id"])

    def name(self, volume: Any) -> str:
        return f"os--volume-{volume.id}"

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
