# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A Cinder of its own, in which a page is typed."""

import pathlib
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
#: The client of the host that is going to be lost.
LOST = 2
#: The microversion that has all of attachments.
MICROVERSION = "3.54"


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
        for name, text in self.cinder.commands().items():
            self.host.program(name, text)

    def steps(self, title: str, path: pathlib.Path = PAGE) -> list[page.Step]:
        """What a section tells to type here."""
        return [
            step
            for block in page.section(title, path)
            if block.reason == page.IN_CINDER
            for step in block.steps()
        ]

    def type(self, typed: page.Step, **instead: str) -> None:
        """Type a command, and see that what the page promises comes."""
        filled = typed.filled(instead)
        step = blocks.Step(filled.command, filled.promised)
        [came] = self.host.run([step])
        self.assertEqual("", test_pages.unlike(step, came, shown=False))

    def volume(self, name: str, **more: str) -> Any:
        """A volume that is there to be used."""
        made = self.cinder.storage.create_volume(name=name, size=1, **more)
        self.await_status(made, "available")
        return made

    def await_status(self, volume: Any, status: str) -> None:
        storage = self.cinder.storage
        self.cinder.wait_for(
            lambda: storage.get_volume(volume.id).status == status
        )

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
