# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What every change does: a new generation, new numbers, an answer."""

import msgspec

from storpool_common.api.types import ApiOk
from storpool_simulator.model.records import AoeExport
from storpool_simulator.model.records import StoredObject
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.state import State
from storpool_simulator.refusal import invalid

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def done(state: State) -> ApiOk:
    """Count the change under way and answer it."""
    return ApiOk(ok=True, generation=count(state))


def count(state: State) -> int:
    """Give the change under way its generation.

    A request that changes nothing (a detach of what is not attached) leaves
    the generation as it is.
    """
    if state.changes():
        grown = state.cluster.generation + 1
        state.put(msgspec.structs.replace(state.cluster, generation=grown))
    return state.cluster.generation


def next_number(state: State) -> int:
    """A number that no object of this cluster ever had."""
    number = state.cluster.numbers + 1
    state.put(msgspec.structs.replace(state.cluster, numbers=number))
    return number


def global_id(state: State, number: int) -> str:
    """The global id of the object with that number."""
    word = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        word = _DIGITS[digit] + word
    return f"{state.cluster.id}.{word}"


def forget(state: State, target: StoredObject) -> None:
    """Remove an object, and what others see of it."""
    for export in list(state.all(Export).values()):
        if export.global_id == target.global_id:
            state.remove(export)
    aoe = state.all(AoeExport).get(target.global_id)
    if aoe is not None:
        state.remove(aoe)
    state.remove(target)


def merge_tags(
    current: dict[str, str], said: dict[str, str] | None
) -> dict[str, str]:
    """Tags after an update: an empty value removes, the unsaid stays."""
    merged = {**current, **(said or {})}
    return {name: value for name, value in merged.items() if value}


def removal_date(
    now: float, delete_after: int | None, date: int | None, unsaid: int
) -> int:
    """When a snapshot is to be removed.

    :param delete_after: seconds from ``now``, 0 for never.
    :param date: Unix time, 0 for never.
    :param unsaid: what it is when neither is given.
    """
    if delete_after is not None and date is not None:
        raise invalid("give either deleteAfter or targetDeleteDate")
    if delete_after is not None:
        if delete_after < 0:
            raise invalid(f"deleteAfter {delete_after} is negative")
        return int(now) + delete_after if delete_after else 0
    if date is None:
        return unsaid
    if date and date < now:
        raise invalid(f"targetDeleteDate {date} is in the past")
    return date
