# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The main job from end to end: a server on a volume, and its volume's life.

Every step checks what it claims; a check that fails ends the demonstration.
"""

from collections.abc import Callable
from collections.abc import Mapping
import contextlib
import platform
from typing import Any

from tests.stack import checks
from tests.stack import cloud
from tests.stack import configuration
from tests.stack import console
from tests.stack import errors
from tests.stack import image
from tests.stack import layout
from tests.stack import localhost
from tests.stack import records
from tests.stack import report
from tests.stack import stack
from tests.stack import storage
from tests.stack import volumes

GIB = 1 << 30
PATIENCE = 90.0
TICKS_DURING_UPLOAD = 3
IN_USE = " in use is "
OUR_CLASSES = (
    "os_brick_storpool.connector.StorPoolConnector",
    "nova_storpool.volume.StorPoolVolumeDriver",
)
"""As nova-compute logs them at their first use."""
REGISTERED = f"os_brick.initiator.connector uses {OUR_CLASSES[0]}"
REGISTERED_IN = ("cinder-backup", "cinder-volume", "nova-compute")


class Demo(checks.Steps):
    """The steps, in the order of their methods."""

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
    ) -> None:
        self._place = place
        super().__init__(progress)
        self._cloud = cloud.connect(place)
        self._volumes = volumes.Volumes(
            self._cloud.block_storage, place.log / "cinder-volume.log"
        )
        self._storage = storage.Storage(place, ports["simulator"])
        self._records = records.Records(place, ports["mariadb"])
        self._host = localhost.Host(configuration.environment(place))
        self._before = self._storage.objects()
        self._attached = self._storage.attached()
        self._clean = contextlib.ExitStack()
        self._marker = ""
        self._tick = 0

    def run(self) -> None:
        """All of it; a failure leaves everything there to look at."""
        picture = self._step("image into Glance", self._upload)
        boot = self._step(
            "bootable volume from the image",
            lambda: self._volume("boot", 1, image_id=picture.id),
        )
        server = self._step(
            "server boots from the volume", lambda: self._boot(boot)
        )
        self._step("our classes are in use", lambda: self._classes(boot))
        data = self._step(
            "second volume, attached hot", lambda: self._attach(server)
        )
        self._step(
            "extended while attached", lambda: self._extend(server, data)
        )
        self._step(
            "detached, and extended again",
            lambda: self._detach(server, data),
        )
        self._step(
            "in-use boot volume uploaded to an image",
            lambda: self._upload_in_use(server, boot),
        )
        self._step("server deleted", lambda: self._delete(server))
        clone = self._step(
            "snapshot, and a clone of it", lambda: self._clone(boot)
        )
        self._step(
            "guest's marker read from the clone",
            lambda: self._read_back(clone),
        )
        self._step("everything removed", self._remove_all)

    def _upload(self) -> tuple[str, Any]:
        picture = self._cloud.create_image(
            "demo-guest",
            filename=str(self._place.image),
            disk_format="raw",
            container_format="bare",
            wait=True,
        )
        self._clean.callback(self._cloud.image.delete_image, picture.id)
        return f"{picture.size >> 20} MiB", picture

    def _volume(self, name: str, size: int, **source: Any) -> tuple[str, Any]:
        volume = self._volumes.create(f"demo-{name}", size, **source)
        self._clean.callback(self._volumes.delete, volume)
        return f"{self._storage.name(volume.id)}, {size} GiB", volume

    def _console(self, server: Any) -> console.Console:
        answer = self._cloud.compute.get_server_console_output(server.id)
        return console.Console(answer["output"])

    def _await_console(
        self, server: Any, what: str, seen: Callable[[console.Console], bool]
    ) -> console.Console:
        last = [console.Console("")]

        def there() -> bool:
            last[0] = self._console(server)
            checks.require(
                not last[0].errors,
                f"the guest met {'; '.join(last[0].errors[:3])}",
            )
            return seen(last[0])

        report.wait_for(f"the guest's console: {what}", there, PATIENCE)
        return last[0]

    def _boot(self, boot: Any) -> tuple[str, Any]:
        compute = self._cloud.compute
        server = compute.create_server(
            name="demo",
            flavor_id=compute.find_flavor(cloud.FLAVOR).id,
            networks="none",
            # Of several compute hosts, the one whose log is looked at.
            availability_zone=f"nova:{platform.node()}",
            block_device_mapping=[{
                "uuid": boot.id,
                "source_type": "volume",
                "destination_type": "volume",
                "boot_index": 0,
            }],
        )  # fmt: skip
        self._clean.callback(self._delete, server)
        report.wait_for("the server", lambda: self._active(server), PATIENCE)
        seen = self._await_console(
            server, "its marker", lambda c: c.marker is not None
        )
        self._marker = seen.marker or ""
        return f"console: {seen.booted}", server

    def _active(self, server: Any) -> bool:
        found = self._cloud.compute.get_server(server.id)
        if found.status == "ERROR":
            fault = (found.fault or {}).get("message", "no fault is told")
            raise errors.StackError(
                f"the server is in ERROR: {fault}",
                self._place.log / "nova-compute.log",
            )
        return bool(found.status == "ACTIVE")

    def _classes(self, boot: Any) -> tuple[str, None]:
        """nova-compute logged them; Cinder stored what they say of it."""
        for service in REGISTERED_IN:
            log = self._place.log / f"{service}.log"
            checks.require(
                REGISTERED in log.read_text(errors="replace"),
                f"{log} does not say {REGISTERED}",
            )
        log = self._place.log / "nova-compute.log"
        found = [
            line.partition(IN_USE)[2]
            for line in log.read_text(errors="replace").splitlines()
            if IN_USE in line
        ]
        for name in OUR_CLASSES:
            checks.require(
                any(line.startswith(name) for line in found),
                f"{log} does not say {IN_USE}{name}",
            )
        connectors = self._records.connectors(boot.id)
        versions = {c.get("storpool_connector") for c in connectors}
        checks.require(
            len(versions) == 1 and None not in versions,
            f"connectors of the attachments of {boot.id}: {connectors}",
        )
        return (
            f"registered in {', '.join(REGISTERED_IN)}; in use in "
            f"nova-compute: {'; '.join(sorted(set(found)))}; attachment in "
            f"Cinder: storpool_connector {versions.pop()}"
        ), None

    def _attach(self, server: Any) -> tuple[str, Any]:
        _, data = self._volume("data", 1)
        self._cloud.compute.create_volume_attachment(
            server.id, volume_id=data.id
        )
        self._volumes.await_status(data, "in-use")
        seen = self._await_console(
            server, "vdb written", lambda c: c.wrote("vdb") is not None
        )
        return f"vdb read back: {seen.wrote('vdb')}", data

    def _extend(self, server: Any, data: Any) -> tuple[str, None]:
        self._volumes.extend(data, 2, "in-use")
        sectors = 2 * GIB // image.SECTOR
        seen = self._await_console(
            server,
            "vdb of 2 GiB, written",
            lambda c: (c.wrote("vdb") or "").endswith(f"vdb:{sectors}"),
        )
        checks.require(
            seen.size("vdb") == 2 * GIB, f"the guest sees {seen.size('vdb')}"
        )
        return "the guest sees 2 GiB and writes to it", None

    def _detach(self, server: Any, data: Any) -> tuple[str, None]:
        self._cloud.compute.delete_volume_attachment(server.id, data.id)
        self._volumes.await_status(data, "available")
        self._await_console(
            server, "vdb gone", lambda c: c.size("vdb") is None
        )
        data = self._volumes.extend(data, 3, "available")
        with self._host.attached(self._volumes, data) as device:
            size = volumes.size_of(device)
            text = volumes.read_text(device, image.DATA_SECTOR)
        checks.require(
            size == 3 * GIB, f"{device} has {size} bytes, not 3 GiB"
        )
        checks.require(
            text.startswith("GUEST-DATA"), f"{device} holds {text[:40]!r}"
        )
        return f"3 GiB on the host, with the guest's {text!r}", None

    def _upload_in_use(self, server: Any, boot: Any) -> tuple[str, None]:
        """While Cinder reads the volume here the guest goes on writing."""
        references = self._storage.references(boot.id)
        clients = self._storage.clients(boot.id)
        start = self._storage.last_request()
        before = self._console(server).tick
        answer = self._cloud.block_storage.upload_volume_to_image(
            boot.id, "demo-upload", force=True, disk_format="raw"
        )
        identity = answer["image_id"]
        self._clean.callback(self._cloud.image.delete_image, identity)

        def uploaded() -> bool:
            checks.require(
                self._storage.clients(boot.id) >= clients,
                "the boot volume's attachment went away during the upload",
            )
            status = self._cloud.image.get_image(identity).status
            checks.require(status != "killed", "Glance killed the upload")
            return bool(status == "active")

        report.wait_for("the uploaded image", uploaded, PATIENCE)
        self._volumes.await_status(boot, "in-use")
        ticks = self._await_console(
            server,
            "ticks after the upload",
            lambda c: c.tick > before + TICKS_DURING_UPLOAD,
        ).tick
        checks.require(
            self._storage.clients(boot.id) >= clients,
            "the boot volume's attachment went away after the upload",
        )
        lost = self._storage.detached(references, start)
        checks.require(not lost, f"detaches of the boot volume: {lost}")
        forced = self._storage.forced()
        checks.require(not forced, f"forced detaches: {forced}")
        self._tick = ticks
        return (
            f"guest's ticks {before} to {ticks}, no I/O error, no detach, "
            f"no forced detach"
        ), None

    def _delete(self, server: Any) -> tuple[str, None]:
        compute = self._cloud.compute
        compute.delete_server(server.id)
        compute.wait_for_delete(server, interval=0.5)
        return "", None

    def _clone(self, boot: Any) -> tuple[str, Any]:
        self._volumes.await_status(boot, "available")
        checks.require(
            not self._storage.clients(boot.id),
            "the boot volume is still attached after its server's end",
        )
        snapshot = self._volumes.snapshot(boot, "demo-snapshot")
        self._clean.callback(self._volumes.delete_snapshot, snapshot)
        return self._volume("clone", 1, snapshot_id=snapshot.id)

    def _read_back(self, clone: Any) -> tuple[str, None]:
        with self._host.attached(self._volumes, clone) as device:
            marker = volumes.read_text(device, image.MARKER_SECTOR)
            tick = volumes.read_text(device, image.TICK_SECTOR)
        checks.require(
            marker == self._marker,
            f"the clone holds {marker!r}, the guest wrote {self._marker!r}",
        )
        number = int(tick.removeprefix("GUEST-TICK "))
        checks.require(
            number >= self._tick,
            f"the clone's last tick is {number}, the console's {self._tick}",
        )
        return f"{marker}, tick {number}", None

    def _remove_all(self) -> tuple[str, None]:
        self._clean.close()
        left = self._storage.objects() - self._before
        checks.require(
            not left, f"left in StorPool: {', '.join(sorted(left))}"
        )
        forced = self._storage.forced()
        checks.require(not forced, f"forced detaches: {forced}")
        attached = self._storage.attached() - self._attached
        checks.require(not attached, f"still attached: {attached}")
        return "no volume, snapshot or attachment left", None


def run(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    keep: bool,
) -> int:
    """Bring the cloud up, do the job, and take the cloud down again.

    A cloud that was up before stays up.

    :param keep: leave the cloud running
    :return: the exit status
    :raises StackError: a step or a check failed; the cloud is left as it is
    """
    whole = stack.Stack(place, ports, progress)
    started = checks.bring_up(whole, place, progress)
    first = len(progress.steps)
    with checks.left_to_look_at(place, progress):
        Demo(place, ports, progress).run()
    steps = progress.steps[first:]
    return checks.finish(whole, place, progress, steps, keep or not started)
