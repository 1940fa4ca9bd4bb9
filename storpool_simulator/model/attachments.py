# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attachments: which client has which object, and with what rights."""

from collections.abc import Iterable

from storpool_common.api.attachments import AttachmentDesc
from storpool_common.api.attachments import ReassignDesc
from storpool_common.api.attachments import VolumesReassignWaitDesc
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.lifetime import Lifetime
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.state import Await
from storpool_simulator.model.state import Release
from storpool_simulator.model.state import Restrict
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import busy
from storpool_simulator.refusal import invalid

#: Devices ``/dev/sp-0`` to ``/dev/sp-1023``.
POSITIONS = 1024


def describe(target: StoredObject) -> str:
    """An object in a sentence."""
    kind = "snapshot" if isinstance(target, Snapshot) else "volume"
    return f"{kind} '{target.shown_name}'"


class Attachments:
    """Calls about attachments."""

    def __init__(self, state: State, lifetime: Lifetime, rules: Rules) -> None:
        self._state = state
        self._lifetime = lifetime
        self._rules = rules

    def attachments_list(self) -> list[AttachmentDesc]:
        """Every attachment."""
        return [
            self._shown(attachment)
            for attachment in self._state.all(Attachment).values()
        ]

    def _shown(self, attachment: Attachment) -> AttachmentDesc:
        target = self._state.objects[attachment.global_id]
        return AttachmentDesc(
            volume=target.shown_name,
            snapshot=isinstance(target, Snapshot),
            client=attachment.client,
            rights=attachment.rights,
            pos=attachment.pos,
            global_id=target.global_id,
            cluster=self._state.cluster.name,
            cluster_id=self._state.cluster.id,
        )

    def require_detached(self, target: StoredObject, doing: str) -> None:
        """Refuse, as busy, what an attached object does not allow."""
        self.require_still(target)
        clients = sorted(self._state.attachments(target.global_id))
        if clients:
            named = ", ".join(str(client) for client in clients)
            raise busy(
                f"{describe(target)} is attached to client {named}"
                f" and cannot be {doing}"
            )

    def require_still(self, target: StoredObject) -> None:
        """Refuse, as busy, what is on its way to another cluster."""
        if target.leaving:
            raise busy(f"{describe(target)} is being moved to another cluster")

    def require_closed(self, target: StoredObject) -> None:
        """Refuse, as busy, what does not go where a device is open."""
        for attachment in self._state.attachments(target.global_id).values():
            self._state.require(Release(target, attachment, force=False))

    def release_all(self, target: StoredObject, *, force: bool) -> None:
        """Detach an object from every client."""
        for attachment in self._state.attachments(target.global_id).values():
            self._release(target, attachment, force)

    def volumes_reassign(self, request: list[ReassignDesc]) -> ApiOk:
        """Attach, detach, change rights; all elements or none."""
        for element in request:
            self._reassign(element)
        return done(self._state)

    def volumes_reassign_wait(
        self, request: VolumesReassignWaitDesc | list[ReassignDesc]
    ) -> ApiOk:
        """The same, and wait for those of its clients that are down."""
        if not isinstance(request, VolumesReassignWaitDesc):
            request = VolumesReassignWaitDesc(reassign=request)
        timeout = request.attach_timeout
        if timeout is not None and timeout < 0:
            raise invalid(f"attachTimeout {timeout} is negative")
        clients: set[int] = set()
        for element in request.reassign:
            clients |= self._reassign(element)
        if timeout != 0:
            self._state.require(Await(frozenset(clients), timeout))
        return done(self._state)

    def _reassign(self, element: ReassignDesc) -> set[int]:
        """Carry out an element; returns the clients that it is about."""
        target = self._target(element)
        self.require_still(target)
        rights = dict.fromkeys(element.rw or (), "rw")
        for client in element.ro or ():
            rights.setdefault(client, "ro")
        self._require_clients(rights)
        leaving = self._leaving(target, element)
        for client in leaving - set(rights):
            attachment = self._state.attachments(target.global_id)[client]
            self._release(target, attachment, bool(element.force))
        for client, right in rights.items():
            self._attach(target, client, right, bool(element.force))
        return leaving | set(rights)

    def _target(self, element: ReassignDesc) -> StoredObject:
        if element.volume is not None:
            return self._state.volume(element.volume)
        snapshot = self._state.snapshot(element.snapshot or "")
        if snapshot.transient and element.ro:
            raise invalid(
                f"{describe(snapshot)} is transient and cannot be attached"
            )
        return snapshot

    def _require_clients(self, clients: Iterable[int]) -> None:
        for client in clients:
            if str(client) not in self._state.all(Client):
                raise invalid(f"No such client registered: {client}")

    def _leaving(
        self, target: StoredObject, element: ReassignDesc
    ) -> set[int]:
        attached = set(self._state.attachments(target.global_id))
        if element.detach is None:
            return set()
        if element.detach == "all":
            return attached
        self._require_clients(element.detach)
        absent = sorted(set(element.detach) - attached)
        if absent and self._rules.now.detach_absent == "invalidParam":
            raise invalid(
                f"{describe(target)} is not attached to client {absent[0]}"
            )
        return attached & set(element.detach)

    def _release(
        self, target: StoredObject, attachment: Attachment, force: bool
    ) -> None:
        self._state.require(Release(target, attachment, force))
        self._state.remove(attachment)
        self._lifetime.drop_unneeded(target.global_id)

    def _attach(
        self, target: StoredObject, client: int, rights: str, force: bool
    ) -> None:
        held = self._state.attachments(target.global_id).get(client)
        if held is None:
            self._state.put(
                Attachment(
                    global_id=target.global_id,
                    client=client,
                    rights=rights,
                    pos=self._free_position(client),
                )
            )
            return
        if held.rights == rights:
            return
        if rights == "ro":
            self._state.require(Restrict(target, held, force))
        self._state.put(
            Attachment(
                global_id=held.global_id,
                client=client,
                rights=rights,
                pos=held.pos,
            )
        )

    def _free_position(self, client: int) -> int:
        """The lowest position that is free where the client's links are."""
        devices = self._state.get(Client, str(client)).devices
        taken = {
            attachment.pos
            for other in self._state.all(Client).values()
            if other.devices == devices
            for attachment in self._state.indexes.held(other.id).values()
        }
        for position in range(POSITIONS):
            if position not in taken:
                return position
        raise invalid(
            f"client {client} has no device number free: all {POSITIONS}"
            " are in use"
        )
