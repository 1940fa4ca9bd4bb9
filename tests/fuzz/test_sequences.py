# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Any sequence of calls: answered as declared, and the cluster is sound."""

import logging
import os

import fixtures
import hypothesis
import msgspec
import testtools

from storpool_simulator import service
from storpool_simulator import simulator
from storpool_simulator import testing
from tests.fuzz import documents
from tests.fuzz import invariants
from tests.fuzz import steps

VARIABLE = "STORPOOL_FUZZ_SEQUENCES"
FEW = 60
NOW = 1_795_000_000.0
TOKEN = "1234"
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


class _Error(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    descr: str
    transient: bool


class _Refused(msgspec.Struct, forbid_unknown_fields=True):
    error: _Error


class _Answered(msgspec.Struct, forbid_unknown_fields=True):
    generation: int
    data: msgspec.Raw


def _settings() -> hypothesis.settings:
    many = os.environ.get(VARIABLE)
    return hypothesis.settings(
        max_examples=int(many) if many else FEW,
        derandomize=not many,
        database=None,
        deadline=None,
        print_blob=True,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
    )


class Run:
    """A simulator for one sequence."""

    def __init__(self, case: testtools.TestCase) -> None:
        self._case = case
        self._now = NOW
        self._simulator = simulator.Simulator(
            simulator.Options(
                token=TOKEN,
                clients=testing.CLIENTS,
                templates=testing.TEMPLATES,
                cluster_id=documents.CLUSTER,
                clock=lambda: self._now,
            )
        )
        self._simulator.start()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self._simulator.stop()

    def take(self, step: steps.Step) -> None:
        """Make a request, and look at the answer and the cluster."""
        self._now += step.pause
        before = self._look()
        reply = self._simulator.service.answer(
            service.Request(
                method=step.declared.method,
                path=step.target,
                authorization=f"Storpool v1:{TOKEN}",
                body=step.body,
            )
        )
        after = self._look()
        self._case.assertEqual("application/json", reply.content_type)
        if reply.status == 200:
            self._check_answer(step, reply, after)
        else:
            self._check_refusal(reply)
        self._check_change(step, reply, before, after)

    def _look(self) -> invariants.Moment:
        def moment(state, _):
            return list(invariants.broken(state)), invariants.Moment.of(state)

        broken, found = self._simulator.cluster.look(moment)
        self._case.assertEqual([], broken)
        return found

    def _check_answer(
        self,
        step: steps.Step,
        reply: service.Reply,
        after: invariants.Moment,
    ) -> None:
        answered = msgspec.json.decode(reply.body, type=_Answered)
        self._case.assertEqual(after.generation, answered.generation)
        msgspec.json.decode(answered.data, type=step.declared.answer)

    def _check_refusal(self, reply: service.Reply) -> None:
        error = msgspec.json.decode(reply.body, type=_Refused).error
        if (error.name, reply.status) in REFUSED_BY_CLUSTER:
            return
        if not 400 <= reply.status < 500:
            self._case.fail(f"{reply.status}: {error}")

    def _check_change(
        self,
        step: steps.Step,
        reply: service.Reply,
        before: invariants.Moment,
        after: invariants.Moment,
    ) -> None:
        same = before.records == after.records
        grown = after.generation - before.generation
        if step.call in IN_PARTS:
            self._case.assertGreaterEqual(grown, 0 if same else 1)
            return
        if not same and (step.declared.method, reply.status) != ("POST", 200):
            self._case.fail(f"{step} was answered {reply} and changed things")
        self._case.assertEqual(0 if same else 1, grown, f"{step}: {reply}")


class SequencesTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.said = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))

    @_settings()
    @hypothesis.given(steps.SEQUENCES)
    def test_any_sequence(self, sequence: list[steps.Step]) -> None:
        with Run(self) as run:
            for step in (*steps.START, *sequence):
                run.take(step)
        self.assertEqual("", self.said.output)
