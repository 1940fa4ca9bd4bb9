# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What holds in a cluster at every moment."""

from collections.abc import Iterator
import dataclasses

from storpool_simulator import cluster as clusters
from storpool_simulator.model.iscsi_records import IscsiExport
from storpool_simulator.model.iscsi_records import IscsiGroup
from storpool_simulator.model.iscsi_records import IscsiInitiator
from storpool_simulator.model.iscsi_records import IscsiSession
from storpool_simulator.model.iscsi_records import IscsiTarget
from storpool_simulator.model.records import AoeExport
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import Template
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.state import Place
from storpool_simulator.model.state import State
from storpool_simulator.model.switches import Switches
from storpool_simulator.model.tables import KINDS


@dataclasses.dataclass(frozen=True)
class Moment:
    """Everything there is, and how many changes made it."""

    generation: int
    records: dict[Place, Record]


def moment(cluster: clusters.Cluster) -> Moment:
    """What there is now."""
    return cluster.look(lambda state, _: _moment(state))


def _moment(state: State) -> Moment:
    found = {
        (each.table, each.key): each
        for kind in KINDS
        if kind is not Cluster
        for each in state.all(kind).values()
    }
    found |= {(each.table, each.key): each for each in state.objects.values()}
    return Moment(state.cluster.generation, found)


def broken(cluster: clusters.Cluster) -> list[str]:
    """What does not hold, in words."""
    rules = cluster.rules.now
    return cluster.look(lambda state, _: list(_broken(state, rules)))


def _broken(state: State, rules: Switches) -> Iterator[str]:
    yield from _names(state)
    yield from _parents(state)
    yield from _attachments(state)
    yield from _dependents(state)
    if rules.snapshot_delete_template == "busy":
        yield from _starts(state)
    if state.changes() or state.effects:
        yield f"not settled: {state.changes()} {state.effects}"


def _names(state: State) -> Iterator[str]:
    seen = set()
    for each in state.objects.values():
        if not each.name:
            continue
        if each.name in seen:
            yield f"{each.name}: the name of two"
        seen.add(each.name)
        if state.find(each.name) is not each:
            yield f"{each.name}: is not found by its name"


def _parents(state: State) -> Iterator[str]:
    for each in state.objects.values():
        above, seen = each, set()
        while above.parent:
            parent = state.objects.get(above.parent)
            if not isinstance(parent, Snapshot):
                yield f"{above.global_id}: no parent {above.parent}"
                break
            if parent.global_id in seen:
                yield f"{each.global_id}: descends from itself"
                break
            seen.add(parent.global_id)
            above = parent


def _attachments(state: State) -> Iterator[str]:
    places = set()
    for each in state.all(Attachment).values():
        found = state.objects.get(each.global_id)
        if found is None:
            yield f"attached and not there: {each.global_id}"
        if isinstance(found, Snapshot) and each.rights != "ro":
            yield f"snapshot attached {each.rights}: {each.global_id}"
        if str(each.client) not in state.all(Client):
            yield f"attached to nobody: {each}"
        if (each.client, each.pos) in places:
            yield f"two at one place: {each}"
        places.add((each.client, each.pos))


def _dependents(state: State) -> Iterator[str]:
    """Whatever else is about an object, and so needs it."""
    for kind in (Export, AoeExport, IscsiTarget, IscsiExport, IscsiSession):
        for each in state.all(kind).values():
            if each.global_id not in state.objects:
                yield f"{kind.__name__} of nothing: {each}"
    targets = {each.global_id for each in state.all(IscsiTarget).values()}
    for export in state.all(IscsiExport).values():
        if export.global_id not in targets:
            yield f"iSCSI export of no target: {export}"
        if export.initiator not in _names_of(state, IscsiInitiator):
            yield f"iSCSI export to nobody: {export}"
        if export.group not in _names_of(state, IscsiGroup):
            yield f"iSCSI export through nothing: {export}"
    for target in state.objects.values():
        if target.template and target.template not in state.all(Template):
            yield f"{target.global_id}: no template {target.template}"


def _starts(state: State) -> Iterator[str]:
    for template in state.all(Template).values():
        if template.parent and template.parent not in state.objects:
            yield f"template {template.name} starts at {template.parent}"


def _names_of(
    state: State, kind: type[IscsiInitiator] | type[IscsiGroup]
) -> set[str]:
    return {each.name for each in state.all(kind).values()}
