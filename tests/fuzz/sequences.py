# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Any sequence of calls: answered as declared, and the clusters are sound."""

import logging
import unittest

import fixtures
import hypothesis
import msgspec

from storpool_common.api.rules import declared
from storpool_simulator.model.switches import Switches
from storpool_simulator.service import Reply
from tests.fuzz import invariants
from tests.fuzz import pair
from tests.fuzz import progress
from tests.fuzz import steps

NOW = 1_795_000_000.0
#: Errors that are the cluster's, as a real one has them.
REFUSED_BY_CLUSTER = {
    ("insufficientResources", 507),
    ("remoteUnreachable", 504),
    ("timeout", 504),
}
#: Several changes, here and there, and what was done stays when the other
#: cluster fails.
IN_PARTS = {
    "snapshot_from_remote",
    "snapshot_move_to_remote",
    "volume_backup",
    "volume_from_remote",
    "volume_move_to_remote",
    "volumes_group_backup",
}


#: After MultiCluster/ these may have a volume come here first.
MOVING = {"volumes_reassign", "volumes_reassign_wait", "volume_acquire"}
#: Of these, nothing stays.
ALL_OR_NOTHING = {"volume_backup", "volumes_group_backup"}


class _Error(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    descr: str
    transient: bool


class _Refused(msgspec.Struct, forbid_unknown_fields=True):
    error: _Error


class _Answered(msgspec.Struct, forbid_unknown_fields=True):
    generation: int
    data: msgspec.Raw


class Run:
    """Two clusters for one sequence."""

    def __init__(self, rules: Switches, tally: progress.Tally) -> None:
        self._case = unittest.TestCase()
        self._tally = tally
        #: The end of a deletion may follow a call at once, a change of its
        #: own.
        self._later = 0 if rules.snapshot_delete_blocked == "no" else 1
        self._now = NOW
        self._pair = pair.Pair(rules, lambda: self._now)

    def __enter__(self) -> "Run":
        self._pair.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pair.__exit__()

    def take(self, step: steps.Step) -> None:
        """Make a request, and look at the answer and the clusters."""
        self._now += step.pause
        before = self._look()
        reply = pair.ask(
            self._pair.here, step.declared.method, step.target, step.body
        )
        self._tally.count(step.call, reply.status)
        after = self._look()
        self._case.assertEqual("application/json", reply.content_type)
        if reply.status == 200:
            self._check_answer(step, reply, after)
        else:
            self._check_refusal(reply)
        self._check_change(step, reply, before, after)

    def _look(self) -> invariants.Moment:
        for each in self._pair.both():
            self._case.assertEqual([], invariants.broken(each.cluster))
        return invariants.moment(self._pair.here.cluster)

    def _check_answer(
        self,
        step: steps.Step,
        reply: Reply,
        after: invariants.Moment,
    ) -> None:
        """The generation is that of the cluster that answered."""
        answered = msgspec.json.decode(reply.body, type=_Answered)
        there = invariants.moment(self._pair.there.cluster).generation
        if not step.route or answered.generation != there:
            self._require_growth(after.generation - answered.generation, 0)
        kind = declared(step.declared.answer)
        msgspec.json.decode(answered.data, type=kind)

    def _check_refusal(self, reply: Reply) -> None:
        error = msgspec.json.decode(reply.body, type=_Refused).error
        if (error.name, reply.status) in REFUSED_BY_CLUSTER:
            return
        if not 400 <= reply.status < 500:
            self._case.fail(f"{reply.status}: {error}")

    def _check_change(
        self,
        step: steps.Step,
        reply: Reply,
        before: invariants.Moment,
        after: invariants.Moment,
    ) -> None:
        same = before.records == after.records
        grown = after.generation - before.generation
        if step.call in ALL_OR_NOTHING and reply.status != 200:
            self._case.assertEqual(before.records, after.records)
        if step.call in IN_PARTS or (step.route and step.call in MOVING):
            self._case.assertGreaterEqual(grown, 0 if same else 1)
            return
        if not same and (step.declared.method, reply.status) != ("POST", 200):
            self._case.fail(f"{step} was answered {reply} and changed things")
        self._require_growth(grown, 0 if same else 1)

    def _require_growth(self, grown: int, wanted: int) -> None:
        self._case.assertIn(grown, (wanted, wanted + self._later))


def try_sequences(
    settings: hypothesis.settings, tally: progress.Tally
) -> None:
    """Make sequences of calls, as many as the settings say.

    :raises AssertionError: something does not hold; hypothesis tells of the
        shortest sequence that it found.
    """

    @settings
    @hypothesis.given(steps.SWITCHES, steps.BEGINNINGS, steps.SEQUENCES)
    def hold(
        rules: Switches,
        beginning: tuple[steps.Step, ...],
        sequence: list[steps.Step],
    ) -> None:
        with (
            fixtures.FakeLogger(level=logging.WARNING) as said,
            Run(rules, tally) as run,
        ):
            for step in (*beginning, *sequence):
                run.take(step)
        tally.end_sequence()
        if said.output:
            raise AssertionError(said.output)

    hold()
