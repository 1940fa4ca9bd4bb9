# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that hold whatever is asked, in whatever order."""

import itertools

import hypothesis
from hypothesis import strategies
import testtools

from storpool_common import api
from storpool_simulator.model.calls import bind
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.placement import completed
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import Policy
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Rules
from storpool_simulator.refusal import Refusal

RECORDS = (
    Cluster(id="s.b", name="simulator"),
    *(Disk(id=number, server=number) for number in (1, 2, 3)),
    Group(name="default", number=1, disks=(1, 2, 3)),
    Template(name="t", number=2, policy=completed(Policy(replication=3))),
    *(Client(id=number, host=f"h{number}", devices="") for number in (1, 2)),
)

volume = strategies.sampled_from(("a", "b", "c"))
snapshot = strategies.sampled_from(("s", "t", "u"))
#: Volumes and snapshots share their names now and then.
new_volume = strategies.sampled_from(("a", "b", "c", "s", ""))
new_snapshot = strategies.sampled_from(("s", "t", "u", "a", ""))
size = strategies.sampled_from((512, 1024, 2048))
clients = strategies.lists(strategies.sampled_from((1, 2)), max_size=2)
some_clients = strategies.one_of(clients, strategies.just([9]))


def step(function, kind=None, needed=None, **members):
    """A call: its path's members by ``needed``, its request's by name."""
    arguments = dict(needed or {})
    if kind is not None:
        arguments["request"] = strategies.builds(kind, **members)
    return strategies.tuples(
        strategies.just(function), strategies.fixed_dictionaries(arguments)
    )


Create = api.volumes.VolumeCreateDesc
STEPS = strategies.one_of(
    step(
        "volume_create",
        Create,
        name=new_volume,
        size=size,
        template=strategies.just("t"),
    ),
    step("volume_create", Create, name=new_volume, parent=snapshot),
    step("volume_create", Create, name=new_volume, base_on=volume),
    step(
        "volume_update",
        api.volumes.VolumeUpdateDesc,
        {"volume_name": volume},
        rename=strategies.one_of(strategies.none(), new_volume),
        size=strategies.one_of(strategies.none(), size),
        shrink_ok=strategies.booleans(),
    ),
    step(
        "snapshot_create",
        api.snapshots.VolumeSnapshotDesc,
        {"volume_name": volume},
        name=new_snapshot,
        bind=strategies.booleans(),
    ),
    step("catch_up"),
    step(
        "volume_rebase",
        api.volumes.VolumeRebaseDesc,
        {"volume_name": volume},
        parent_name=strategies.one_of(strategies.none(), snapshot),
    ),
    step("volume_delete", needed={"volume_name": volume}),
    step("volume_freeze", needed={"volume_name": volume}),
    step("snapshot_delete", needed={"snapshot_name": snapshot}),
    step(
        "volume_revert",
        api.volumes.VolumeRevertDesc,
        {"volume_name": volume},
        to_snapshot=snapshot,
    ),
    strategies.tuples(
        strategies.just("volumes_reassign"),
        strategies.fixed_dictionaries(
            {
                "request": strategies.lists(
                    strategies.builds(
                        api.attachments.ReassignDesc,
                        volume=volume,
                        rw=clients,
                        ro=some_clients,
                        detach=strategies.one_of(
                            strategies.just("all"), clients
                        ),
                    ),
                    min_size=1,
                    max_size=2,
                )
            }
        ),
    ),
)
#: What every sequence starts with.
START = (
    ("volume_create", {"request": Create(name="a", size=512, template="t")}),
    (
        "snapshot_create",
        {
            "volume_name": "a",
            "request": api.snapshots.VolumeSnapshotDesc(name="s"),
        },
    ),
    ("volume_create", {"request": Create(name="b", base_on="a")}),
)


class Plenty:
    """A pool that is never full."""

    def space(self):
        """Much."""
        return Space(1 << 50, 1 << 50)

    def stored(self, target, parent):
        """Nothing is written."""
        return 0


class ModelTest(testtools.TestCase):
    @hypothesis.settings(
        deadline=None, max_examples=150, derandomize=True, database=None
    )
    @hypothesis.given(strategies.lists(STEPS, min_size=8, max_size=30))
    def test_rules_hold(self, steps):
        state = State(RECORDS)
        clock = itertools.count(1000).__next__
        model = bind(state, Plenty(), Rules(), clock)
        functions = {**model.calls, "catch_up": model.catch_up}
        for function, arguments in (*START, *steps):
            before = everything(state)
            generation = state.cluster.generation
            try:
                functions[function](**arguments)
            except Refusal:
                state.roll_back()
                self.assertEqual(before, everything(state))
            else:
                changed = bool(state.changes())
                state.settle()
                self.assertEqual(
                    generation + changed, state.cluster.generation
                )
            self.check(state)

    def test_what_changed_twice_is_taken_back(self):
        state = State(RECORDS)
        before = everything(state)
        for server in (5, 6):
            state.put(Disk(id=1, server=server))
        state.remove(Disk(id=2, server=2))
        state.put(Disk(id=2, server=7))
        state.put(Disk(id=4, server=4))
        state.remove(Disk(id=4, server=4))
        state.roll_back()
        self.assertEqual(before, everything(state))
        self.assertEqual({}, state.changes())

    def check(self, state):
        again = State(everything(state).values())
        named = [each for each in state.objects.values() if each.name]
        self.assertEqual(len(named), len({each.name for each in named}))
        for each in state.objects.values():
            self.assertEqual(
                state.children(each.global_id), again.children(each.global_id)
            )
            self.assertEqual(
                state.attachments(each.global_id),
                again.attachments(each.global_id),
            )
            self.check_object(state, each)
        for attachment in state.all(Attachment).values():
            self.assertIn(attachment.global_id, state.objects)
        places = [each.pos for each in state.all(Attachment).values()]
        self.assertEqual(len(places), len(set(places)))

    def check_object(self, state, each):
        if each.name:
            found = (
                state.shown_snapshot(each.name)
                if isinstance(each, Snapshot)
                else state.volume(each.name)
            )
            self.assertIs(each, found)
        if each.parent:
            self.assertIsInstance(state.objects[each.parent], Snapshot)
        seen = set()
        while each.parent:
            self.assertNotIn(each.global_id, seen)
            seen.add(each.global_id)
            each = state.objects[each.parent]


def everything(state):
    """Every record, by its place."""
    return {
        (kind.table, key): record
        for kind in (Cluster, Disk, Group, Template, Client)
        for key, record in state.all(kind).items()
    } | {
        (each.table, each.key): each
        for each in [*state.objects.values(), *state.all(Attachment).values()]
    }
