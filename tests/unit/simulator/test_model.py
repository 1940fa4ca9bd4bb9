# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Rules that hold whatever is asked, in whatever order."""

import itertools

import hypothesis
from hypothesis import strategies
import msgspec
import testtools

from storpool_common import api
from storpool_simulator.model.calls import calls
from storpool_simulator.model.capacity import Space
from storpool_simulator.model.lifetime import Lifetime
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
from storpool_simulator.refusal import Refusal

NAMES = ("a", "b", "c")
RECORDS = (
    Cluster(id="s.b", name="simulator"),
    *(Disk(id=number, server=number) for number in (1, 2, 3)),
    Group(name="default", number=1, disks=(1, 2, 3)),
    Template(name="t", number=2, policy=completed(Policy(replication=3))),
    *(Client(id=number, host=f"h{number}", devices="") for number in (1, 2)),
)

name = strategies.sampled_from(NAMES)
maybe = strategies.one_of(strategies.none(), name)
size = strategies.sampled_from((512, 1024, 2048))
clients = strategies.lists(strategies.sampled_from((1, 2, 9)), max_size=2)


def request(kind, **members):
    """A strategy for requests with some of the members."""
    return strategies.fixed_dictionaries({}, optional=members).map(
        lambda chosen: msgspec.convert(chosen, kind)
    )


STEPS = strategies.one_of(
    strategies.tuples(
        strategies.just("volume_create"),
        strategies.fixed_dictionaries(
            {
                "request": request(
                    api.volumes.VolumeCreateDesc,
                    name=name,
                    size=size,
                    template=strategies.just("t"),
                    parent=name,
                    baseOn=name,
                )
            }
        ),
    ),
    strategies.tuples(
        strategies.just("volume_update"),
        strategies.fixed_dictionaries(
            {
                "volume_name": name,
                "request": request(
                    api.volumes.VolumeUpdateDesc,
                    rename=strategies.one_of(name, strategies.just("")),
                    size=size,
                    shrinkOk=strategies.booleans(),
                ),
            }
        ),
    ),
    strategies.tuples(
        strategies.just("snapshot_create"),
        strategies.fixed_dictionaries(
            {
                "volume_name": name,
                "request": request(
                    api.snapshots.VolumeSnapshotDesc,
                    name=name,
                    bind=strategies.booleans(),
                ),
            }
        ),
    ),
    strategies.tuples(
        strategies.sampled_from(("volume_delete", "volume_freeze")),
        strategies.fixed_dictionaries({"volume_name": name}),
    ),
    strategies.tuples(
        strategies.just("snapshot_delete"),
        strategies.fixed_dictionaries({"snapshot_name": name}),
    ),
    strategies.tuples(
        strategies.just("volume_revert"),
        strategies.fixed_dictionaries(
            {
                "volume_name": name,
                "request": strategies.builds(
                    api.volumes.VolumeRevertDesc, to_snapshot=name
                ),
            }
        ),
    ),
    strategies.tuples(
        strategies.just("volumes_reassign"),
        strategies.fixed_dictionaries(
            {
                "request": strategies.lists(
                    strategies.builds(
                        api.attachments.ReassignDesc,
                        volume=name,
                        rw=clients,
                        ro=clients,
                        detach=strategies.one_of(
                            strategies.just("all"), clients
                        ),
                    ),
                    max_size=2,
                )
            }
        ),
    ),
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
    @hypothesis.given(strategies.lists(STEPS, max_size=40))
    def test_rules_hold(self, steps):
        state = State(RECORDS)
        clock = itertools.count(1000).__next__
        functions = calls(state, Lifetime(state, clock), Plenty(), clock)
        for function, arguments in steps:
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
                state.snapshot(each.name)
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
