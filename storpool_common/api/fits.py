# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the strings of a short answer have to be like, value by value.

A volume has ten strings that are bound by patterns, and to search all took
msgspec four times as long as to decode it. Answers repeat themselves: the
names of the cluster, of templates and placement groups are always the same,
and a volume is asked about again. What was found right is remembered.
"""

from collections.abc import Callable
from collections.abc import Iterable
import functools
import operator
import re
from typing import Any

import msgspec

#: Tells, by what is true or false, whether a value keeps the rules.
Fit = Callable[[Any], Any]

#: Strings remembered for each pattern, of which the oldest go.
REMEMBERED = 1024

#: What msgspec makes of the parts of a union that can be told apart.
_DECODED: tuple[tuple[type[msgspec.inspect.Type], type], ...] = (
    (msgspec.inspect.StrType, str),
    (msgspec.inspect.ListType, list),
    (msgspec.inspect.DictType, dict),
    (msgspec.inspect.StructType, msgspec.Struct),
)


def fit(kind: msgspec.inspect.Type) -> Fit | None:
    """What has to hold for a value of a type; None where nothing has."""
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return fit(inner)
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return _search(pattern)
        case msgspec.inspect.ListType(item_type=item):
            return _elements(fit(item))
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return _both(_elements(fit(key)), _values(fit(value)))
        case msgspec.inspect.StructType(fields=fields):
            return _members((field.name, fit(field.type)) for field in fields)
        case msgspec.inspect.UnionType(types=parts):
            return functools.reduce(_both, map(_part, parts))
    return None


def decoded(part: msgspec.inspect.Type) -> type:
    """What a part of a union is decoded as; ``object`` if that is no use."""
    bare = part.type if isinstance(part, msgspec.inspect.Metadata) else part
    for info, made in _DECODED:
        if isinstance(bare, info):
            return made
    return object


@functools.cache
def _search(pattern: str) -> Fit:
    return functools.lru_cache(REMEMBERED)(re.compile(pattern).search)


def _elements(inner: Fit | None) -> Fit | None:
    if inner is None:
        return None
    return lambda value: all(map(inner, value))


def _values(inner: Fit | None) -> Fit | None:
    if inner is None:
        return None
    return lambda value: all(map(inner, value.values()))


def _both(one: Fit | None, other: Fit | None) -> Fit | None:
    if one is None or other is None:
        return one or other
    return lambda value: one(value) and other(value)


def _members(found: Iterable[tuple[str, Fit | None]]) -> Fit | None:
    needed = {name: each for name, each in found if each is not None}
    if not needed:
        return None
    # Of one name alone it would not be a tuple.
    values = operator.attrgetter(*needed, next(iter(needed)))
    fits = tuple(needed.values())
    return lambda value: all(map(operator.call, fits, values(value)))


def _part(kind: msgspec.inspect.Type) -> Fit | None:
    """What has to hold for a value if it is that part of a union."""
    inner = fit(kind)
    if inner is None:
        return None
    made = decoded(kind)
    return lambda value: not isinstance(value, made) or inner(value)
