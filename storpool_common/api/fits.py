# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the strings of an answer have to be like, in two ways to ask.

Strings repeat themselves. Of many values those of a member are a column, of
which each different one is searched. That takes too long for one value: with
ten strings it is most of what there is to do. There the strings that were
found right are remembered, as a volume is asked about again.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import functools
import itertools
import operator
import re
from typing import Any
from typing import NamedTuple

import msgspec

#: Strings remembered for each pattern, of which the oldest go.
REMEMBERED = 1024

#: Values of a column that are checked at once: as many as a processor's
#: cache holds.
BATCH = 500

#: What msgspec makes of the parts of a union that can be told apart.
_DECODED: tuple[tuple[type[msgspec.inspect.Type], type], ...] = (
    (msgspec.inspect.StrType, str),
    (msgspec.inspect.ListType, list),
    (msgspec.inspect.DictType, dict),
    (msgspec.inspect.StructType, msgspec.Struct),
)


class Fit(NamedTuple):
    """What has to hold for the values of a type.

    :ivar value: tells, by what is true or false, whether one value fits.
    :ivar column: whether each of some values does.
    """

    value: Callable[[Any], Any]
    column: Callable[[Iterable[Any]], bool]


def fit(kind: msgspec.inspect.Type) -> Fit | None:
    """What has to hold for values of a type; None where nothing has."""
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return fit(inner)
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return _text(pattern)
        case msgspec.inspect.ListType(item_type=item):
            return _within(iter, fit(item))
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return _both(
                _within(iter, fit(key)), _within(dict.values, fit(value))
            )
        case msgspec.inspect.StructType(fields=fields):
            return _members({each.name: fit(each.type) for each in fields})
        case msgspec.inspect.UnionType(types=parts):
            return functools.reduce(_both, map(_part, parts))
    return None


@functools.cache
def _text(pattern: str) -> Fit:
    search = re.compile(pattern).search
    return Fit(
        functools.lru_cache(REMEMBERED)(search),
        # Unlike a set, a dictionary gives them in the order in which they
        # lie in memory.
        lambda column: all(map(search, dict.fromkeys(column))),
    )


def _within(
    inside: Callable[[Any], Iterable[Any]], inner: Fit | None
) -> Fit | None:
    """What has to hold for all that is inside of a value."""
    if inner is None:
        return None
    value, column = inner
    return Fit(
        lambda outer: all(map(value, inside(outer))),
        lambda outers: column(
            itertools.chain.from_iterable(map(inside, outers))
        ),
    )


def _both(one: Fit | None, other: Fit | None) -> Fit | None:
    if one is None or other is None:
        return one or other
    return Fit(
        lambda value: one.value(value) and other.value(value),
        lambda column: all(
            one.column(batch) and other.column(batch)
            for batch in _batches(column)
        ),
    )


def _members(found: Mapping[str, Fit | None]) -> Fit | None:
    needed = {name: each for name, each in found.items() if each is not None}
    if not needed:
        return None
    # Of one name alone it would not be a tuple.
    members = operator.attrgetter(*needed, next(iter(needed)))
    values, columns = zip(*needed.values(), strict=True)
    return Fit(
        lambda value: all(map(operator.call, values, members(value))),
        lambda column: all(
            all(map(operator.call, columns, _turned(map(members, batch))))
            for batch in _batches(column)
        ),
    )


def _part(kind: msgspec.inspect.Type) -> Fit | None:
    """What has to hold for values that are that part of a union."""
    inner = fit(kind)
    if inner is None:
        return None
    made = _decoded(kind)
    return Fit(
        lambda value: not isinstance(value, made) or inner.value(value),
        lambda column: inner.column(
            each for each in column if isinstance(each, made)
        ),
    )


def _decoded(part: msgspec.inspect.Type) -> type:
    """What a part of a union is decoded as; ``object`` if that is no use."""
    bare = part.type if isinstance(part, msgspec.inspect.Metadata) else part
    for info, made in _DECODED:
        if isinstance(bare, info):
            return made
    return object


def _turned(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return zip(*rows, strict=True)


def _batches(column: Iterable[Any]) -> Iterator[list[Any]]:
    values = iter(column)
    while batch := list(itertools.islice(values, BATCH)):
        yield batch
