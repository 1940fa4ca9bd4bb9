# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Names, objects without one, and global ids."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


@ddt.ddt
class NameTest(base.ConformanceTestCase):
    @ddt.data("a", "A-b_c.d:e", "x" * 160)
    @documented(Calls.volume_create)
    def test_allowed(self, ending: str) -> None:
        """Letters, digits, _ - . and : make a name."""
        self.assertEqual(self.name(ending), self.create(ending))

    @ddt.data("a b", "a@b", "a/b", "é", "a*", "a\n", "x" * 200)
    @documented(Calls.volume_create)
    def test_refused(self, ending: str) -> None:
        """Other characters, and more than 199 of them, are refused."""
        self._refused(self.name(ending))

    @ddt.data("list", "status")
    @documented(Calls.volume_create)
    def test_reserved(self, name: str) -> None:
        """No volume is called list or status."""
        self._refused(name)

    def _refused(self, name: str) -> None:
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.volume_create,
            {
                "name": name,
                "template": self.need_templates(1)[0],
                "size": base.GIB,
            },
        )

    @inferred(Calls.volume_create)
    def test_taken_by_volume(self) -> None:
        """A name that a volume has: objectExists."""
        self.create()
        self.assertRaises(errors.ObjectExists, self.create)

    @inferred(Calls.volume_create)
    def test_taken_by_snapshot(self) -> None:
        """A name that a snapshot has: objectExists for a volume too."""
        self.snapshot(self.create(), "s")
        self.assertRaises(errors.ObjectExists, self.create, "s")

    @relied_on(Calls.snapshot_create)
    def test_snapshot_name_taken(self) -> None:
        """A name that is taken: objectExists for a snapshot."""
        name = self.create()
        self.snapshot(name, "s")
        self.assertRaises(errors.ObjectExists, self.snapshot, name, "s")

    @documented(Calls.snapshot_create)
    def test_snapshot_named_like_volume(self) -> None:
        """Volumes and snapshots share their names."""
        name = self.create()
        self.assertRaises(errors.ObjectExists, self.snapshot, name, "a")


class GlobalIdTest(base.ConformanceTestCase):
    @documented(Calls.volume_list)
    def test_form(self) -> None:
        """A global id is three words with dots between them."""
        gid = self.volume(self.create()).global_id
        self.assertRegex(gid, r"\A[a-z0-9]+\.[a-z0-9]+\.[a-z0-9]+\Z")

    @documented(Calls.volume_update)
    def test_rename_keeps_it(self) -> None:
        """A renamed volume has the same global id."""
        gid = self.volume(self.create()).global_id
        self.update(self.name(), rename=self.name("b"))
        self.assertEqual(gid, self.volume(self.name("b")).global_id)

    @documented(Calls.volume_list)
    def test_in_the_path(self) -> None:
        """~globalId in a path stands for the name."""
        name = self.create()
        gid = self.volume(name).global_id
        self.assertEqual(name, self.volume(f"~{gid}").name)

    @documented(Calls.volume_create)
    def test_as_parent(self) -> None:
        """~globalId stands for the name of a parent."""
        snapshot = self.snapshot(self.create())
        clone = self.create("b", parent=snapshot)
        shown = self.snapshot_summary(snapshot).name
        self.assertEqual(shown, self.volume(clone).parent_name)

    @documented(Calls.volume_create)
    def test_as_base(self) -> None:
        """~globalId stands for the name of the volume to clone."""
        gid = self.volume(self.create()).global_id
        clone = self.create("b", base_on=f"~{gid}")
        self.assertEqual(base.GIB, self.volume(clone).size)

    @documented(Calls.snapshot_delete_by_id)
    def test_delete_by_bare_id(self) -> None:
        """A snapshot is deleted by its global id without a tilde."""
        snapshot = self.snapshot(self.create(), "s")
        gid = self.snapshot_summary(snapshot).global_id
        self.api.snapshot_delete_by_id(gid)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.snapshot_summary, snapshot
        )


class UnnamedTest(base.ConformanceTestCase):
    @documented(Calls.volume_create)
    def test_volume(self) -> None:
        """A volume without a name is called ~globalId."""
        name = self.create(None)
        self.assertEqual(name, self.volume(name).name)

    @relied_on(Calls.volume_create)
    def test_empty_name(self) -> None:
        """An empty name is like none."""
        answer = self.api.volume_create(
            api.volumes.VolumeCreateDesc(
                name="", size=base.GIB, template=self.need_templates(1)[0]
            )
        )
        self.keep_track(answer.global_id or "")
        name = f"~{answer.global_id}"
        self.assertEqual(name, self.volume(name).name)

    @relied_on(Calls.volume_update)
    def test_name_taken_away(self) -> None:
        """Renamed to the empty string, a volume has no name."""
        name = self.create()
        gid = self.volume(name).global_id
        self.update(name, rename="")
        self.assertEqual(f"~{gid}", self.volume(f"~{gid}").name)
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, name)

    @documented(Calls.snapshot_create)
    def test_anonymous_snapshot(self) -> None:
        """A snapshot without a name is anonymous: autoName is true."""
        snapshot = self.snapshot(self.create())
        self.assertTrue(self.snapshot_summary(snapshot).auto_name)

    @documented(Calls.snapshot_create)
    def test_anonymous_name(self) -> None:
        """An anonymous snapshot of a volume is called volume@number."""
        name = self.create()
        snapshot = self.snapshot(name)
        shown = self.snapshot_summary(snapshot).name
        self.assertRegex(shown, rf"\A{name}@[0-9]+\Z")

    @relied_on(Calls.snapshot_create)
    def test_snapshot_of_unnamed(self) -> None:
        """A snapshot of a volume without a name has a ~globalId."""
        snapshot = self.snapshot(self.create(None))
        gid = self.snapshot_summary(snapshot).global_id
        self.assertEqual(snapshot, f"~{gid}")
