# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Making, changing and deleting volumes."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls
GIB = base.GIB


@ddt.ddt
class CreateTest(base.ConformanceTestCase):
    @documented(Calls.volume_create)
    def test_what_was_asked(self) -> None:
        """A volume is as large as was asked, and of its template."""
        (template,) = self.need_templates(1)
        found = self.volume(self.create(size=3 * GIB))
        self.assertEqual(
            (3 * GIB, template, ""),
            (found.size, found.template_name, found.parent_name),
        )

    @relied_on(Calls.volume_create)
    def test_smallest(self) -> None:
        """A volume may have one sector of 512 bytes."""
        self.assertEqual(512, self.volume(self.create(size=512)).size)

    @ddt.data(0, 513, -512)
    @documented(Calls.volume_create)
    def test_size_refused(self, size: int) -> None:
        """A size is a positive multiple of 512."""
        (template,) = self.need_templates(1)
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.volume_create,
            {"name": self.name(), "size": size, "template": template},
        )

    @inferred(Calls.volume_create)
    def test_no_size(self) -> None:
        """Without a size and anything that gives one: invalidParam."""
        listed = self.api.volume_templates_list()
        sizes = {each.name: each.size for each in listed}
        (template,) = self.need_templates(1)
        if sizes[template] != "-":
            self.skipTest(f"template {template} gives a size")
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_create,
            api.volumes.VolumeCreateDesc(name=self.name(), template=template),
        )

    @documented(Calls.volume_create)
    def test_thin(self) -> None:
        """A volume may be larger than what is free."""
        (template,) = self.need_templates(1)
        (free,) = (
            each.stored.free
            for each in self.api.volume_templates_status()
            if each.name == template
        )
        size = (free // GIB + 1) * GIB
        self.assertEqual(size, self.volume(self.create(size=size)).size)

    @relied_on(Calls.volume_create)
    def test_template_missing(self) -> None:
        """A template that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.create,
            template=f"{self.prefix}none",
        )

    @ddt.data("parent", "base_on")
    @relied_on(Calls.volume_create)
    def test_origin_missing(self, member: str) -> None:
        """A parent or base that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.create,
            **{member: self.name("none")},
        )

    @documented(Calls.volume_create)
    def test_placement_without_template(self) -> None:
        """Placement may be said without a template."""
        like = self.volume(self.create())
        found = self.volume(
            self.create("b", size=GIB, replication=1, place_all=like.place_all)
        )
        self.assertEqual(
            (1, "", like.place_all, like.place_all),
            (
                found.replication,
                found.template_name,
                found.place_tail,
                found.place_head,
            ),
        )

    @documented(Calls.volume_create)
    def test_no_limits(self) -> None:
        """Limits of - are no limits."""
        found = self.volume(self.create(iops="-", bw="-"))
        self.assertEqual(("-", "-"), (found.iops, found.bw))

    @documented(Calls.volume_create)
    def test_limits(self) -> None:
        """Limits are kept as they are given."""
        found = self.volume(self.create(iops=1000, bw=20480))
        self.assertEqual((1000, 20480), (found.iops, found.bw))

    @relied_on(Calls.volume_create)
    def test_limit_of_zero(self) -> None:
        """A limit of 0 requests a second is accepted."""
        self.create(iops=0)


