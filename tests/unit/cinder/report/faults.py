# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every fault at every call of every operation, with both drivers."""

import collections
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses

from cinder import exception
from cinder.volume import driver as base_driver

from tests.unit.cinder import operations
from tests.unit.cinder import trials

PATH = "doc/source/reference/cinder_faults.rst"

_HEAD = """\
=========================
Faults and Cinder's hooks
=========================

.. This page is printed by ``python -m tests.unit.cinder.report faults``.

Every operation meets every fault at every one of its API calls, once and for
as long as it is tried: refused; an error that is called transient; the
connection closed before, and after, the call was carried out; a gateway's
HTML; half of an answer before, and after; no answer in time before, and
after. The operation is right if

* what comes out is an exception of Cinder's,
* the cluster is then as it was or as it is to be (of several volumes or
  snapshots: each of them),
* the operation succeeds when it is repeated once the fault is over,
* and afterwards nothing is left over.

The driver of Cinder's own tree runs in the same harness. It is counted where
it does the operation when nothing goes wrong and makes calls for it.

"""

_TABLE = """\
.. list-table::
   :header-rows: 1
   :widths: 34 14 14 38

   * - operation
     - ours
     - in-tree
     - what went wrong there
"""


@dataclasses.dataclass(frozen=True)
class Score:
    """How an operation came through its faults.

    :ivar wrong: how often each thing was wrong.
    """

    right: int
    wrong: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """How many faults it met."""
        return self.right + sum(count for _, count in self.wrong)

    def __str__(self) -> str:
        return f"{self.right} of {self.total}" if self.total else "\\-"

    @property
    def said(self) -> str:
        """What was wrong, in words."""
        return "; ".join(f"{what}: {count}" for what, count in self.wrong)


Scores = dict[str, Score]


class FaultsTestCase(trials.TrialTestCase):
    """Measures one driver."""

    def scored(self, chosen: operations.Operation) -> Score:
        """How an operation comes through; nothing where it is not done."""
        try:
            calls = self.calls_of(chosen)
        except (
            NotImplementedError,
            exception.CinderException,
            *trials.ESCAPED,
        ):
            return Score(0)
        verdicts = collections.Counter(
            self.tried(chosen, *each) for each in self.trials_of(calls)
        )
        right = verdicts.pop(trials.RIGHT, 0)
        return Score(right, tuple(sorted(verdicts.items())))

    def scores(
        self, kind: type[base_driver.VolumeDriver], wanted: Iterable[str]
    ) -> Scores:
        """The scores of operations."""
        self.use_in_tree_configuration()
        self.begin(kind)
        return {
            name: self.scored(operations.OPERATIONS[name]) for name in wanted
        }


def page(ours: Scores, theirs: Scores) -> str:
    """The page of the documentation."""
    return "".join(
        (
            _HEAD,
            f"In all, {_sum(ours)} are right with this driver, and with the"
            f" one of\nCinder's own tree {_sum(theirs)}.\n\n",
            _TABLE,
            *(row(name, ours[name], theirs[name]) for name in ours),
        )
    )


def row(name: str, ours: Score, theirs: Score) -> str:
    """The line of an operation."""
    return "".join(_lines((name, str(ours), str(theirs), theirs.said)))


def _lines(cells: tuple[str, ...]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"   {' ' if number else '*'} - {cell}".rstrip() + "\n"


def _sum(scores: Scores) -> str:
    right = sum(score.right for score in scores.values())
    return f"{right} of {sum(score.total for score in scores.values())}"
