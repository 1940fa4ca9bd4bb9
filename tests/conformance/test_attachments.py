# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Attaching and detaching."""

from typing import Any

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


class AttachTestCase(base.ConformanceTestCase):
    def fresh(self) -> str:
        """A new volume's global id."""
        return self.volume(self.create()).global_id

    def change(self, gid: str, **members: Any) -> None:
        self.reassign(volume=f"~{gid}", **members)


class AttachTest(AttachTestCase):
    @documented(Calls.volumes_reassign_wait)
    def test_rights(self) -> None:
        """A volume is attached with the rights that were asked."""
        (client,) = self.need_clients(1)
        for rights in ("rw", "ro"):
            gid = self.volume(self.create(rights)).global_id
            self.change(gid, **{rights: [client]})
            self.assertEqual({client: rights}, self.attached(gid))

    @documented(Calls.volumes_reassign)
    def test_without_waiting(self) -> None:
        """VolumesReassign records the attachment."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.api.volumes_reassign(
            [api.attachments.ReassignDesc(volume=f"~{gid}", rw=[client])]
        )
        self.assertEqual({client: "rw"}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_bare_list(self) -> None:
        """VolumesReassignWait takes a bare list too."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.api.volumes_reassign_wait(
            [api.attachments.ReassignDesc(volume=f"~{gid}", rw=[client])]
        )
        self.assertEqual({client: "rw"}, self.attached(gid))

    @documented(Calls.volumes_reassign_wait)
    def test_no_wait(self) -> None:
        """With attachTimeout 0 it does not wait."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        desc = api.attachments.ReassignDesc(volume=f"~{gid}", rw=[client])
        self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[desc], attach_timeout=0
            )
        )
        self.assertEqual({client: "rw"}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_two_clients(self) -> None:
        """Two clients may have a volume for writing."""
        first, second = self.need_clients(2)
        gid = self.fresh()
        self.change(gid, rw=[first])
        self.change(gid, rw=[second])
        self.assertEqual({first: "rw", second: "rw"}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_again(self) -> None:
        """Attaching what is attached is no error."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.change(gid, rw=[client])
        self.change(gid, rw=[client])
        self.assertEqual({client: "rw"}, self.attached(gid))

    @documented(Calls.volumes_reassign_wait)
    def test_other_rights(self) -> None:
        """Another right replaces the former one, both ways."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        for rights in ("ro", "rw", "ro"):
            self.change(gid, **{rights: [client]})
            self.assertEqual({client: rights}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_unknown_client(self) -> None:
        """A client that is not there: No such client registered."""
        known = self.api.services_list().clients
        client = next(each for each in range(4095, 0, -1) if each not in known)
        gid = self.fresh()
        raised = self.assertRaises(
            errors.InvalidParam, self.change, gid, rw=[client]
        )
        self.assertIn("No such client registered", raised.description)

    @relied_on(Calls.volumes_reassign_wait)
    def test_missing_volume(self) -> None:
        """A volume that is not there: objectDoesNotExist."""
        (client,) = self.need_clients(1)
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.reassign,
            volume=self.name("none"),
            rw=[client],
        )

    @inferred(Calls.volumes_reassign_wait)
    def test_all_or_none(self) -> None:
        """With one element refused, none is carried out."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        desc = api.attachments.ReassignDesc
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.volumes_reassign_wait,
            [
                desc(volume=f"~{gid}", rw=[client]),
                desc(volume=self.name("none"), rw=[client]),
            ],
        )
        self.assertEqual({}, self.attached(gid))

    @documented(Calls.volumes_reassign_wait)
    def test_several(self) -> None:
        """One call attaches several volumes."""
        (client,) = self.need_clients(1)
        gids = [self.volume(self.create(each)).global_id for each in "ab"]
        desc = api.attachments.ReassignDesc
        self.api.volumes_reassign_wait(
            [desc(volume=f"~{gid}", rw=[client]) for gid in gids]
        )
        for gid in gids:
            self.assertEqual({client: "rw"}, self.attached(gid))

    @documented(Calls.attachments_list)
    def test_listed(self) -> None:
        """An attachment tells name, kind, client, rights, position, id."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.change(gid, rw=[client])
        (found,) = (
            each
            for each in self.api.attachments_list()
            if each.global_id == gid
        )
        self.assertEqual(
            (self.name(), False, client, "rw"),
            (found.volume, found.snapshot, found.client, found.rights),
        )

    @documented(Calls.attachments_list)
    def test_unnamed_listed(self) -> None:
        """An attached volume without a name is shown as ~globalId."""
        (client,) = self.need_clients(1)
        name = self.create(None)
        self.reassign(volume=name, rw=[client])
        shown = {each.volume for each in self.api.attachments_list()}
        self.assertIn(name, shown)

    @documented(Calls.attachments_list)
    def test_positions(self) -> None:
        """Two volumes of a client have two positions."""
        (client,) = self.need_clients(1)
        gids = {self.volume(self.create(each)).global_id for each in "ab"}
        for gid in gids:
            self.change(gid, rw=[client])
        positions = {
            each.pos
            for each in self.api.attachments_list()
            if each.global_id in gids
        }
        self.assertEqual(2, len(positions))

    @relied_on(Calls.client_config_wait)
    def test_client_has_it(self) -> None:
        """A client can be waited for until it has the configuration."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.change(gid, rw=[client])
        (found,) = self.api.client_config_wait(client)
        self.assertEqual((client, "ok"), (found.id, found.config_status))