@ddt.ddt
class CloneTest(base.ConformanceTestCase):
    @relied_on(Calls.volume_create)
    def test_from_snapshot(self) -> None:
        """A volume of a snapshot has its size and its template."""
        (template,) = self.need_templates(1)
        snapshot = self.snapshot(self.create(size=2 * GIB), "s")
        found = self.volume(self.create("b", parent=snapshot))
        self.assertEqual(
            (2 * GIB, template, snapshot),
            (found.size, found.template_name, found.parent_name),
        )

    @documented(Calls.volume_create)
    def test_from_volume(self) -> None:
        """A clone and its origin have a transient snapshot as parent."""
        origin = self.create()
        clone = self.create("b", base_on=origin)
        parent = self.volume(clone).parent_name
        self.assertEqual(parent, self.volume(origin).parent_name)
        self.assertTrue(self.snapshot_summary(parent).transient)

    @documented(Calls.volume_create)
    def test_auto_name(self) -> None:
        """The answer to a clone of a volume tells the snapshot's name."""
        answer = self.api.volume_create(
            api.volumes.VolumeCreateDesc(
                name=self.name("b"), base_on=self.create()
            )
        )
        self.keep_track(self.volume(self.name("b")).global_id)
        self.assertEqual(
            answer.auto_name, self.volume(self.name("b")).parent_name
        )

    @documented(Calls.volume_create)
    def test_transient_goes(self) -> None:
        """The transient snapshot of a clone goes away by itself."""
        origin = self.create()
        clone = self.create("b", base_on=origin)
        parent = self.snapshot_summary(self.volume(clone).parent_name)
        self.api.volume_delete(clone)
        self.api.volume_delete(origin)
        self.assert_eventually(
            lambda: (
                parent.global_id
                not in {each.global_id for each in self.snapshots()}
            ),
            "the transient snapshot goes away",
        )

    @relied_on(Calls.volume_create)
    def test_larger(self) -> None:
        """A volume may be larger than its parent."""
        snapshot = self.snapshot(self.create(), "s")
        clone = self.create("b", parent=snapshot, size=2 * GIB)
        self.assertEqual(2 * GIB, self.volume(clone).size)

    @inferred(Calls.volume_create)
    def test_smaller(self) -> None:
        """A volume smaller than its parent: invalidParam."""
        snapshot = self.snapshot(self.create(size=2 * GIB), "s")
        self.assertRaises(
            errors.InvalidParam, self.create, "b", parent=snapshot, size=GIB
        )

    @relied_on(Calls.volume_create)
    def test_other_template(self) -> None:
        """A template wins over that of the parent."""
        _, other = self.need_templates(2)
        snapshot = self.snapshot(self.create(), "s")
        clone = self.create("b", parent=snapshot, template=other)
        self.assertEqual(other, self.volume(clone).template_name)

    @inferred(Calls.volume_create)
    def test_no_tags(self) -> None:
        """A clone does not have its origin's tags."""
        origin = self.create(tags={"conformance": "1"})
        for ending, members in (
            ("b", {"base_on": origin}),
            ("c", {"parent": self.snapshot(origin, "s")}),
        ):
            found = self.volume(self.create(ending, **members))
            self.assertEqual({}, found.tags)


