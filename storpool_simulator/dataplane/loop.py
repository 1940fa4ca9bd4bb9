# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Contents as files, attachments as loop devices.

A device for each client that has an object: so "is it open" has an answer
for each client, and each has a cache of its own, as hosts have.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import functools
import logging
import os
import pathlib
import time

from storpool_simulator.dataplane import holders
from storpool_simulator.dataplane import labels
from storpool_simulator.dataplane import links
from storpool_simulator.dataplane import loopdev
from storpool_simulator.dataplane.pool import Pool
from storpool_simulator.dataplane.protocol import DeviceOpen
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.dataplane.protocol import Wanted
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject

LOG = logging.getLogger(__name__)

#: Seconds in which a group snapshot has to find a moment without writes.
QUIET_WITHIN = 10.0

#: Seconds in which udev has to have looked into a device.
UDEV_WITHIN = 1.0


@dataclasses.dataclass(frozen=True)
class _Bound:
    node: pathlib.Path
    contents: str
    rights: str


class LoopPlane:
    """A data plane with real block devices; root only.

    :param image: the sparse file with the pool.
    :param directory: where the pool is mounted.
    :param size: bytes of a pool that is made.
    """

    def __init__(
        self, image: pathlib.Path, directory: pathlib.Path, size: int
    ) -> None:
        self._pool = Pool(image, directory, size)
        self._directory = directory
        self._links = links.Links()
        self._devices: dict[labels.Key, _Bound] = {}
        self._files: dict[str, set[str]] = {}
        self._withheld: set[labels.Key] = set()

    def space(self) -> Space:
        """The room of the pool's file system."""
        return self._pool.space()

    def stored(self, target: StoredObject, parent: StoredObject | None) -> int:
        """Bytes of the object's file that its parent's does not have."""
        return self._pool.stored(
            labels.contents(target),
            labels.contents(parent) if parent is not None else None,
        )

    def open(
        self, wanted: Iterable[Wanted], directories: Iterable[str]
    ) -> None:
        """Mount the pool, find devices again, settle every object."""
        try:
            self._pool.mount()
            self._open(wanted, directories)
        except OSError as error:
            raise PlaneFailed(f"cannot bring devices back: {error}") from error

    def _open(
        self, wanted: Iterable[Wanted], directories: Iterable[str]
    ) -> None:
        for path in self._pool.objects.iterdir():
            self._files.setdefault(path.name.rpartition("-")[0], set()).add(
                path.name
            )
        everything = {each.global_id: each for each in wanted}
        ours = {str(device.node) for device in self._bound()}
        self._adopt(everything)
        for global_id in everything.keys() | self._files.keys():
            self.settle(
                everything.get(global_id) or Wanted(global_id, None, ())
            )
        for directory in directories:
            links.sweep(directory, ours, self._links.paths())

    def _adopt(self, wanted: dict[str, Wanted]) -> None:
        """Take back the devices that are wanted; drop the others."""
        for device in self._bound():
            key, name = labels.labelled(device.label)
            if _has(wanted.get(key[1]), key[0], name):
                rights = "ro" if device.read_only else "rw"
                self._devices[key] = _Bound(device.node, name, rights)
            elif not _unbind(device.node, _nothing):
                loopdev.cut_off(device.node, "left over")

    def make(
        self, copies: Sequence[tuple[StoredObject, StoredObject | None]]
    ) -> None:
        """Make files; several are of one instant.

        A copy by reference is atomic in itself. Several are of the instant
        at which the last one ended when no source was written to from right
        before its own copy until then. What was written to meanwhile is
        copied again: that is little, so a pause of some ten microseconds
        is enough.
        """
        deadline = time.monotonic() + QUIET_WITHIN
        stale = list(copies)
        before: dict[str, int] = {}
        while stale:
            if time.monotonic() > deadline:
                raise PlaneFailed(
                    f"{len(stale)} of {len(copies)} volumes were written to"
                    f" without a pause for {QUIET_WITHIN} s"
                )
            for target, source in stale:
                if source is not None:
                    name = labels.contents(source)
                    before[name] = self._pool.touched(name)
                self._make(target, source)
            if len(copies) == 1:
                return
            stale = [
                (target, source)
                for target, source in copies
                if source is not None
                and self._pool.touched(name := labels.contents(source))
                != before[name]
            ]

    def _make(self, target: StoredObject, source: StoredObject | None) -> None:
        name = labels.contents(target)
        self._files.setdefault(target.global_id, set()).add(name)
        original = labels.contents(source) if source is not None else None
        self._pool.make(name, original, target.size)

    def release(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """Remove a device and its links, or leave both if it is open."""
        key = (attachment.client, target.global_id)
        self._withheld.discard(key)
        bound = self._devices.get(key)
        if bound is None or self._let_go(key, bound):
            return
        who = holders.describe(bound.node)
        if not force:
            raise DeviceOpen(target, attachment, who)
        LOG.warning(
            "FORCED DETACH of open %s at client %d: %s",
            target.shown_name,
            attachment.client,
            who,
        )
        self._unlink(target.global_id, bound.node)
        loopdev.cut_off(bound.node, "cut off")
        del self._devices[key]

    def _let_go(self, key: labels.Key, bound: _Bound) -> bool:
        farewell = functools.partial(self._unlink, key[1], bound.node)
        if not _unbind(bound.node, farewell):
            return False
        del self._devices[key]
        return True

    def restrict(
        self, target: StoredObject, attachment: Attachment, *, force: bool
    ) -> None:
        """Make a device read-only that nobody has open.

        No ioctl tells who has a device open and leaves it as it is, so
        processes, mounts and stacked devices are looked at: before, not to
        disturb whoever writes, and after, for who came in between.
        """
        key = (attachment.client, target.global_id)
        bound = self._devices.get(key)
        if bound is None:
            return
        if not force:
            self._require_closed(target, attachment, bound)
        loopdev.set_read_only(bound.node, True)
        try:
            if not force:
                self._require_closed(target, attachment, bound)
        except DeviceOpen:
            loopdev.set_read_only(bound.node, False)
            raise
        self._devices[key] = dataclasses.replace(bound, rights="ro")

    def _require_closed(
        self, target: StoredObject, attachment: Attachment, bound: _Bound
    ) -> None:
        deadline = time.monotonic() + UDEV_WITHIN
        while who := holders.found(bound.node):
            over = time.monotonic() > deadline
            if over or not holders.nobody_stays(bound.node):
                raise DeviceOpen(target, attachment, ", ".join(who))
            time.sleep(0.01)

    def extents(self, target: StoredObject) -> Sequence[tuple[int, int]]:
        """Where the object's file is no hole."""
        return self._pool.extents(labels.contents(target))

    def read(self, target: StoredObject, offset: int, length: int) -> bytes:
        """Bytes of the object's file."""
        return self._pool.read(labels.contents(target), offset, length)

    def receive(
        self, target: StoredObject, pieces: Iterable[tuple[int, bytes]]
    ) -> None:
        """Make the object's file; without its object it does not last."""
        files = self._files.setdefault(target.global_id, set())
        files.add(labels.contents(target))
        self._pool.receive(labels.contents(target), target.size, pieces)

    def received(self, target: StoredObject, stored: int) -> None:
        """Its file has it all."""

    def absorb(
        self, target: StoredObject, ancestors: Sequence[StoredObject]
    ) -> None:
        """Its file has everything already."""

    def _unlink(self, global_id: str, node: pathlib.Path) -> None:
        for directory in self._links.directories(global_id):
            made = self._links.made(directory, global_id)
            kept = {name: to for name, to in made.items() if to != str(node)}
            self._links.arrange(directory, global_id, kept)

    def settle(self, wanted: Wanted) -> None:
        """Files, devices and links of one object as they are wanted."""
        try:
            self._settle(wanted)
        except OSError as error:
            raise PlaneFailed(f"~{wanted.global_id}: {error}") from error

    def _settle(self, wanted: Wanted) -> None:
        target = wanted.target
        keep = {labels.contents(target)} if target is not None else set()
        self._drop_files(wanted.global_id, keep)
        if target is None:
            self._arrange(wanted.global_id, {})
            return
        if self._pool.adapt_size(labels.contents(target), target.size):
            self._adapt_devices(target)
        placed: dict[str, dict[str, str]] = {}
        for device in wanted.devices:
            node = self._device(target, device.attachment)
            if node is None:
                continue
            names = placed.setdefault(device.directory, {})
            for name in links.names(target, device.attachment):
                names.setdefault(name, str(node))
        self._arrange(wanted.global_id, placed)

    def _drop_files(self, global_id: str, keep: set[str]) -> None:
        for name in self._files.get(global_id, set()) - keep:
            self._pool.remove(name)
        if keep:
            self._files[global_id] = keep
        else:
            self._files.pop(global_id, None)

    def _adapt_devices(self, target: StoredObject) -> None:
        for (_client, global_id), bound in self._devices.items():
            if global_id == target.global_id:
                loopdev.adapt_size(bound.node)

    def _arrange(
        self, global_id: str, placed: Mapping[str, Mapping[str, str]]
    ) -> None:
        for directory in {*self._links.directories(global_id), *placed}:
            self._links.arrange(
                directory, global_id, placed.get(directory, {})
            )

    def _device(
        self, target: StoredObject, attachment: Attachment
    ) -> pathlib.Path | None:
        key = (attachment.client, target.global_id)
        if key in self._withheld:
            return None
        bound = self._devices.get(key)
        if bound is None:
            bound = self._bind(target, attachment)
        elif bound.rights != attachment.rights:
            loopdev.set_read_only(bound.node, attachment.rights == "ro")
            bound = dataclasses.replace(bound, rights=attachment.rights)
        self._devices[key] = bound
        return bound.node

    def _bind(self, target: StoredObject, attachment: Attachment) -> _Bound:
        name = labels.contents(target)
        snapshot = isinstance(target, Snapshot)
        mode = os.O_RDONLY if snapshot else os.O_RDWR
        file = os.open(self._pool.path(name), mode | os.O_CLOEXEC)
        try:
            node = loopdev.bind(file, labels.label(attachment.client, name))
        finally:
            os.close(file)
        if not snapshot:
            # Also where it may be written: on Linux 6.18 a device was once
            # seen to come up read-only over a file open for writing.
            loopdev.set_read_only(node, attachment.rights == "ro")
        return _Bound(node, name, attachment.rights)

    def withhold(self, global_id: str, client: int) -> None:
        """Let a device that is not there yet not appear."""
        if (client, global_id) not in self._devices:
            self._withheld.add((client, global_id))

    def let(self, global_id: str, client: int) -> None:
        """Let it appear when its object is next settled."""
        self._withheld.discard((client, global_id))

    def close(self) -> Sequence[str]:
        """Remove devices and links, unmount; leave what is open."""
        for key, bound in list(self._devices.items()):
            self._let_go(key, bound)
        return self._finish()

    def clean(self, directories: Iterable[str]) -> Sequence[str]:
        """Remove what a killed simulator left behind, without its state.

        :returns: what could not be removed, one sentence each.
        """
        devices = self._bound()
        for directory in directories:
            links.sweep(directory, {str(each.node) for each in devices}, set())
        for device in devices:
            _unbind(device.node, _nothing)
        return self._finish()

    def _bound(self) -> list[loopdev.Bound]:
        """Our devices, those that were cut off included."""
        return [
            device
            for device in loopdev.bound()
            if self._pool.objects in device.backing.parents
        ]

    def _finish(self) -> Sequence[str]:
        """Unmount the pool unless a device is left."""
        left = [
            f"{device.node} ({device.backing.name}) is still open:"
            f" {holders.describe(device.node)}"
            for device in self._bound()
        ]
        if left:
            return left
        trouble = self._pool.unmount()
        return [trouble] if trouble else []


def _unbind(node: pathlib.Path, farewell: Callable[[], None]) -> bool:
    """Unbind a device; False when somebody has it open.

    A device that changes is looked into by udev for a moment, which is not
    a use of it.
    """
    deadline = time.monotonic() + UDEV_WITHIN
    while not loopdev.unbind(node, farewell):
        if time.monotonic() > deadline or not holders.nobody_stays(node):
            return False
        time.sleep(0.01)
    return True


def _nothing() -> None:
    """Of a device whose links are swept away, or stay."""


def _has(wanted: Wanted | None, client: int, name: str) -> bool:
    """Whether a client is to have a device with these contents."""
    if wanted is None or wanted.target is None:
        return False
    clients = {device.attachment.client for device in wanted.devices}
    return client in clients and labels.contents(wanted.target) == name