class DetachTest(AttachTestCase):
    @documented(Calls.volumes_reassign_wait)
    def test_one(self) -> None:
        """One client is detached, the other stays."""
        first, second = self.need_clients(2)
        gid = self.fresh()
        self.change(gid, rw=[first, second])
        self.change(gid, detach=[first])
        self.assertEqual({second: "rw"}, self.attached(gid))

    @documented(Calls.volumes_reassign_wait)
    def test_all(self) -> None:
        """detach: all detaches from every client."""
        clients = list(self.need_clients(2))
        gid = self.fresh()
        self.change(gid, rw=clients)
        self.change(gid, detach="all")
        self.assertEqual({}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_all_but_one(self) -> None:
        """detach: all with rw: [n] leaves n alone, in one step."""
        first, second = self.need_clients(2)
        gid = self.fresh()
        self.change(gid, rw=[first])
        self.change(gid, detach="all", rw=[second], force=True)
        self.assertEqual({second: "rw"}, self.attached(gid))

    @relied_on(Calls.volumes_reassign_wait)
    def test_all_of_none(self) -> None:
        """detach: all of what is attached nowhere is no error."""
        gid = self.fresh()
        self.change(gid, detach="all", force=True)
        self.assertEqual({}, self.attached(gid))

    @inferred(Calls.volumes_reassign_wait)
    def test_absent(self) -> None:
        """Detaching from a client that does not have it is no error."""
        (client,) = self.need_clients(1)
        self.change(self.fresh(), detach=[client])

    @documented(Calls.volumes_reassign_wait)
    def test_force(self) -> None:
        """A forced detach detaches."""
        (client,) = self.need_clients(1)
        gid = self.fresh()
        self.change(gid, rw=[client])
        self.change(gid, detach=[client], force=True)
        self.assertEqual({}, self.attached(gid))


class SnapshotTest(AttachTestCase):
    @documented(Calls.volumes_reassign_wait)
    def test_read_only(self) -> None:
        """A snapshot is attached read-only."""
        (client,) = self.need_clients(1)
        snapshot = self.snapshot(self.create(), "s")
        gid = self.snapshot_summary(snapshot).global_id
        self.reassign(snapshot=snapshot, ro=[client])
        self.assertEqual({client: "ro"}, self.attached(gid))

    @inferred(Calls.volumes_reassign_wait)
    def test_for_writing(self) -> None:
        """A snapshot for writing: invalidParam."""
        (client,) = self.need_clients(1)
        snapshot = self.snapshot(self.create(), "s")
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.volumes_reassign_wait,
            {"reassign": [{"snapshot": snapshot, "rw": [client]}]},
        )

    @inferred(Calls.volumes_reassign_wait)
    def test_transient(self) -> None:
        """A transient snapshot is not attached: invalidParam."""
        (client,) = self.need_clients(1)
        clone = self.create("b", base_on=self.create())
        parent = self.volume(clone).parent_name
        self.assertRaises(
            errors.InvalidParam, self.reassign, snapshot=parent, ro=[client]
        )
