# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The cluster at a glance, for the page that shows it."""

from typing import Any

from storpool_simulator.model.calls import Model
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Snapshot
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.records import Template
from storpool_simulator.model.state import State

#: Volumes and snapshots that are shown; the page says when there are more.
SHOWN = 500


def overview(state: State, model: Model) -> dict[str, Any]:
    """Templates, the tree of objects, and clients with what they hold."""
    objects = list(state.objects.values())
    shown = objects[:SHOWN]
    return {
        "cluster": state.cluster.id,
        "generation": state.cluster.generation,
        "templates": [
            _template(state, model, each)
            for each in state.all(Template).values()
        ],
        "objects": [_object(state, each) for each in shown],
        "more": len(objects) - len(shown),
        "clients": [
            _client(state, each) for each in state.all(Client).values()
        ],
    }


def _template(
    state: State, model: Model, template: Template
) -> dict[str, Any]:
    """No look at what each object stores: that takes long on real files."""
    space = model.capacity.client_data(template.policy.place_all)
    members = state.indexes.of_template(template.name)
    snapshots = sum(
        isinstance(state.objects[each], Snapshot) for each in members
    )
    return {
        "name": template.name,
        "capacity": space.total,
        "free": space.free,
        "volumes": len(list(members)) - snapshots,
        "snapshots": snapshots,
    }


def _object(state: State, target: StoredObject) -> dict[str, Any]:
    snapshot = isinstance(target, Snapshot)
    return {
        "id": target.global_id,
        "name": target.shown_name,
        "kind": "snapshot" if snapshot else "volume",
        "parent": target.parent,
        "size": target.size,
        "template": target.template,
    }


def _client(state: State, client: Client) -> dict[str, Any]:
    held = state.indexes.held(client.id)
    return {
        "id": client.id,
        "host": client.host,
        "up": client.up,
        "attachments": [
            {
                "name": state.shown_name(global_id),
                "rights": attachment.rights,
                "pos": attachment.pos,
            }
            for global_id, attachment in held.items()
        ],
    }
