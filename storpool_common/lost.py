# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What became of a change whose answer was lost.

Such a change is made again. Where the first try was carried out, the second
one is refused, because the name is taken now or the object is gone; the
refusal then means success if the object is as the change would have left it.
This finds out more than looking first: a request that is still on its way to
the cluster while we look takes effect after the look.

A change that cannot be recognized by its effect (an object without a name,
a size that is added to) is not made twice.
"""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any
from typing import TypeVar

from storpool_common import api
from storpool_common import errors
from storpool_common import orders

R = TypeVar("R")


@dataclasses.dataclass
class Look(api.Calls):
    """The API's questions, asked while a change is being settled.

    :ivar carry_out: sends one within what is left of the change's deadline.
    :ivar route: the cluster that the change was for.
    :ivar generation: that of the cluster's configuration at the last answer.
    """

    carry_out: Callable[[orders.Order], tuple[Any, int]]
    route: orders.Route
    generation: int = 0

    def perform(
        self,
        call: api.call.Call[..., R],
        path: Mapping[str, Any],
        request: Any,
    ) -> R:
        """Ask one question."""
        answer: R
        answer, self.generation = self.carry_out(
            orders.order(call, path, request, self.route)
        )
        return answer


Settle = Callable[[Look, orders.Order], Any]
Find = Callable[[str], Sequence[api.volumes.VolumeSummaryBase]]


def may_repeat(change: orders.Order) -> bool:
    """Whether a change that may have been carried out can be made again."""
    name = change.call.python_name
    if name in _HARMLESS or name in _AGAIN_IS_REFUSED:
        return _REPEATABLE.get(name, _always)(change.request)
    return False


def settle(look: Look, change: orders.Order, refusal: errors.ApiError) -> Any:
    """The answer to a change that was refused when it was made again.

    :returns: what the first answer must have been, or None where the
        refusal is no sign that the change was carried out.
    """
    name = change.call.python_name
    expected, recognize = _AGAIN_IS_REFUSED.get(name, ((), _done))
    if not isinstance(refusal, expected):
        return None
    try:
        return recognize(look, change)
    except errors.ObjectDoesNotExist:
        return None


def _created_volume(look: Look, change: orders.Order) -> Any:
    request: api.volumes.VolumeCreateDesc = change.request
    (volume,) = look.volume_list(str(request.name))
    parent = request.parent
    if parent is not None and parent.startswith("~"):
        parent = look.snapshot_list(parent)[0].name
    same = (
        request.size in (None, volume.size)
        and request.template in (None, volume.template_name)
        and parent in (None, volume.parent_name)
        and (request.base_on is None or volume.parent_name != "")
        and _has_tags(volume, request.tags)
    )
    if not same:
        return None
    return api.volumes.ApiOkVolumeCreate(
        ok=True,
        generation=look.generation,
        name=volume.name,
        global_id=volume.global_id,
        auto_name=volume.parent_name if request.base_on else None,
    )


def _created_snapshot(look: Look, change: orders.Order) -> Any:
    request: api.snapshots.VolumeSnapshotDesc = change.request
    (snapshot,) = look.snapshot_list(str(request.name))
    (volume,) = look.volume_list(change.path["volume_name"])
    if not _is_of(snapshot, volume) or not _has_tags(snapshot, request.tags):
        return None
    return api.snapshots.ApiOkSnapshotCreate(
        ok=True,
        generation=look.generation,
        snapshot_global_id=snapshot.global_id,
        snapshot_visible_volume_id=snapshot.visible_volume_id,
    )


def _created_group(look: Look, change: orders.Order) -> Any:
    request: api.snapshots.GroupSnapshotsSpec = change.request
    taken = []
    for spec in request.volumes:
        (snapshot,) = look.snapshot_list(str(spec.name))
        (volume,) = look.volume_list(spec.volume)
        tags = {**(request.tags or {}), **(spec.tags or {})}
        if not _is_of(snapshot, volume) or not _has_tags(snapshot, tags):
            return None
        taken.append(
            api.snapshots.GroupSnapshotResult(
                volume=volume.name,
                volume_global_id=volume.global_id,
                snapshot=snapshot.name,
                snapshot_global_id=snapshot.global_id,
                remote_id=snapshot.global_id,
            )
        )
    return api.snapshots.GroupSnapshotsResult(snapshots=taken)


def _is_of(
    snapshot: api.snapshots.SnapshotSummary, volume: api.volumes.VolumeSummary
) -> bool:
    origin = snapshot.created_from_global_id
    if origin is None:
        return snapshot.on_volume == volume.name
    return origin == volume.global_id


def _set_pairs(look: Look, change: orders.Order) -> Any:
    request: api.kv.KeyValueBucketSetDesc = change.request
    bucket = look.kvs_list(change.path["bucket_name"])
    pairs = bucket.pairs or {}
    same = bucket.version - 1 == request.run_if_version_is and all(
        pairs.get(key, "") == value for key, value in request.set.items()
    )
    return _done(look, change) if same else None


def _deleted(look: Look, change: orders.Order) -> Any:
    # Any question tells the generation; this one is small everywhere.
    look.volume_templates_list()
    return _done(look, change)


def _frozen_volume(look: Look, change: orders.Order) -> Any:
    look.snapshot_list(change.path["volume_name"])
    return _done(look, change)


def _renamed_volume(look: Look, change: orders.Order) -> Any:
    return _renamed(look, change, look.volume_list)


def _renamed_snapshot(look: Look, change: orders.Order) -> Any:
    return _renamed(look, change, look.snapshot_list)


def _renamed(look: Look, change: orders.Order, find: Find) -> Any:
    """Whether what has the new name is what had the old one.

    Known by its global id, it is; known by a name, that has to be free.
    """
    request = change.request
    (old,) = change.path.values()
    if not request.rename:
        return None
    (found,) = find(request.rename)
    same = (
        (old == f"~{found.global_id}" or _is_free(find, old))
        and getattr(request, "size", None) in (None, found.size)
        and _has_tags(found, request.tags)
    )
    return _done(look, change) if same else None


def _is_free(find: Find, name: str) -> bool:
    try:
        find(name)
    except errors.ObjectDoesNotExist:
        return True
    return False


def _done(look: Look, change: orders.Order) -> Any:
    answer = api.CALLS[change.call.python_name].answer
    return answer(ok=True, generation=look.generation)


def _has_tags(
    found: api.volumes.VolumeSummaryBase, wanted: api.types.Tags | None
) -> bool:
    """Whether an object has the tags; an empty one means its absence."""
    tags = found.tags or {}
    return all(
        tags.get(name, "") == value for name, value in (wanted or {}).items()
    )


def _always(request: Any) -> bool:
    return True


def _named(request: Any) -> bool:
    return request is not None and bool(request.name)


def _all_named(request: api.snapshots.GroupSnapshotsSpec) -> bool:
    return all(spec.name for spec in request.volumes)


def _absolute(request: api.volumes.VolumeUpdateDesc) -> bool:
    return request.size_add is None


#: Made twice, these leave what they leave when made once.
_HARMLESS = frozenset(
    {
        "disk_set_desc",
        "volume_revert",
        "volumes_reassign",
        "volumes_reassign_wait",
    }
)
_GONE = (errors.ObjectDoesNotExist,)
_TAKEN = (errors.ObjectExists,)
_CHANGED = (errors.RunIfVersionIsMismatch,)
#: Made twice, these are refused with one of the errors beside them.
_AGAIN_IS_REFUSED: Mapping[
    str, tuple[tuple[type[errors.ApiError], ...], Settle]
] = {
    "kvs_delete": (_GONE, _deleted),
    "kvs_update": (_CHANGED, _set_pairs),
    "snapshot_create": (_TAKEN, _created_snapshot),
    "snapshot_create_group": (_TAKEN, _created_group),
    "snapshot_delete": (_GONE, _deleted),
    "snapshot_update": (_GONE + _TAKEN, _renamed_snapshot),
    "volume_create": (_TAKEN, _created_volume),
    "volume_delete": (_GONE, _deleted),
    "volume_freeze": (_GONE, _frozen_volume),
    "volume_template_delete": (_GONE, _deleted),
    "placement_group_delete": (_GONE, _deleted),
    "volume_update": (_GONE + _TAKEN, _renamed_volume),
}
#: What has to hold for those that are recognized by more than their path.
_REPEATABLE: Mapping[str, Callable[[Any], bool]] = {
    "snapshot_create": _named,
    "snapshot_create_group": _all_named,
    "volume_create": _named,
    "volume_update": _absolute,
}
