# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a data plane does for the cluster."""

from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
from typing import Protocol

from storpool_simulator.model.attachments import describe
from storpool_simulator.model.capacity import Usage
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import StoredObject


class PlaneFailed(Exception):
    """The data plane cannot do its work; the message says why."""


class PoolFull(Exception):
    """There is no room for the contents of an object."""


class DeviceOpen(Exception):
    """A device that is to go away is open.

    :ivar holders: who has it open, for the answer.
    """

    def __init__(
        self, target: StoredObject, attachment: Attachment, holders: str
    ) -> None:
        super().__init__(
            f"{target.shown_name} at client {attachment.client}: {holders}"
        )
        self.target = target
        self.attachment = attachment
        self.holders = holders

    @property
    def sentence(self) -> str:
        """What the API says of it."""
        holders = f": {self.holders}" if self.holders else ""
        return (
            f"{describe(self.target)} is open at client"
            f" {self.attachment.client}{holders}"
        )


@dataclasses.dataclass(frozen=True)
class Device:
    """A device that an attachment calls for.

    :ivar directory: where its client looks for devices.
    """

    attachment: Attachment
    directory: str


@dataclasses.dataclass(frozen=True)
class Wanted:
    """How one object is to look.

    :ivar target: the object; None when it is gone.
    """

    global_id: str
    target: StoredObject | None
    devices: Sequence[Device]


class DataPlane(Usage, Protocol):
    """Contents of objects, and their devices on clients.

    The cluster calls one method at a time.
    """

    def open(
        self, wanted: Iterable[Wanted], directories: Iterable[str]
    ) -> None:
        """Start, and make everything as it is wanted.

        Contents, devices and links that nobody wants are removed.

        :param directories: where clients look for devices.
        """
        ...

    def make(
        self, copies: Sequence[tuple[StoredObject, StoredObject | None]]
    ) -> None:
        """Make contents: copies of sources, or empty for None.

        Several copies are of one instant.

        :raises PoolFull: there is no room.
        """
        ...

    def release(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """Take a device away from a client.

        :param force: also when it is open: whoever has it open meets I/O
            errors from then on.
        :raises DeviceOpen: it is open and ``force`` is not set.
        """
        ...

    def restrict(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """Forbid a client to write to a device; it stays where it is.

        :param force: also while it is open.
        :raises DeviceOpen: it is open and ``force`` is not set.
        """
        ...

    def absorb(
        self, target: StoredObject, ancestors: Sequence[StoredObject]
    ) -> None:
        """What an object had of these, which go or have gone, is its own."""
        ...

    def extents(self, target: StoredObject) -> Sequence[tuple[int, int]]:
        """Where an object has data: offsets and lengths in bytes."""
        ...

    def read(self, target: StoredObject, offset: int, length: int) -> bytes:
        """Data of an object that does not change."""
        ...

    def receive(
        self, target: StoredObject, pieces: Iterable[tuple[int, bytes]]
    ) -> None:
        """Make the contents of an object that is not there yet.

        This one may be called while another method is.

        :param pieces: data by its offset; everything else is empty.
        :raises PoolFull: there is no room.
        """
        ...

    def received(self, target: StoredObject, stored: int) -> None:
        """The object of contents that were received is there.

        :param stored: bytes of data that it has.
        """
        ...

    def settle(self, wanted: Wanted) -> None:
        """Make contents and devices of one object as they are wanted."""
        ...

    def withhold(self, global_id: str, client: int) -> None:
        """Let the device of an attachment not appear, until it is let."""
        ...

    def let(self, global_id: str, client: int) -> None:
        """Let a device that was withheld appear when next settled."""
        ...

    def close(self) -> Sequence[str]:
        """Remove every device and stop.

        :returns: what could not be removed, one sentence each.
        """
        ...
