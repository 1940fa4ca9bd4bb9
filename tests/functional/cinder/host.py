# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The host of cinder-volume, with a cluster whose volumes are devices."""

from collections.abc import Iterator
import contextlib
import functools
import os
import pathlib
import shutil
from typing import Any

from cinder.image.image_utils import TemporaryImages
from cinder.objects.volume import Volume
from cinder.privsep import sys_admin_pctxt
import fixtures
from os_brick.initiator.connector import InitiatorConnector
from os_brick.privileged import default

from cinder_storpool import driver
from storpool_common import devices
from storpool_simulator import testing
from tests.unit.cinder import base

MIB = 1 << 20
#: Bytes of a volume that a test looks at.
ENOUGH = 16 * MIB

CONF_FILE = """\
SP_AUTH_TOKEN={token}
SP_API_HTTP_HOST={host}
SP_API_HTTP_PORT={port}
SP_OURID=3
SP_OPENSTACK_STATE_DIR={state}
SP_CLUSTER_ID=a.b
"""

#: What os-brick says of this host, of StorPool alone.
HERE = {
    **base.CTL,
    "host": os.uname().nodename,
    "multipath": False,
}


class HostTestCase(base.ClusterTestCase):
    """Root on a host that is client 3 of a simulator with loop devices."""

    MOCK_TOOZ = False

    def setUp(self) -> None:
        if os.geteuid() != 0:
            self.skipTest("loop devices need root")
        if shutil.which("qemu-img") is None:
            self.skipTest("Cinder copies images with qemu-img")
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch(
                "storpool_common.attachments.opening.Devices",
                functools.partial(
                    devices.Devices, str(self.directory / "storpool-byid")
                ),
            )
        )
        self.run_privileged_code_here()
        # A manager that starts removes what lies in the default one.
        self.override_config(
            "image_conversion_dir", str(self.directory / "conversion")
        )
        self.patch(
            "cinder.volume.volume_utils.brick_get_connector_properties",
            side_effect=lambda *args, **kwargs: dict(HERE),
        )
        self.driver = self.start_driver(storpool_template="hybrid")
        self.assertIsInstance(self.driver, driver.StorPoolDriver)

    def simulator_fixture(self) -> Any:
        """A cluster with the loop plane, in a process of its own."""
        return testing.SimulatorProcess(
            "--data-plane", "loop", "--dev-dir", str(self.directory)
        )

    def write_conf(self, **replaced: Any) -> None:
        """Write storpool.conf of this host."""
        [address] = self.simulator.settings.addresses
        self.write_file(
            CONF_FILE.format(
                token=self.simulator.token,
                host=address.host,
                port=address.port,
                state=self.useFixture(fixtures.TempDir()).path,
            )
        )

    def run_privileged_code_here(self) -> None:
        """Do as root what Cinder and os-brick would ask a daemon for."""
        for context in (default, sys_admin_pctxt):
            context.set_client_mode(False)
            self.addCleanup(context.set_client_mode, True)

    def make(self, **fields: Any) -> Volume:
        """A volume with its record."""
        volume = self.record(status="available", **fields)
        volume.update(dict(self.driver.create_volume(volume)))
        volume.save()
        return volume

    def attach_guest(self, volume: Volume) -> str:
        """Attach a volume to this host as Nova does; returns its device."""
        self.attached_record(volume, HERE)
        data = self.driver.initialize_connection(volume, HERE)["data"]
        data["storpool_owner"] = "nova:guest"
        device = self.connector().connect_volume(data)
        volume.update({"status": "in-use"})
        volume.save()
        return str(device["path"])

    @contextlib.contextmanager
    def attached(self, volume: Volume) -> Iterator[int]:
        """The open device of a volume, attached for as long as it takes."""
        data = self.driver.initialize_connection(volume, HERE)["data"]
        device = self.connector().connect_volume(data)
        opened = os.open(device["path"], os.O_RDWR)
        try:
            yield opened
        finally:
            os.close(opened)
            self.connector().disconnect_volume(data, device)
            self.driver.terminate_connection(volume, HERE)

    def connector(self) -> Any:
        """os-brick's answer to who attaches StorPool volumes."""
        return InitiatorConnector.factory("STORPOOL", "")

    def forced(self) -> list[Any]:
        """The forced detaches that anybody asked for."""
        return [
            element
            for body in self.bodies("VolumesReassignWait")
            for element in body["reassign"]
            if element.get("force")
        ]

    def expect_nothing_attached(self) -> None:
        """Neither the cluster nor the host knows of any attachment."""
        self.assertEqual([], self.cluster.attachments_list())
        self.assertEqual([], list(self.directory.glob("sp-*")))


class Images:
    """The image service, as far as Cinder's copies need it.

    :ivar content: bytes of the one image.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self.temp_images = TemporaryImages(self)

    def show(self, context: Any, image_id: str) -> dict[str, Any]:
        """What the image is."""
        return {
            "id": image_id,
            "disk_format": "raw",
            "container_format": "bare",
            "size": len(self.content),
            "min_disk": 0,
            "status": "active",
        }

    def download(self, context: Any, image_id: str, data: Any) -> None:
        """Write the image into a file."""
        data.write(self.content)

    def update(
        self,
        context: Any,
        image_id: str,
        image_meta: Any,
        data: Any = None,
        **kwargs: Any,
    ) -> None:
        """Read the image from a file, as far as a test looks at it."""
        self.content = data.read(ENOUGH)


def random_bytes(mebibytes: int) -> bytes:
    """Content that nothing but itself is equal to."""
    return os.urandom(mebibytes * MIB)
