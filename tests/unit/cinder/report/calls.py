# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""API calls of every hook, of this driver and of Cinder's own."""

from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses

from cinder import exception

from tests.unit.cinder import managed
from tests.unit.cinder.report import arranged
from tests.unit.cinder.report import hooks

PATH = "doc/source/reference/cinder_hooks.rst"

_HEAD = """\
===========================
API calls of Cinder's hooks
===========================

.. This page is printed by ``python -m tests.unit.cinder.report calls``.

How many calls of the StorPool API each thing takes that Cinder asks for: by
this driver, and by the one of Cinder's own tree, in one run against one
simulator. None of the numbers depends on the size of a volume or on how many
there are, and with 100,000 volumes and as many snapshots an operation on one
of them took 0.6 to 1.2 times what it took with 100
(``python -m tests.benchmarks cinder-volumes``).
*One change* says whether at most one of them changes anything, so that it
happens as a whole or not at all. Where *data* is marked, a test sees through
a block device that the data is right afterwards.

A *whole copy* is what Cinder does where a driver cannot: it reads and writes
every byte. *Not offered* is refused, or done by Cinder volume by volume. *Not
done* is said to have been done, and the cluster is not as it was asked to be.

.. list-table::
   :header-rows: 1
   :widths: 38 10 12 16 12 10

   * - what
     - ours
     - one change
     - in-tree
     - one change
     - data
"""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a hook took.

    :ivar calls: of the API.
    :ivar changes: those that were no question.
    :ivar instead: what happened in its place; empty where it was done.
    """

    calls: int
    changes: int
    instead: str = ""

    @property
    def count(self) -> str:
        """The calls, or why there are none to count."""
        return self.instead or str(self.calls)

    @property
    def one_change(self) -> str:
        """Whether it can only happen as a whole."""
        if self.instead or self.changes == 0:
            return "\\-"
        return "yes" if self.changes == 1 else "no"


#: Outcomes by the hooks' titles.
Outcomes = dict[str, Outcome]


class CallsTestCase(managed.ManagedTestCase):
    """Measures the hooks of one driver."""

    def begin(self, volume_driver: str) -> None:
        """Start the manager of a driver."""
        self.use_in_tree_configuration()
        self.start_manager(volume_driver)
        self.driver = self.manager.driver
        #: Ids of volume types by the template that they name.
        self.types: dict[str, str] = {}
        # The manager asks for statistics once more after some hooks.
        self.patch(
            "cinder.volume.manager.VolumeManager.publish_service_capabilities"
        )

    def measured(self, wanted: Iterable[hooks.Hook]) -> Outcomes:
        """What each hook takes."""
        return {hook.title: self._taken_by(hook) for hook in wanted}

    def _taken_by(self, hook: hooks.Hook) -> Outcome:
        self.empty_the_cluster()
        state = hook.prepare(self)
        self.simulator.clear_requests()
        instead = ""
        try:
            hook.run(self, state)
        except arranged.WholeCopy:
            instead = "a whole copy"
        except (NotImplementedError, exception.CinderException):
            instead = "not offered"
        asked = self.simulator.requests()
        changes = [entry for entry in asked if entry["method"] == "POST"]
        if not instead and not hook.right(self, state):
            instead = "not done"
        return Outcome(len(asked), len(changes), instead)


def page(ours: Outcomes, theirs: Outcomes) -> str:
    """The page of the documentation."""
    return _HEAD + "".join(
        line
        for hook in hooks.HOOKS
        for line in _lines(hook, ours[hook.title], theirs[hook.title])
    )


def _lines(hook: hooks.Hook, ours: Outcome, theirs: Outcome) -> Iterator[str]:
    cells = (
        hook.title,
        ours.count,
        ours.one_change,
        theirs.count,
        theirs.one_change,
        "yes" if hook.seen else "\\-",
    )
    for number, cell in enumerate(cells):
        yield f"   {'*' if number == 0 else ' '} - {cell}\n"