@ddt.ddt
class UpdateTest(base.ConformanceTestCase):
    @documented(Calls.volume_update)
    def test_grow(self) -> None:
        """A volume grows to a size."""
        name = self.create()
        self.update(name, size=2 * GIB)
        self.assertEqual(2 * GIB, self.volume(name).size)

    @documented(Calls.volume_update)
    def test_grow_by(self) -> None:
        """A volume grows by a size."""
        name = self.create()
        self.update(name, size_add=512)
        self.assertEqual(GIB + 512, self.volume(name).size)

    @relied_on(Calls.volume_update)
    def test_grow_attached(self) -> None:
        """An attached volume grows; its client has it soon."""
        (client,) = self.need_clients(1)
        name = self.create()
        self.reassign(volume=name, rw=[client])
        self.update(name, size=2 * GIB)
        (status,) = self.api.client_config_wait(client)
        self.assertEqual(2 * GIB, self.volume(name).size)
        self.assertEqual("ok", status.config_status)

    @inferred(Calls.volume_update)
    def test_shrink_refused(self) -> None:
        """A smaller size without shrinkOk: invalidParam."""
        name = self.create(size=2 * GIB)
        self.assertRaises(errors.InvalidParam, self.update, name, size=GIB)
        self.assertEqual(2 * GIB, self.volume(name).size)

    @relied_on(Calls.volume_update)
    def test_shrink(self) -> None:
        """A volume shrinks with shrinkOk."""
        name = self.create(size=2 * GIB)
        self.update(name, size=GIB, shrink_ok=True)
        self.assertEqual(GIB, self.volume(name).size)

    @inferred(Calls.volume_update)
    def test_same_size(self) -> None:
        """The size that it has is no error."""
        self.update(self.create(), size=GIB)

    @documented(Calls.volume_update)
    def test_rename_attached(self) -> None:
        """A renamed volume stays attached."""
        (client,) = self.need_clients(1)
        gid = self.volume(self.create()).global_id
        self.reassign(volume=f"~{gid}", rw=[client])
        self.update(self.name(), rename=self.name("b"))
        self.assertEqual({client: "rw"}, self.attached(gid))
        shown = {each.volume for each in self.api.attachments_list()}
        self.assertIn(self.name("b"), shown)

    @inferred(Calls.volume_update)
    def test_rename_to_taken(self) -> None:
        """A new name that is taken: objectExists."""
        self.create("b")
        name = self.create()
        self.assertRaises(
            errors.ObjectExists, self.update, name, rename=self.name("b")
        )

    @relied_on(Calls.volume_update)
    def test_swap_names(self) -> None:
        """Two volumes swap their names through a third."""
        first = self.volume(self.create()).global_id
        second = self.volume(self.create("b")).global_id
        self.update(self.name(), rename=self.name("c"))
        self.update(self.name("b"), rename=self.name())
        self.update(self.name("c"), rename=self.name("b"))
        self.assertEqual(second, self.volume(self.name()).global_id)
        self.assertEqual(first, self.volume(self.name("b")).global_id)

    @documented(Calls.volume_update)
    def test_limits(self) -> None:
        """Limits change, and - takes them away."""
        name = self.create(iops=100)
        self.update(name, iops="-", bw=1024)
        found = self.volume(name)
        self.assertEqual(("-", 1024), (found.iops, found.bw))

    @ddt.data("perGiB", "total")
    @documented(Calls.volume_update)
    def test_limit_type(self, kind: str) -> None:
        """Limits are total or for each GiB."""
        name = self.create()
        self.update(name, iops=10, limit_type=kind)
        self.assertEqual(kind, self.volume(name).limit_type)

    @documented(Calls.volume_update)
    def test_template(self) -> None:
        """A new template brings its placement and replication."""
        first, second = self.need_templates(2)
        name = self.create(template=first)
        self.update(name, template=second)
        wanted = self.api.volume_template_describe(second)
        found = self.volume(name)
        self.assertEqual(
            (second, wanted.place_all, wanted.replication),
            (found.template_name, found.place_all, found.replication),
        )

    @relied_on(Calls.volume_update)
    def test_missing(self) -> None:
        """A volume that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist, self.update, self.name(), size=GIB
        )


class DeleteTest(base.ConformanceTestCase):
    @relied_on(Calls.volume_delete)
    def test_missing(self) -> None:
        """A volume that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.volume_delete, self.name()
        )

    @relied_on(Calls.volume_delete)
    def test_attached(self) -> None:
        """An attached volume: busy, and it stays."""
        (client,) = self.need_clients(1)
        name = self.create()
        self.reassign(volume=name, ro=[client])
        self.assertRaises(errors.Busy, self.api.volume_delete, name)
        self.assertEqual(name, self.volume(name).name)

    @relied_on(Calls.volume_delete)
    def test_detach_force(self) -> None:
        """onAttached: detachForce detaches and deletes."""
        (client,) = self.need_clients(1)
        name = self.create()
        self.reassign(volume=name, rw=[client])
        self.api.volume_delete(
            name, api.volumes.VolumeDeleteDesc(on_attached="detachForce")
        )
        self.assertRaises(errors.ObjectDoesNotExist, self.volume, name)

    @relied_on(Calls.volume_delete)
    def test_snapshots_stay(self) -> None:
        """The snapshots of a deleted volume stay."""
        name = self.create()
        snapshot = self.snapshot(name, "s")
        self.api.volume_delete(name)
        found = self.snapshot_summary(snapshot)
        self.assertEqual((snapshot, False), (found.name, found.deleted))

    @inferred(Calls.volume_delete)
    def test_name_is_free(self) -> None:
        """The name of a deleted volume can be given again."""
        self.api.volume_delete(self.create())
        self.create()
