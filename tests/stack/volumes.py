# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Volumes through Cinder's API, and their devices on this very host."""

from collections.abc import Iterator
import contextlib
import os
import pathlib
from typing import Any

from tests.stack import errors
from tests.stack import report

PATIENCE = 120.0
ATTACHMENTS = "3.54"
"""The microversion in which an attachment has a mode."""


class Volumes:
    """What the demonstrations do with volumes.

    :param proxy: openstacksdk's block storage
    :param log: of the volume service, for what fails
    """

    def __init__(self, proxy: Any, log: pathlib.Path) -> None:
        self._proxy = proxy
        self._log = log

    def create(self, name: str, size: int, **source: Any) -> Any:
        """A volume of *size* GiB, when it is available."""
        volume = self._proxy.create_volume(name=name, size=size, **source)
        return self.await_status(volume, "available")

    def await_status(self, volume: Any, status: str) -> Any:
        """Wait for a status.

        :raises StackError: it went to an error, or took too long
        """
        seen = [volume]

        def reached() -> bool:
            seen[0] = self._proxy.get_volume(volume.id)
            if seen[0].status.startswith("error"):
                raise self._failed(volume, seen[0].status)
            return bool(seen[0].status == status)

        report.wait_for(f"volume {volume.name} {status}", reached, PATIENCE)
        return seen[0]

    def extend(self, volume: Any, size: int, status: str) -> Any:
        """Grow to *size* GiB and wait for *status* and the size."""
        self._proxy.extend_volume(volume.id, size)

        def grown() -> bool:
            return bool(self._proxy.get_volume(volume.id).size == size)

        report.wait_for(f"volume {volume.name} {size} GiB", grown, PATIENCE)
        return self.await_status(volume, status)

    def snapshot(self, volume: Any, name: str, **more: Any) -> Any:
        snapshot = self._proxy.create_snapshot(
            volume_id=volume.id, name=name, **more
        )

        def taken() -> bool:
            status = self._proxy.get_snapshot(snapshot.id).status
            if status.startswith("error"):
                raise self._failed(snapshot, status)
            return bool(status == "available")

        report.wait_for(f"snapshot {name} available", taken, PATIENCE)
        return snapshot

    def delete(self, volume: Any) -> None:
        self._proxy.delete_volume(volume.id)
        self._await_gone(volume, self._proxy.find_volume)

    def delete_snapshot(self, snapshot: Any) -> None:
        self._proxy.delete_snapshot(snapshot.id)
        self._await_gone(snapshot, self._proxy.find_snapshot)

    def _failed(self, thing: Any, status: str) -> errors.StackError:
        return errors.StackError(f"{thing.name} is {status}", self._log)

    def _await_gone(self, thing: Any, find: Any) -> None:
        def gone() -> bool:
            found = find(thing.id)
            if found is not None and found.status.startswith("error"):
                raise self._failed(thing, found.status)
            return found is None

        report.wait_for(f"{thing.name} deleted", gone, PATIENCE)

    @contextlib.contextmanager
    def on_this_host(
        self, volume: Any, connector: Any, properties: Any
    ) -> Iterator[str]:
        """Attach a volume here as Nova does; detached on every path.

        :param connector: our os-brick connector
        :param properties: what it says of this host
        :return: the device
        """
        created = self._proxy.post(
            "/attachments",
            json={"attachment": {
                "volume_uuid": volume.id,
                "connector": properties,
                "mode": "rw",
            }},
            microversion=ATTACHMENTS,
        )  # fmt: skip
        if created.status_code >= 300:
            raise errors.StackError(
                f"attachment of {volume.name}: {created.text}"
            )
        attachment = created.json()["attachment"]
        address = f"/attachments/{attachment['id']}"
        try:
            # The id tells one user of the volume from another.
            info = attachment["connection_info"]
            info.setdefault("attachment_id", attachment["id"])
            device = connector.connect_volume(info)
            try:
                self._proxy.post(
                    f"{address}/action",
                    json={"os-complete": None},
                    microversion=ATTACHMENTS,
                )
                yield device["path"]
            finally:
                connector.disconnect_volume(info, device)
        finally:
            self._proxy.delete(address, microversion=ATTACHMENTS)
            self.await_status(volume, "available")


def read_text(device: str, sector: int) -> str:
    """The text in one 512-byte sector of a device."""
    with open(device, "rb") as file:
        data = os.pread(file.fileno(), 512, sector * 512)
    return data.rstrip(b"\0\n ").decode(errors="replace")


def write_text(device: str, sector: int, text: str) -> None:
    """Write text to one sector, through to the device."""
    with open(device, "r+b", buffering=0) as file:
        data = text.encode().ljust(512, b" ")
        os.pwrite(file.fileno(), data, sector * 512)
        os.fsync(file.fileno())


def size_of(device: str) -> int:
    """Bytes of a device."""
    with open(device, "rb") as file:
        return file.seek(0, os.SEEK_END)
