# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the strings of an answer have to be like, checked after decoding.

msgspec looks for a pattern in each string as it comes: about ten searches
for each volume, three quarters of the time that a list of all volumes took.
Most of these strings are the same again and again, though. So structures of
answers are decoded without patterns (:func:`without_patterns`). Then a long
answer is checked by columns: for all elements of a list at once, each
different value of a member is searched. How a short one is, :mod:`.fits`
tells. One where something does not fit is decoded once more, into the types
as they are declared: it is msgspec that refuses, and says which member of
which element breaks which rule.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
import functools
import itertools
import operator
import re
import types
import typing
from typing import Annotated
from typing import Any
from typing import Literal

import msgspec

from storpool_common.api import fits

#: Tells whether all values of a column keep the rules.
Check = Callable[[Iterable[Any]], bool]

#: Bytes of JSON from which on the way by columns is the shorter one.
LONG = 8 * 1024

#: Values that are checked at once: as many as a processor's cache holds.
BATCH = 500

#: What a string may be bound by, besides a pattern.
_OF_STRINGS = (
    "min_length",
    "max_length",
    "title",
    "description",
    "examples",
    "extra_json_schema",
    "extra",
)


def decode(text: bytes | msgspec.Raw, kind: Any) -> Any:
    """Read JSON as a type, with all the rules of its declaration.

    A member that is said twice counts as it was said last.

    :raises ValidationError: a rule is broken; the message says where.
    :raises DecodeError: this is no JSON.
    """
    decoded = _decoder(kind).decode(text)
    is_right = fits_rules if len(memoryview(text)) < LONG else keeps_rules
    if not is_right(decoded, kind):
        _decoder(declared(kind)).decode(text)
    return decoded


def keeps_rules(decoded: Any, kind: Any) -> bool:
    """Whether every string that was decoded as a type fits its pattern."""
    check = _check_of(kind)
    return check is None or check([decoded])


def fits_rules(decoded: Any, kind: Any) -> bool:
    """The same as :func:`keeps_rules`, value by value."""
    fit = _fit_of(kind)
    return fit is None or bool(fit(decoded))


@functools.cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


def without_patterns(kind: Any) -> Any:
    """A type that is bound by all but patterns."""
    return _mapped(kind, lambda part: part, _without_pattern)


@functools.cache
def declared(kind: Any) -> Any:
    """A type as it is declared, with the patterns of its structures.

    Structures of answers that occur in it are others, of the same names.
    """
    return _mapped(kind, _declared_part, lambda meta: meta)


@functools.cache
def members(kind: Any) -> Mapping[str, Any]:
    """The types of a structure's members as they are declared."""
    found = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for base in reversed(kind.__mro__):
        found |= vars(base).get("declared_types", {})
    return types.MappingProxyType(found)


def _mapped(
    kind: Any, part: Callable[[Any], Any], meta: Callable[[Any], Any]
) -> Any:
    """The same type of other parts and with other bounds."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None or origin is Literal:
        return part(kind)
    if origin is Annotated:
        plain, *metas = arguments
        return Annotated[(_mapped(plain, part, meta), *map(meta, metas))]
    mapped = tuple(_mapped(each, part, meta) for each in arguments)
    if origin in (typing.Union, types.UnionType):
        return functools.reduce(operator.or_, mapped)
    return origin[mapped]


def _without_pattern(meta: Any) -> Any:
    if not isinstance(meta, msgspec.Meta) or meta.pattern is None:
        return meta
    return msgspec.Meta(**{name: getattr(meta, name) for name in _OF_STRINGS})


def _declared_part(kind: Any) -> Any:
    return _structure(kind) if hasattr(kind, "declared_types") else kind


@functools.cache
def _structure(kind: Any) -> Any:
    kinds = members(kind)
    fields = msgspec.structs.fields(kind)
    return msgspec.defstruct(
        kind.__name__,
        [
            (field.name, declared(kinds[field.name]), _default(field))
            for field in fields
        ],
        module=kind.__module__,
        namespace={"__doc__": kind.__doc__},
        rename={field.name: field.encode_name for field in fields},
        kw_only=True,
        frozen=True,
        omit_defaults=True,
    )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.field(default=field.default)


@functools.cache
def _fit_of(kind: Any) -> fits.Fit | None:
    return fits.fit(msgspec.inspect.type_info(declared(kind)))


@functools.cache
def _check_of(kind: Any) -> Check | None:
    return _check(msgspec.inspect.type_info(declared(kind)))


def _check(kind: msgspec.inspect.Type) -> Check | None:
    """What has to hold for values of a type; None where nothing has."""
    match kind:
        case msgspec.inspect.Metadata(type=inner):
            return _check(inner)
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return _Text(re.compile(pattern).search)
        case msgspec.inspect.ListType(item_type=item):
            return _each(itertools.chain.from_iterable, _check(item))
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return _every(
                _each(itertools.chain.from_iterable, _check(key)),
                _each(_values, _check(value)),
            )
        case msgspec.inspect.StructType(fields=fields):
            return _every(
                *(
                    _each(_member(field.name), _check(field.type))
                    for field in fields
                )
            )
        case msgspec.inspect.UnionType(types=parts):
            return _every(*map(_part, parts))
    return None


def _each(
    inner: Callable[[Iterable[Any]], Iterable[Any]], check: Check | None
) -> Check | None:
    return None if check is None else _Inner(inner, check)


def _every(*checks: Check | None) -> Check | None:
    needed = tuple(check for check in checks if check is not None)
    return _Every(needed) if needed else None


def _member(name: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    return functools.partial(map, operator.attrgetter(name))


def _values(column: Iterable[dict[Any, Any]]) -> Iterable[Any]:
    return itertools.chain.from_iterable(map(dict.values, column))


def _part(kind: msgspec.inspect.Type) -> Check | None:
    check = _check(kind)
    if check is None:
        return None
    decoded = fits.decoded(kind)
    return _Inner(
        lambda column: (each for each in column if isinstance(each, decoded)),
        check,
    )


@dataclasses.dataclass(frozen=True)
class _Text:
    """Whether a pattern is found in each of some strings."""

    search: Callable[[str], Any]

    def __call__(self, column: Iterable[str]) -> bool:
        # Unlike a set, a dictionary gives them in the order in which they
        # lie in memory.
        return all(map(self.search, dict.fromkeys(column)))


@dataclasses.dataclass(frozen=True)
class _Inner:
    """Whether what is in each of some values keeps the rules."""

    inner: Callable[[Iterable[Any]], Iterable[Any]]
    check: Check

    def __call__(self, column: Iterable[Any]) -> bool:
        return self.check(self.inner(column))


@dataclasses.dataclass(frozen=True)
class _Every:
    """Whether each of some checks holds for the same values."""

    checks: tuple[Check, ...]

    def __call__(self, column: Iterable[Any]) -> bool:
        values = iter(column)
        while batch := list(itertools.islice(values, BATCH)):
            if not all(check(batch) for check in self.checks):
                return False
        return True
