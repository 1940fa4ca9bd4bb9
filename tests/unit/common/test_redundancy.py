# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What says how often data is kept is read, however it is spelt."""

from typing import Any

import ddt
import msgspec
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import errors
from storpool_simulator import testing


@ddt.ddt
class RedundancyTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.simulator = self.useFixture(testing.SimulatorFixture())
        self.api = client.Client(self.simulator.settings)
        self.addCleanup(self.api.close)
        self.api.volume_create(
            api.volumes.VolumeCreateDesc(name="a", size=512, template="hybrid")
        )

    def answer(self, call: str, document: Any) -> None:
        """Have a call answered with this."""
        body = msgspec.json.encode({"generation": 1, "data": document})
        self.simulator.add_fault(
            call=call, action="raw", body=body.decode(), count=None
        )

    @ddt.data("4+2", "ec-8-2", 0)
    def test_erasure_coding(self, spelt: str | int) -> None:
        volumes = msgspec.to_builtins(self.api.volumes_list())
        templates = msgspec.to_builtins(self.api.volume_templates_list())
        for each in (*volumes, *templates):
            each["replication"] = spelt
        self.answer("VolumesList", volumes)
        self.answer("VolumeTemplatesList", templates)
        for found in (
            *self.api.volumes_list(),
            *self.api.volume_templates_list(),
        ):
            self.assertEqual(spelt, found.replication)

    def test_asked_for(self) -> None:
        """Nobody can ask for what nobody knows how to spell."""
        for wrong in ("4+2", 4, 0):
            self.assertRaises(
                errors.ValidationError,
                self.api.volume_create,
                api.volumes.VolumeCreateDesc(
                    name="b",
                    size=512,
                    replication=wrong,  # type: ignore[arg-type]
                ),
            )
