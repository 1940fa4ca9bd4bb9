# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a volume goes through without a guest: Cinder, attach, write, read."""

from collections.abc import Mapping
import contextlib
from typing import Any

from tests.stack import checks
from tests.stack import configuration
from tests.stack import image
from tests.stack import layout
from tests.stack import localhost
from tests.stack import report
from tests.stack import small
from tests.stack import storage
from tests.stack import volumes

TEXT = "written on the host through the attached volume"


class Demo(checks.Steps):
    """The steps, in the order of their methods."""

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        progress: report.Report,
        connection: Any,
    ) -> None:
        super().__init__(progress)
        self._volumes = volumes.Volumes(
            connection.block_storage, place.log / "cinder.log"
        )
        self._storage = storage.Storage(place, ports["simulator"])
        self._host = localhost.Host(configuration.environment(place))
        self._clean = contextlib.ExitStack()

    def run(self) -> None:
        """All of it; a failure leaves everything there to look at."""
        volume = self._step("volume", lambda: self._volume("data", 1))
        self._step("attached, written and read", lambda: self._write(volume))
        self._step("extended", lambda: self._extend(volume))
        clone = self._step(
            "snapshot, and a clone of it", lambda: self._clone(volume)
        )
        self._step("text read from the clone", lambda: self._read(clone))
        self._step("everything removed", self._remove_all)

    def _volume(self, name: str, size: int, **source: Any) -> Any:
        volume = self._volumes.create(f"demo-{name}", size, **source)
        self._clean.callback(self._volumes.delete, volume)
        return f"{self._storage.name(volume.id)}, {size} GiB", volume

    def _write(self, volume: Any) -> tuple[str, None]:
        with self._host.attached(self._volumes, volume) as device:
            volumes.write_text(device, image.MARKER_SECTOR, TEXT)
            clients = self._storage.clients(volume.id)
        checks.require(bool(clients), "StorPool knows no attachment")
        checks.require(
            not self._storage.clients(volume.id),
            "the volume is attached after its detach",
        )
        return f"{device}, client {', '.join(map(str, clients))}", None

    def _extend(self, volume: Any) -> tuple[str, None]:
        volume = self._volumes.extend(volume, 2, "available")
        with self._host.attached(self._volumes, volume) as device:
            size = volumes.size_of(device)
            text = volumes.read_text(device, image.MARKER_SECTOR)
        checks.require(size == 2 << 30, f"{device} has {size} bytes")
        checks.require(text == TEXT, f"{device} holds {text[:60]!r}")
        return "2 GiB on the host, the text still there", None

    def _clone(self, volume: Any) -> Any:
        snapshot = self._volumes.snapshot(volume, "demo-snapshot")
        self._clean.callback(self._volumes.delete_snapshot, snapshot)
        return self._volume("clone", 2, snapshot_id=snapshot.id)

    def _read(self, clone: Any) -> tuple[str, None]:
        with self._host.attached(self._volumes, clone) as device:
            text = volumes.read_text(device, image.MARKER_SECTOR)
        checks.require(text == TEXT, f"the clone holds {text[:60]!r}")
        return text, None

    def _remove_all(self) -> tuple[str, None]:
        self._clean.close()
        left = self._storage.objects()
        checks.require(not left, f"left in StorPool: {', '.join(left)}")
        forced = self._storage.forced()
        checks.require(not forced, f"forced detaches: {forced}")
        return "no volume, snapshot or attachment left", None


def run(
    place: layout.Layout,
    ports: Mapping[str, int],
    progress: report.Report,
    keep: bool,
) -> int:
    """Bring Cinder up, do the job, and take it down again.

    :param keep: leave it running
    :return: the exit status
    :raises StackError: a step or a check failed; it is left as it is
    """
    cloud = small.Small(place, ports, progress)
    started = checks.bring_up(cloud, place, progress)
    first = len(progress.steps)
    with checks.left_to_look_at(place, progress):
        Demo(place, ports, progress, cloud.connect()).run()
    steps = progress.steps[first:]
    return checks.finish(cloud, place, progress, steps, keep or not started)
